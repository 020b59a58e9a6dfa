"""Metering: the points that operations take from their callers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from starlette.requests import HTTPConnection

from pigeonhole.access.rates import Allowance, Bucket, Rates, caller_of
from pigeonhole.access.viewers import Viewer
from pigeonhole.errors import RateLimitedError
from pigeonhole.services.fetching import Budget
from server.api.scalars import instant

LEAST_WAIT_S = 0.1
"""Seconds that an event waits at least for points, so that waiting costs next to nothing."""


@dataclass
class Meter:
    """The meter of one operation; ``allowance`` is the state of the caller's bucket after it.

    ``held`` are points taken before its document was validated.
    """

    rates: Rates
    caller: str
    is_known: bool = False  # whether the caller has a key
    allowance: Allowance | None = None
    held: int = 0
    budget: Budget = field(default_factory=Budget)  # for images by URL

    @classmethod
    def of(cls, connection: HTTPConnection, viewer: Viewer) -> Self:
        """Return the meter of a caller, by its key or else its address."""
        prefix = viewer.key.prefix if viewer.key else None
        address = connection.client.host if connection.client else None
        caller = caller_of(prefix, address)
        known = viewer.key is not None
        return cls(connection.app.state.rates, caller, known, budget=Budget(caller=caller))

    def fresh(self) -> Self:
        """Return the meter of another operation of the same caller."""
        return replace(self, allowance=None, held=0, budget=Budget(caller=self.caller))

    def foresee(self, cost: int) -> None:
        """Check that the caller can have enough points, without asking Redis.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        self.rates.check(Bucket.POINTS, self.caller, cost)

    async def pay(self, cost: int) -> None:
        """Take points in addition to those of the operation.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        await self.rates.take(Bucket.POINTS, self.caller, cost)

    async def hold(self, cost: int) -> None:
        """Take points that stay taken unless `admit` follows.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        held = await self.rates.take(Bucket.POINTS, self.caller, cost)
        self.held = held.cost if held else 0

    async def admit(self, cost: int) -> Mapping[str, object]:
        """Take points, and return what the response's ``extensions`` say about them.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        self.allowance = found = await self.rates.take(
            Bucket.POINTS, self.caller, max(1, cost), held=self.held
        )
        if found is None:
            return {}
        return {
            "cost": {
                "limit": found.limit,
                "remaining": found.remaining,
                "restoreRate": found.restore_rate,
                "resetAt": instant(found.reset_at),
                "cost": found.cost,
            }
        }

    async def repeat(self, cost: int) -> None:
        """Take points for one more event; a subscription waits for them, and is not ended."""
        while True:
            try:
                self.allowance = await self.rates.take(Bucket.POINTS, self.caller, cost)
                return
            except RateLimitedError as error:
                await asyncio.sleep(max(error.retry_after_s or 0, LEAST_WAIT_S))

    async def admit_bytes(self, count: int) -> None:
        """Take the bytes of images to be kept from a caller without a key.

        Raises:
            RateLimitedError: The caller has exceeded its limit of bytes.
        """
        if not self.is_known:
            await self.rates.take(Bucket.BYTES, self.caller, count)

    async def admit_invokes(self, count: int = 1) -> None:
        """Take invocations from the caller's limit.

        Raises:
            RateLimitedError: The caller has exceeded its limit of invocations.
        """
        await self.rates.take(Bucket.INVOKES, self.caller, count)
