"""The web application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from pigeonhole.encoding import chosen_encoder
from pigeonhole.services import Services, open_services
from pigeonhole.settings import Settings
from server import health, page
from server.context import Context
from server.picture_urls import PATH, PictureUrls, picture, url_secret
from server.schema import schema
from server.transport.app import GraphQLApp

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
            app.state.urls_secret = await url_secret()
            loading = asyncio.create_task(opened.encoding.load(await chosen_encoder(settings)))
            app.state.encoder_loading = loading
            yield
            loading.cancel()

    async def make_context(connection: HTTPConnection) -> Context:
        state = connection.app.state
        scheme = "https" if connection.url.scheme in ("https", "wss") else "http"
        base = f"{scheme}://{connection.url.netloc}"
        return Context(state.services, PictureUrls(base, state.urls_secret))

    graphql = GraphQLApp(schema, make_context=make_context, graphiql=page.graphiql())
    return Starlette(
        routes=[
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route(f"{PATH}/{{token}}", picture),
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            *page.routes(),
        ],
        middleware=[Middleware(page.PageHeaders)],
        lifespan=lifespan,
    )
