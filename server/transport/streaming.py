"""Streams of results over HTTP: server-sent events, and multipart subscriptions."""

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar

from anyio import CancelScope
from starlette.responses import StreamingResponse
from starlette.types import Send
from strawberry.http.streaming import (
    HTTPStreamTransport,
    MultipartSubscriptionTransport,
    SSETransport,
)

from pigeonhole.errors import UnavailableError
from server.transport.context import OperationContext
from server.transport.errors import body_of, refusal
from server.transport.stopping import Stopping


class EventStreamTransport(SSETransport):
    """Server-sent events with LF line ends.

    The standard also allows CRLF, but some clients that split events at blank lines do not.

    Source: https://github.com/urql-graphql/urql/blob/main/packages/core/src/internal/fetchSource.ts
    """

    def encode_event(self, event: str, data: str | None = None) -> str:
        """Encode one event."""
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        """Encode a comment, which keeps the connection alive."""
        return super().encode_comment(comment).replace("\r\n", "\n")


class MultipartTransport(MultipartSubscriptionTransport):
    """Multipart subscriptions, with a content type that is one valid header value.

    Source: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
    """

    media_type: ClassVar[str] = 'multipart/mixed; boundary="{}"; subscriptionSpec="1.0"'

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response."""
        return {
            "Content-Type": self.media_type.format(self.separator),
            "Cache-Control": "no-cache, no-transform",
            "X-Accel-Buffering": "no",
        }


def end_of(transport: HTTPStreamTransport) -> str:
    """Return the end of a stream whose server stops: an error outside the operation, and the end.

    Source: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
    """
    error: Any = body_of(refusal(UnavailableError("The server is stopping. Subscribe again.")))
    if isinstance(transport, MultipartTransport):
        told = transport.encode_multipart_data({"payload": None, **error}, json.dumps)
    else:
        told = transport.encode_next(error, json.dumps)
    return told + transport.encode_complete()


class ClosingResponse(StreamingResponse):
    """A streaming response that closes its source before it returns.

    Strawberry's merge with heartbeats leaves an abandoned source to the garbage collector, possibly
    long after the client has gone. The response ends early when the caller's access ends, and when
    the server stops, which it says as the stream's protocol does.
    """

    def __init__(
        self,
        stream: AsyncGenerator[str, None],
        source: AsyncGenerator[object, None],
        headers: Mapping[str, str],
        context: OperationContext,
        stopping: Stopping,
        transport: HTTPStreamTransport,
    ) -> None:
        super().__init__(stream, headers=headers)
        self._closing = (stream, source)
        self._scope = CancelScope()
        self._stopping, self._transport = stopping, transport
        self._ending = context.when_over(self._scope.cancel)

    async def stream_response(self, send: Send) -> None:
        """Send the stream, and close it when it ends, fails or is cancelled."""
        try:
            with self._stopping.telling(self._scope.cancel), self._scope:
                await super().stream_response(send)
            if self._scope.cancelled_caught:
                end = end_of(self._transport) if self._stopping.has_begun else ""
                body = {"type": "http.response.body", "body": end.encode(), "more_body": False}
                await send(body)
        finally:
            # Shielded, because every await in a cancelled scope would raise again.
            with CancelScope(shield=True):
                for stream in self._closing:
                    await stream.aclose()
