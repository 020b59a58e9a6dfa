"""The web page and GraphiQL as built, without requests to other hosts."""

from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.transport.forwarded import path_within

FOLDERS = (
    Path(__file__).parent / "page",  # in a wheel
    Path(__file__).parents[2] / "frontend-stub" / "dist",  # in a checkout
)
PAGE = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""The Content-Security-Policy of the page."""
GRAPHIQL = {**PAGE, "style-src": "'self' 'unsafe-inline'", "worker-src": "'self' blob:"}
"""GraphiQL's editor writes style elements, and checks documents in workers."""
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Pigeonhole</title>
<h1>The page is not built</h1><p>Run <code>make page</code> and start again. The API at
<code>/graphql</code> works without it.</p></html>"""


def built() -> Path | None:
    """Return the folder of the built page; None if it is not built."""
    return next((path for path in FOLDERS if (path / "index.html").is_file()), None)


def graphiql() -> str | None:
    """Return the HTML of GraphiQL's page; None if it is not built."""
    folder = built()
    return None if folder is None else (folder / "graphiql.html").read_text(encoding="utf-8")


def routes() -> list[BaseRoute]:
    """Return the routes of the page and its assets, or of a hint to build it."""
    folder = built()
    if folder is None:
        return [Route("/", _not_built)]
    return [Mount("/", StaticFiles(directory=folder, html=True))]


def _policy(directives: Mapping[str, str]) -> bytes:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items()).encode()


FOR_ALL = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
POLICIES = {"/graphql": _policy(GRAPHIQL)}
POLICY = _policy(PAGE)
FOR_EVER = b"public, max-age=31536000, immutable"


class PageHeaders:
    """Adds security and caching headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_within(scope) if scope["type"] == "http" else ""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_asset = path.startswith("/assets/")  # names of assets change with their content
                headers = [
                    *FOR_ALL,
                    (b"content-security-policy", POLICIES.get(path, POLICY)),
                    (b"cache-control", FOR_EVER if is_asset else b"no-cache"),
                ]
                given = {name.lower() for name, _ in message["headers"]}
                more = [header for header in headers if header[0] not in given]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


async def _not_built(request: Request) -> Response:
    return HTMLResponse(NOT_BUILT, 503)
