"""The web page and GraphiQL as they were built, so that nothing is asked of any other host."""

from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDERS = (
    Path(__file__).parent / "page",  # within a wheel
    Path(__file__).parents[1] / "frontend-stub" / "dist",  # in a checkout
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
"""What the page may load, by Content-Security-Policy's directives."""
GRAPHIQL = {**PAGE, "style-src": "'self' 'unsafe-inline'", "worker-src": "'self' blob:"}
"""GraphiQL's editor writes style elements, and checks documents in workers."""
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Pigeonhole</title>
<h1>The page is not built</h1><p>Run <code>make page</code> and start again. The API at
<code>/graphql</code> works without it.</p></html>"""


def built() -> Path | None:
    """Where the built page is; None if it is not."""
    return next((path for path in FOLDERS if (path / "index.html").is_file()), None)


def graphiql() -> str | None:
    """GraphiQL's page; None if it is not built."""
    folder = built()
    return None if folder is None else (folder / "graphiql.html").read_text(encoding="utf-8")


def routes() -> list[BaseRoute]:
    """The page at ``/`` and its assets; where it is not built, how to build it."""
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
    """What browsers are to hold every answer to, and how long they may keep it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                path = scope["path"]
                is_asset = path.startswith("/assets/")  # their names change with their content
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
