"""graphql-transport-ws as its specification requires, based on Strawberry's handler.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol, TypeGuard, cast

import structlog
from graphql import GraphQLError
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from starlette.websockets import WebSocketDisconnected as AlreadyClosedError
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    PingMessage,
    SubscribeMessage,
)
from strawberry.types.execution import PreExecutionError

from pigeonhole.errors import LimitReachedError, PigeonholeError
from pigeonhole.services import tracing
from server.transport.context import OperationContext
from server.transport.decoding import decode_aside
from server.transport.errors import RequestError, answer_of, limit_error, masked
from server.transport.limits import Limits
from server.transport.schema import ServedSchema

log = structlog.get_logger(__name__)

INVALID = 4400
FORBIDDEN = 4403
INTERNAL_ERROR = 4500
TERMINATED = 4499
TOO_BIG = 1009
TRY_AGAIN_LATER = 1013


class View(Protocol):
    """The interface that a websocket needs of the application."""

    limits: Limits
    make_context: Callable[[HTTPConnection], Awaitable[OperationContext]]
    schema: ServedSchema

    def encode_json(self, data: object) -> str:
        """Encode a message."""


class SocketAdapter(ASGIWebSocketAdapter):
    """Reads and writes messages; both end without an error once the websocket is closed."""

    ws: WebSocket

    def __init__(self, view: Any, request: WebSocket, response: WebSocket) -> None:
        super().__init__(view, request, response)
        self.served: View = view
        self.limits = self.served.limits
        self.context: OperationContext | None = None  # set when the caller is known
        self.heard = 0  # messages received
        self.patience = asyncio.timeout(None)

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        """Yield each message as it arrives, until either side closes."""
        while self.ws.application_state is WebSocketState.CONNECTED:
            try:
                message = await self.ws.receive()
            except AlreadyClosedError:
                return
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                raise NonTextMessageReceived
            self.heard += 1
            if not await self._may_read(len(text)):
                return
            depth, values = self.limits.json_depth, self.limits.values_for(self.context)
            try:
                yield await decode_aside(text, depth=depth, values=values)
            except ValueError as error:
                raise NonJsonMessageReceived from error

    async def _may_read(self, length: int) -> bool:
        """Check the length of a message and take its cost before parsing it; otherwise close."""
        limits, context = self.limits, self.context
        most = limits.message_bytes_for(context)
        if length > most:
            await self.close(TOO_BIG, f"A message may have at most {most} bytes")
            return False
        cost = length // limits.bytes_a_point
        if context is not None and cost > 0:
            try:
                await context.pay(cost)
            except PigeonholeError as error:
                await self.close(TRY_AGAIN_LATER, str(error))
                return False
        return True

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message; drop a client that does not read for too long."""
        try:
            async with asyncio.timeout(self.limits.socket_send_s):
                await self.ws.send_text(self.served.encode_json(message))
        except TimeoutError:
            # A close frame could not be sent either. Release what the socket holds, and leave the
            # connection to the server's own timeout.
            self.patience.reschedule(asyncio.get_running_loop().time())
            raise WebSocketDisconnected from None
        except (WebSocketDisconnect, AlreadyClosedError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, unless it is closed."""
        if self.ws.application_state is WebSocketState.CONNECTED:
            # A close frame has at most 123 bytes for the reason.
            short = reason.encode()[:123].decode(errors="ignore")
            with suppress(WebSocketDisconnect, AlreadyClosedError):
                await self.ws.close(code=code, reason=short)


class Handler(BaseGraphQLTransportWSHandler[Any, Any]):
    """One websocket."""

    websocket: SocketAdapter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pinging: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        """Serve the websocket until it closes or its client does not read for too long."""
        with suppress(TimeoutError):
            async with self.websocket.patience:
                await super().handle()

    async def shutdown(self) -> None:
        """Stop pinging, stop and await every operation, then release the context."""
        if self._pinging:
            self._pinging.cancel()
        await super().shutdown()
        context: OperationContext | None = self.context
        if context is not None:
            await context.close()

    async def handle_message(self, message: Message) -> None:
        """Refuse values that are not messages of the protocol."""
        if problem := _problem(message):
            await self.handle_invalid_message(problem)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Create the websocket's context from the payload, then acknowledge."""
        payload = message.get("payload") or {}
        if not self.connection_init_received:
            self.websocket.ws.state.connection_params = payload
            try:
                self.context = await self.websocket.served.make_context(self.websocket.ws)
                self.websocket.context = self.context
            except (PigeonholeError, ConnectionRejectionError) as error:
                later = isinstance(error, LimitReachedError)
                code = TRY_AGAIN_LATER if later else FORBIDDEN
                await self.websocket.close(code, str(error) or "Forbidden")
                return
            except Exception as error:  # noqa: BLE001 - logged, and reported by a code or an ID
                status, _, told = answer_of(error)
                # Clients reconnect after the first code, but never after the second.
                code = INTERNAL_ERROR if status == 500 else TRY_AGAIN_LATER
                await self.websocket.close(code, told.message)
                return
        await super().handle_connection_init({"type": "connection_init", "payload": payload})
        if self.connection_acknowledged and self._pinging is None:
            self._pinging = asyncio.create_task(self._ping())

    async def handle_ping(self, message: PingMessage) -> None:
        """Answer a ping with its own payload."""
        payload = message.get("payload")
        await self.send_message(
            {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
        )

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation, unless too many are running or its hash is unknown."""
        if self.connection_acknowledged:
            try:
                self._check_count(message["id"])
                payload = message["payload"]
                persisted = self.websocket.served.schema.persisted
                text = persisted.text(
                    payload.get("query"), payload.get("extensions"), self.context.caller
                )
                payload["query"] = text or ""
            except (GraphQLError, RequestError) as error:
                told = error if isinstance(error, GraphQLError) else answer_of(error)[2]
                await self.send_message(
                    {"id": message["id"], "type": "error", "payload": [told.formatted]}
                )
                return
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Any, Any]) -> None:
        """Run an operation to its end, as a span of the trace that opened the socket, if any."""
        with tracing.span("operation", self.websocket.ws.headers, id=operation.id):
            await super().run_operation(operation)

    def _check_count(self, id: str) -> None:
        most = self.websocket.limits.socket_operations
        found = len(self.operations) + 1
        if found > most and id not in self.operations:
            raise limit_error(
                "socket_operations",
                most,
                found,
                f"The socket has {most} operations under way, and no more are allowed.",
            )

    async def _handle_pre_execution_error(
        self, operation: Operation[Any, Any], result: PreExecutionError
    ) -> None:
        # Strawberry closes the socket on a syntax error, but the protocol has a message for it.
        await operation.send_initial_errors(result.errors or [])

    async def handle_task_exception(self, error: Exception) -> None:
        """Log the error of an operation, unless its client has gone."""
        if not isinstance(error, WebSocketDisconnected):
            masked(error)

    async def send_message(self, message: Message) -> None:
        """Send a message, and let other tasks run.

        Otherwise a subscription whose events are always ready would never yield to the event loop,
        and neither a `complete` nor a lost connection would be noticed.
        """
        await self.websocket.send_json(cast("Mapping[str, object]", message))
        await asyncio.sleep(0)

    async def _ping(self) -> None:
        wait_s = self.websocket.limits.socket_ping_s
        heard = -1
        with suppress(WebSocketDisconnected):
            await asyncio.sleep(wait_s)
            while self.websocket.heard != heard:
                heard = self.websocket.heard
                await self.send_message({"type": "ping"})
                await asyncio.sleep(wait_s)
            await self.websocket.close(TERMINATED, "Pings are not answered")


def _problem(message: object) -> str | None:
    """Return why a value is not a message of the protocol; None if it is one."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message must be an object with a type"
    kind = message["type"]
    payload = message.get("payload")
    if kind in ("connection_init", "ping", "pong"):
        return None if _is_object(payload) else f"The payload of {kind} must be an object"
    if kind not in ("subscribe", "complete"):
        return f"Unknown message type: {kind}"
    if not isinstance(message.get("id"), str) or not message["id"]:
        return f"The id of {kind} must be a string, and not empty"
    if kind == "complete":
        return None
    if not isinstance(payload, dict) or not _names_a_document(payload):
        return "The payload of subscribe must be an object with a query"
    if not isinstance(payload.get("operationName"), str | None):
        return "The operationName of subscribe must be a string"
    for name in ("variables", "extensions"):
        if not _is_object(payload.get(name)):
            return f"The {name} of subscribe must be an object"
    return None


def _names_a_document(payload: dict[str, object]) -> bool:
    """Return whether a payload has a document or the hash of one."""
    extensions = payload.get("extensions")
    by_hash = isinstance(extensions, dict) and "persistedQuery" in extensions
    return isinstance(payload.get("query"), str | None if by_hash else str)


def _is_object(value: object) -> TypeGuard[dict[str, object] | None]:
    return value is None or isinstance(value, dict)
