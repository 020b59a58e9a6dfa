"""Received bytes, given to a protocol in slices, so that no client holds the event loop.

A loop reads up to 256 kB from a connection at once. A protocol that parses all of it in one go runs
40,000 callbacks if each frame or chunk has six bytes, and nothing else runs meanwhile.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

SLICE_BYTES = 4_096
HELD_S = 0.004
"""Seconds after which other callbacks run before the next slice."""


class Slices:
    """The received bytes of one connection that its protocol has not seen yet.

    Args:
        take: Gives the protocol some bytes.
        is_paused: Whether the protocol itself has paused reading.
    """

    def __init__(self, take: Callable[[bytes], None], is_paused: Callable[[], bool]) -> None:
        self._take = take
        self._is_paused = is_paused
        self._waiting: deque[bytes] = deque()
        self._transport: asyncio.Transport | None = None  # set while slices wait
        self._is_over = False

    def add(self, data: bytes, transport: asyncio.Transport) -> None:
        """Give received bytes to the protocol, now or after those that wait."""
        if self._transport is not None:
            self._waiting.append(data)
            transport.pause_reading()
        elif len(data) <= SLICE_BYTES:
            self._take(data)
        else:
            self._transport = transport
            self._waiting.append(data)
            self._go_on()

    def end(self) -> None:
        """Drop what waits and all that comes: another protocol has the connection."""
        self._is_over = True

    def _go_on(self) -> None:
        began = time.perf_counter()
        transport = self._transport
        assert transport is not None
        while self._waiting and not transport.is_closing() and not self._is_over:
            data = self._waiting.popleft()
            if len(data) > SLICE_BYTES:
                self._waiting.extendleft(
                    data[start : start + SLICE_BYTES]
                    for start in reversed(range(SLICE_BYTES, len(data), SLICE_BYTES))
                )
            self._take(data[:SLICE_BYTES])
            if self._waiting and time.perf_counter() - began > HELD_S:
                transport.pause_reading()
                asyncio.get_running_loop().call_soon(self._go_on)
                return
        self._waiting.clear()
        self._transport = None
        if not transport.is_closing() and not self._is_paused():
            transport.resume_reading()


class SlicedFrames(WebSocketsSansIOProtocol):
    """One websocket, whose frames are parsed in slices."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._slices = Slices(super().data_received, lambda: self.read_paused)

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        self._slices.add(data, self.transport)
