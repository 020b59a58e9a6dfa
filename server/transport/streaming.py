"""Streams of results over HTTP: server-sent events, and multipart subscriptions."""

from collections.abc import AsyncGenerator, Mapping
from typing import ClassVar

from anyio import CancelScope
from starlette.responses import StreamingResponse
from starlette.types import Send
from strawberry.http.streaming import MultipartSubscriptionTransport, SSETransport


class EventStreamTransport(SSETransport):
    """Server-sent events with LF line ends.

    The standard allows CRLF too, but clients that split events at blank lines by hand do not.

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


class ClosingResponse(StreamingResponse):
    """A streaming response that closes what it streams from before it returns.

    Strawberry's merge with heartbeats leaves an abandoned source to the garbage collector, which
    may be long after its client has gone.
    """

    def __init__(
        self,
        stream: AsyncGenerator[str, None],
        source: AsyncGenerator[object, None],
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(stream, headers=headers)
        self._closing = (stream, source)

    async def stream_response(self, send: Send) -> None:
        """Send the stream; close it whether it ends, fails or is cancelled."""
        try:
            await super().stream_response(send)
        finally:
            # Shielded, for within a cancelled scope every await would raise again.
            with CancelScope(shield=True):
                for stream in self._closing:
                    await stream.aclose()
