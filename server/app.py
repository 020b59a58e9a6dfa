"""The web application, assembled."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import anyio._backends._asyncio  # noqa: F401 - otherwise the first request waits for its import
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from pigeonhole.access.open_sockets import Sockets
from pigeonhole.access.rates import Rates
from pigeonhole.access.viewers import Viewers
from pigeonhole.errors import PigeonholeError
from pigeonhole.kinds import LogLevel
from pigeonhole.services import outages
from pigeonhole.services.choices import chosen_encoder, signing_secret
from pigeonhole.services.loop_lag import LoopLag
from pigeonhole.services.refusals import patiently
from pigeonhole.services.services import Services, open_services
from pigeonhole.setting_checks import listed
from pigeonhole.settings import Settings
from pigeonhole.training.preloading import preload
from server.api.context import Context
from server.api.metering import Meter
from server.api.registered import registered
from server.api.schema import schema
from server.auth.callers import close_with_key, viewer_of
from server.auth.picture_urls import PATH, PictureUrls, base_of, picture
from server.auth.sessions import Sessions
from server.auth.tokens import Tokens, token
from server.transport.app import GraphQLApp
from server.transport.errors import RequestError, answer_of, body_of
from server.transport.forwarded import forwarded
from server.transport.limits import Limits
from server.transport.observed import Observing, observed_in
from server.transport.shielded import Shielded
from server.transport.stopping import Stopping
from server.web import (
    export,
    health,
    login,
    metrics,
    model_export,
    openapi,
    page,
    proxy_hints,
    rest,
    share,
)
from server.web.cors import cors

COLLECT_AFTER = (2_000, 5, 500)
"""Objects that are made before the youngest are collected, and how often before the older are.
The collector takes 0.3 ms for each 1,000 objects in use, in which nothing else runs."""
SHUTDOWN_S = 10.0
"""Seconds that a stopping server waits for running mutations."""

log = structlog.get_logger(__name__)


def create_app(settings: Settings, services: Services | None = None) -> Starlette:
    """Create the application; what it opens is open for as long as the server runs.

    Args:
        services: Services that this process has already opened, if any.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with nullcontext(services) if services else open_services(settings) as opened:
            app.state.services = opened
            app.state.rates = Rates(opened.redis, settings)
            app.state.sockets = Sockets(opened.redis, settings)
            app.state.urls_secret = await signing_secret("url_secret")
            app.state.sessions = Sessions(await signing_secret("session_secret"))
            app.state.tokens = Tokens(await signing_secret("token_secret"))
            app.state.viewers = Viewers()
            app.state.pulse = health.Pulse()
            app.state.readiness = health.Readiness()
            app.state.loop_lag = LoopLag(is_watched=settings.log_level is LogLevel.DEBUG)
            watching = [
                asyncio.create_task(each.watch())
                for each in (
                    app.state.viewers,
                    app.state.sockets,
                    app.state.pulse,
                    app.state.loop_lag,
                )
            ]
            loading = asyncio.create_task(load_encoder(opened))
            app.state.encoder_loading = loading
            if services is None:  # the process is only a server
                loading.add_done_callback(lambda _: spare_the_collector())
                watching.append(asyncio.create_task(preload_encoders(opened, loading)))
            yield
            await shielded.drain(SHUTDOWN_S)
            loading.cancel()
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def make_context(connection: HTTPConnection) -> Context:
        state = connection.app.state
        viewer = await viewer_of(connection)
        meter = Meter.of(connection, viewer)
        observed = observed_in(connection.scope)
        observed.caller = meter.caller
        on_close = None
        if isinstance(connection, WebSocket):
            close_with_key(connection, viewer)
            place = await state.sockets.open(meter.caller)
            on_close = partial(state.sockets.close, place)
        urls = PictureUrls(base_of(connection), state.urls_secret)
        return Context(state.services, urls, viewer, meter, on_close, observed)

    limits = Limits(upload_folder=settings.resolved_data_dir)
    shielded = Shielded(limits.mutations)
    graphql = GraphQLApp(
        schema,
        shielded=shielded,
        make_context=make_context,
        limits=limits,
        graphiql=page.graphiql() if settings.graphiql else None,
        allowed_origins=listed(settings.cors_origins),
        registered_documents=registered(settings.registered_documents),
    )
    app = Starlette(
        routes=[
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route("/metrics", metrics.figures),
            Route("/version", metrics.version),
            Route(f"{PATH}/{{token}}", picture),
            Route("/oauth/token", token, methods=["POST"]),
            Route(rest.PATH, rest.Invoke(make_context, shielded, limits)),
            Route(export.PATH, export.Export(make_context).answer, methods=["GET"]),
            Route(
                model_export.PATH, model_export.ModelExport(make_context).answer, methods=["GET"]
            ),
            Route(openapi.PATH, openapi.document),
            *share.routes(make_context),
            *login.routes(),
            *page.routes(),
        ],
        middleware=[
            *forwarded(settings),
            Middleware(proxy_hints.ProxyHints),
            Middleware(Observing, slow_s=settings.slow_request_s),
            *cors(settings),
            Middleware(page.PageHeaders),
        ],
        exception_handlers=dict.fromkeys(
            (RequestError, PigeonholeError, *outages.KINDS, Exception), refuse
        ),
        lifespan=lifespan,
    )
    app.state.stopping = Stopping()
    return app


async def load_encoder(services: Services) -> None:
    """Load the encoder of new functions; it is chosen, and fetched, at the first start.

    An encoder service is waited for, whenever it comes.
    """

    async def load() -> None:
        await services.encoding.load(await chosen_encoder(services.settings))

    await (load() if services.encoding.loaded.service is None else patiently(load))


async def preload_encoders(services: Services, loading: asyncio.Task[None]) -> None:
    """Load the encoders of functions too, once that of new functions is chosen and loaded."""
    await asyncio.wait([loading])
    await preload(services)


def spare_the_collector() -> None:
    """Exclude permanent objects, above all the encoder, from garbage collection.

    Otherwise the collector would traverse them now and then and delay every request meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def refuse(request: Request, error: Exception) -> Response:
    """Return the response for a refusal of a route outside GraphQL, in GraphQL's form."""
    status, headers, told = answer_of(error)
    return JSONResponse(body_of(told), status, headers)
