"""Turns for work that takes the processor from all other requests."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pigeonhole.errors import RateLimitedError


class Turns:
    """Runs one piece of work after another, for at most a share of the time (0 to 1).

    After each piece, the next waits until the share is kept; after idle time it does not wait.
    """

    def __init__(self, share: float, most_waiting: int) -> None:
        self._rest = 1 / share - 1
        self._most_waiting = most_waiting
        self._waiting = 0
        self._one = asyncio.Lock()
        self._free_at = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it.

        Raises:
            RateLimitedError: The limit on waiting callers is reached.
        """
        if self._waiting >= self._most_waiting:
            raise RateLimitedError(
                "Too many new documents are waiting to be validated. Try again later with fewer "
                "different documents: pass changing values as variables.",
                retry_after_s=1.0,
            )
        self._waiting += 1
        try:
            await self._one.acquire()
        finally:
            self._waiting -= 1
        try:
            await asyncio.sleep(self._free_at - time.monotonic())
            began = time.monotonic()
            try:
                yield
            finally:
                ended = time.monotonic()
                self._free_at = ended + self._rest * (ended - began)
        finally:
            self._one.release()
