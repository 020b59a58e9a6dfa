"""The web application."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from pigeonhole.encoding import chosen_encoder
from pigeonhole.errors import PigeonholeError
from pigeonhole.keys import signing_secret
from pigeonhole.rates import Rates
from pigeonhole.services import Services, open_services
from pigeonhole.settings import Settings, listed
from pigeonhole.sockets import Sockets
from pigeonhole.viewers import Viewers
from server import health, login, openapi, page, rest
from server.callers import close_with_key, viewer_of
from server.context import Context
from server.cors import cors
from server.metering import Meter
from server.picture_urls import PATH, PictureUrls, base_of, picture, url_secret
from server.registered import registered
from server.schema import schema
from server.sessions import Sessions
from server.tokens import Tokens, token
from server.transport.app import GraphQLApp
from server.transport.errors import RequestError, answer_of

COLLECT_AFTER = (20_000, 20, 20)
"""Objects that are made before the youngest are collected, and how often before the older are."""

log = structlog.get_logger(__name__)


def create_app(settings: Settings, services: Services | None = None) -> Starlette:
    """The application; what it opens lives as long as the server runs.

    Args:
        services: What is open in this process already, if something is.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with nullcontext(services) if services else open_services(settings) as opened:
            app.state.services = opened
            app.state.rates = Rates(opened.redis, settings)
            app.state.sockets = Sockets(opened.redis, settings)
            app.state.urls_secret = await url_secret()
            app.state.sessions = Sessions(await signing_secret("session_secret"))
            app.state.tokens = Tokens(await signing_secret("token_secret"))
            app.state.viewers = Viewers()
            watching = [
                asyncio.create_task(each.watch()) for each in (app.state.viewers, app.state.sockets)
            ]
            loading = asyncio.create_task(opened.encoding.load(await chosen_encoder(settings)))
            app.state.encoder_loading = loading
            if services is None:  # the process is a server and nothing else
                loading.add_done_callback(lambda _: spare_the_collector())
            yield
            loading.cancel()
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def make_context(connection: HTTPConnection) -> Context:
        state = connection.app.state
        viewer = await viewer_of(connection)
        meter = Meter.of(connection, viewer)
        on_close = None
        if isinstance(connection, WebSocket):
            close_with_key(connection, viewer)
            place = await state.sockets.open(meter.caller)
            on_close = partial(state.sockets.close, place)
        urls = PictureUrls(base_of(connection), state.urls_secret)
        return Context(state.services, urls, viewer, meter, on_close)

    graphql = GraphQLApp(
        schema,
        make_context=make_context,
        graphiql=page.graphiql() if settings.graphiql else None,
        allowed_origins=listed(settings.cors_origins),
        registered_documents=registered(settings.registered_documents),
    )
    return Starlette(
        routes=[
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route(f"{PATH}/{{token}}", picture),
            Route("/oauth/token", token, methods=["POST"]),
            Route(rest.PATH, rest.Invoke(make_context)),
            Route(openapi.PATH, openapi.document),
            *login.routes(),
            *page.routes(),
        ],
        middleware=[*cors(settings), Middleware(page.PageHeaders)],
        exception_handlers={RequestError: refuse, PigeonholeError: refuse},
        lifespan=lifespan,
    )


def spare_the_collector() -> None:
    """Let the garbage collector leave alone what is open for good, above all the encoder.

    It would else look through all of it now and then, and hold up every request meanwhile; and a
    page of samples, of some ten thousand objects, is done before it is looked through at all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def refuse(request: Request, error: Exception) -> Response:
    """Answer what a route outside GraphQL refuses, in GraphQL's form."""
    status, headers, told = answer_of(error)
    body = {"errors": [{"message": told.message, "extensions": dict(told.extensions or {})}]}
    return JSONResponse(body, status, headers)
