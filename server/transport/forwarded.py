"""The server's public scheme, host and path, behind reverse proxies.

They come from ``PIGEONHOLE_PUBLIC_URL``, otherwise from headers of trusted proxies, otherwise from
the request itself. Each request is passed on with the path by which it reached the proxy, and the
prefix of that path as ``root_path``, whether or not the proxy has stripped it.

Source: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import re
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from pigeonhole.settings import Settings
from server.transport.body import header

FORWARDED_HOST = b"x-forwarded-host"
FORWARDED_PREFIX = b"x-forwarded-prefix"
TRUSTED = "pigeonhole.trusted"
"""Key that is set in the scope of a request from a trusted proxy."""

_PREFIX = re.compile(r"(/[\w.~-]+)+")


class Forwarded(ProxyHeadersMiddleware):
    """Reads the client's address, the scheme, the host and the prefix from trusted proxies.

    Uvicorn reads the first two. Without the third, a proxy that sends the upstream's own name as
    host hides the name that browsers use.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Pass a request on with the values by which it reached the proxy."""
        if scope["type"] != "lifespan" and (scope.get("client") or [""])[0] in self.trusted_hosts:
            scope = {**scope, TRUSTED: True}
            host = header(scope, FORWARDED_HOST).partition(",")[0].strip()
            if host:
                _name_host(scope, host)
            prefix = header(scope, FORWARDED_PREFIX).partition(",")[0].strip().rstrip("/")
            if _PREFIX.fullmatch(prefix):
                scope["root_path"] = prefix
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]


class Placed:
    """Gives each request the path below the prefix, and the scheme and host of the public URL."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        """Wrap an app; an empty URL leaves scheme, host and prefix to the proxies."""
        self._app = app
        parts = urlsplit(public_url)
        self._scheme, self._host, self._prefix = parts.scheme, parts.netloc, parts.path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request; redirect the prefix without a slash, because links are relative."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if self._host:
            scope = {**scope, "root_path": self._prefix}
            scope["scheme"] = self._scheme
            if scope["type"] == "websocket":
                scope["scheme"] = self._scheme.replace("http", "ws")
            _name_host(scope, self._host)
        prefix: str = scope.get("root_path", "")
        if prefix and scope["path"] == prefix and scope["type"] == "http":
            await RedirectResponse(f"{prefix}/", 307)(scope, receive, send)
            return
        if not scope["path"].startswith(f"{prefix}/"):
            scope = {**scope, "path": prefix + scope["path"]}
        await self._app(scope, receive, send)


def forwarded(settings: Settings) -> list[Middleware]:
    """Return the middleware for the settings; without it, forwarding headers are ignored."""
    trusting = [Middleware(Forwarded, trusted_hosts=settings.trusted_proxies)]
    placed = Middleware(Placed, public_url=settings.public_url)
    if settings.trusted_proxies:
        return [*trusting, placed]
    return [placed] if settings.public_url else []


def path_within(scope: Scope) -> str:
    """Return the path of a request without the prefix, such as ``/graphql``."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _name_host(scope: Scope, host: str) -> None:
    others = [(name, value) for name, value in scope["headers"] if name != b"host"]
    scope["headers"] = [(b"host", host.encode("latin-1")), *others]
