"""Hints in the log about an incomplete reverse proxy, when the first request shows it."""

from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.http.websocket_origin import normalize_origin

from server.auth.picture_urls import origin_of
from server.transport.forwarded import TRUSTED, path_within

OF_PROXIES = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded")
"""Headers that reverse proxies add."""
NOT_TRUSTED = (
    "A reverse proxy is not trusted. List its address in PIGEONHOLE_TRUSTED_PROXIES; otherwise all "
    "callers without a key share its rate limit."
)
HIDES_ADDRESS = (
    "A reverse proxy hides the address that browsers use, so nobody can log in. Set "
    "PIGEONHOLE_PUBLIC_URL to that address, or let the proxy send `Host` and `X-Forwarded-Proto` "
    "and list the proxy in PIGEONHOLE_TRUSTED_PROXIES."
)
NO_WEBSOCKETS = (
    "A reverse proxy does not forward websockets, so pages do not see changes. Let it use HTTP/1.1 "
    "to the server and send `Upgrade` and `Connection: upgrade`."
)

log = structlog.get_logger(__name__)


class ProxyHints:
    """Checks each request for signs of an incomplete proxy, and logs each hint once.

    A proxy's limit on bodies cannot be seen in requests that arrive; `pigeonhole doctor` tests it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request and forward it to the app."""
        if scope["type"] != "lifespan" and len(self._told) < 3:
            for hint, seen in _lacks(scope).items():
                if hint not in self._told:
                    self._told.add(hint)
                    log.warning(hint, **seen)
        await self._app(scope, receive, send)


def _lacks(scope: Scope) -> Mapping[str, Mapping[str, str]]:
    """Return the hints for a request, each with the values that show the problem."""
    found = {}
    headers = Headers(scope=scope)
    if TRUSTED not in scope and any(name in headers for name in OF_PROXIES):
        found[NOT_TRUSTED] = {"proxy": (scope.get("client") or ("unknown",))[0]}
    if scope["type"] == "http" and "sec-websocket-key" in headers:
        found[NO_WEBSOCKETS] = {"method": scope["method"]}
    given = headers.get("origin")
    if given is not None and _is_own_page(scope, headers):
        own = normalize_origin(origin_of(HTTPConnection(scope)))
        if normalize_origin(given) != own:
            found[HIDES_ADDRESS] = {"browsers": given[:100], "server": str(own)}
    return found


def _is_own_page(scope: Scope, headers: Headers) -> bool:
    """Return whether the server's own page sent a request, which over HTTP only a login shows."""
    site = headers.get("sec-fetch-site")
    return site == "same-origin" or (site is None and path_within(scope) == "/login")
