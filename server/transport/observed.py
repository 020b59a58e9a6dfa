"""The id, the figures and the log line of each request."""

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from starlette.datastructures import Headers
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from pigeonhole.services import metrics, tracing
from server.transport.documents import Document
from server.transport.forwarded import path_within

HEADER = "X-Request-Id"
KEY = "pigeonhole.observed"
"""Where the scope of a request holds what is known of it."""
UNMATCHED = "unmatched"
"""The route of requests that no route answers: their paths are anybody's."""

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

log = structlog.get_logger(__name__)


@dataclass
class Observed:
    """What is known of a request by the time that it ends."""

    id: str = ""
    caller: str | None = None  # an API key's prefix, or an address
    operation: str | None = None  # such as `mutation invoke`
    status: int = 500

    def admit(self, document: Document, name: str | None) -> None:
        """Note and count an operation that is about to run."""
        kind, field = document.kind(name), document.first_field(name)
        if kind is not None:
            metrics.OPERATIONS.labels(kind.value, field).inc()
            self.operation = f"{kind.value} {field}"
            tracing.name_current(self.operation)


class Observing:
    """Middleware that gives each request an id, counts it and logs it.

    A caller's own ``X-Request-Id`` is kept where it is up to 128 letters, digits and
    ``._:/+=-``; any other is replaced. The id stands in the response, and in every log line that
    is written for the request.
    """

    def __init__(self, app: ASGIApp, slow_s: float) -> None:
        """Wrap an app; a request is slow whose response starts after ``slow_s`` seconds."""
        self._app, self._slow_s = app, slow_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hold a websocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        observed = Observed(given if _ID.fullmatch(given) else uuid7().hex)
        scope[KEY] = observed
        with structlog.contextvars.bound_contextvars(request_id=observed.id):
            if scope["type"] == "websocket":
                with metrics.WEBSOCKETS.track_inprogress():
                    await self._app(scope, receive, send)
            else:
                await self._http(scope, receive, send, observed)

    async def _http(self, scope: Scope, receive: Receive, send: Send, observed: Observed) -> None:
        started = time.perf_counter()
        first_s: float | None = None

        async def noted(message: Message) -> None:
            nonlocal first_s
            if message["type"] == "http.response.start":
                first_s = time.perf_counter() - started
                observed.status = message["status"]
                id = (HEADER.lower().encode(), observed.id.encode())
                message["headers"] = [*message["headers"], id]
            await send(message)

        with tracing.span("request", Headers(scope=scope)) as span:
            try:
                await self._app(scope, receive, noted)
            finally:
                self._note(scope, observed, time.perf_counter() - started, first_s, span)

    def _note(
        self,
        scope: Scope,
        observed: Observed,
        took_s: float,
        first_s: float | None,
        span: "Span | None",
    ) -> None:
        """Count and log a request that has ended."""
        route = route_of(scope)
        first_s = took_s if first_s is None else first_s
        name = observed.operation or f"{scope['method']} {route}"
        tracing.describe(span, name, {"http.route": route, "http.status_code": observed.status})
        metrics.REQUESTS.labels(route, scope["method"], str(observed.status)).inc()
        metrics.REQUEST_SECONDS.labels(route).observe(first_s)
        write = log.warning if first_s >= self._slow_s else log.debug
        write(
            "slow_request" if first_s >= self._slow_s else "request",
            method=scope["method"],
            route=route,
            status=observed.status,
            first_byte_ms=round(first_s * 1_000, 1),
            duration_ms=round(took_s * 1_000, 1),
            caller=observed.caller,
            operation=observed.operation,
        )


def observed_in(scope: Scope) -> Observed:
    """Return what is known of a request or websocket; of one that nobody observes, a new record."""
    found = scope.get(KEY)
    return found if isinstance(found, Observed) else Observed()


def route_of(scope: Scope) -> str:
    """Return the path of a request with its parameters' names in place of their values."""
    if "endpoint" not in scope:
        return UNMATCHED
    if isinstance(scope["endpoint"], StaticFiles):
        return "/{path}"
    path = path_within(scope)
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(f"/{value}", f"/{{{name}}}", 1) if value != "" else path
    return path
