"""Heads of requests, bounded in bytes and in time; uvicorn bounds neither.

Otherwise a client that sends nothing, one that sends a header a minute, and one whose headers never
end could each hold a connection, or all memory, indefinitely.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.transport.slices import Slices

REFUSAL = (
    b"HTTP/1.1 %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%s"
)


class BoundedHeads(HttpToolsProtocol):
    """One connection of HTTP/1.1."""

    head_bytes = 64 * 1024
    """Bytes of a request's first line and headers."""
    head_s = 30.0
    """Seconds in which they must arrive, from the connection or the first byte."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patience: asyncio.TimerHandle | None = None  # set while waiting for a head
        self._found = 0
        self._slices = Slices(self._take, lambda: self.flow.read_paused)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        self._slices.add(data, self.transport)

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the websocket."""
        super().handle_websocket_upgrade()
        self._slices.end()

    def _take(self, data: bytes) -> None:
        """Count the bytes of a head."""
        if self.transport.is_closing():
            return
        if self._patience is None and (self.cycle is None or self.cycle.response_complete):
            self._await_head()
        self._found += len(data)
        super().data_received(data)
        if self._patience is not None and self._found > self.head_bytes:
            self._refuse_length()

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the head was too long even in one piece."""
        self._stop_waiting()
        lengths = [len(name) + len(value) for name, value in self.headers]
        if sum(lengths, len(self.url)) > self.head_bytes:
            self._refuse_length()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Ignore the body of a refused request."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Ignore the end of a refused request."""
        if not self.transport.is_closing():
            super().on_message_complete()

    def _await_head(self) -> None:
        self._found = 0
        self._patience = self.loop.call_later(self.head_s, self._refuse_wait)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse_wait(self) -> None:
        told = f"No request came within {self.head_s:g} seconds."
        self._refuse(b"408 Request Timeout", told)

    def _refuse_length(self) -> None:
        told = f"The first line and the headers may have {self.head_bytes} bytes."
        self._refuse(b"431 Request Header Fields Too Large", told)

    def _refuse(self, status: bytes, told: str) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.write(REFUSAL % (status, len(told), told.encode()))
            self.transport.close()
