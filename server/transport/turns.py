"""Turns at work that holds up everything else while it is done."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pigeonhole.errors import RateLimitedError


class Turns:
    """One piece of work after another, for a share of the time (0 to 1) and no more.

    After each, the next waits as long as it takes for the share to hold; whoever comes when
    nothing was done lately does not wait.
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
            RateLimitedError: As many wait as may.
        """
        if self._waiting >= self._most_waiting:
            raise RateLimitedError(
                "Too many documents that are new to the server wait to be looked at. Try again "
                "later, with fewer different documents: pass what changes as variables.",
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
