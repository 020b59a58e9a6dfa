"""The same responses by raw Starlette and by stock Strawberry, for `benchmarks.requests`.

``python -m benchmarks.requests_peers raw|stock FD``, with JSON on the standard input. Like the
product, both run in uvicorn with uvloop and httptools.
"""

import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from pigeonhole.access import keys
from pigeonhole.access.viewers import Held, Viewer
from pigeonhole.services import database
from pigeonhole.services.choices import signing_secret
from pigeonhole.services.predictors import Predictors
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from server.api import enums  # noqa: F401 - describes the domain's enums, which types name
from server.api.context import Context
from server.api.query import Query
from server.api.scalars import SCALARS
from server.auth.picture_urls import PictureUrls


def start(name: str, given: object) -> tuple["subprocess.Popen[str]", int]:
    """Start a server in a process of its own; return the process and its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=2_048) as listener:
        listener.set_inheritable(True)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.requests_peers", name, str(listener.fileno())],
            stdin=subprocess.PIPE, text=True, pass_fds=[listener.fileno()],
        )  # fmt: skip
        port: int = listener.getsockname()[1]
    assert process.stdin is not None
    json.dump(given, process.stdin)
    process.stdin.close()
    return process, port


def raw(answers: dict[str, Any]) -> Starlette:
    """Return plain Starlette, which reads the body as JSON and returns a prepared response."""

    async def answer(request: Request) -> Response:
        return JSONResponse(answers[(await request.json())["query"]])

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])


def stock(given: dict[str, Any]) -> Starlette:
    """Return stock Strawberry: the same queries over the same rows; no keys, limits or rates."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        settings = Settings(data_dir=given["folder"])
        async with database.connected(settings.resolved_database_url):
            key = (await keys.live())[0]
            urls = PictureUrls("http://127.0.0.1", await signing_secret("url_secret"))
            nothing: Any = None
            services = Services(
                settings,
                nothing,
                nothing,
                nothing,
                nothing,
                nothing,
                Predictors(),
                nothing,
                nothing,
                nothing,
                nothing,
            )
            app.state.context = services, urls, Viewer(Held(key, 0.0)), nothing
            yield

    class Stock(GraphQL[Context, None]):
        async def get_context(self, request: Any, response: Any) -> Context:
            return Context(*request.app.state.context)

    schema = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))
    return Starlette(routes=[Route("/graphql", Stock(schema))], lifespan=lifespan)


def main() -> None:
    """Serve until a signal stops this process."""
    name, fd = sys.argv[1:]
    app = {"raw": raw, "stock": stock}[name](json.load(sys.stdin))
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", log_config=None, access_log=False, server_header=False
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(fd))])


if __name__ == "__main__":
    main()
