"""Counts what one operation costs its caller, and this server."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from starlette.requests import HTTPConnection

from pigeonhole.fetching import Budget
from pigeonhole.rates import Allowance, Bucket, Rates, caller_of
from pigeonhole.viewers import Viewer
from server.scalars import instant


@dataclass
class Meter:
    """A caller and its rates; ``allowance`` is what the operation was told to have left.

    ``held`` are points taken before its document was looked at.
    """

    rates: Rates
    caller: str
    allowance: Allowance | None = None
    held: int = 0
    budget: Budget = field(default_factory=Budget)  # of pictures by URL

    @classmethod
    def of(cls, connection: HTTPConnection, viewer: Viewer) -> Self:
        """The meter of whoever asks: its key, or its address where it has none."""
        prefix = viewer.key.prefix if viewer.key else None
        address = connection.client.host if connection.client else None
        return cls(connection.app.state.rates, caller_of(prefix, address))

    def fresh(self) -> Self:
        """The meter of another operation of the same caller."""
        return replace(self, allowance=None, held=0, budget=Budget())

    def foresee(self, cost: int) -> None:
        """See whether there may be so many points, without asking Redis.

        Raises:
            RateLimitedError: There are too few.
        """
        self.rates.check(Bucket.POINTS, self.caller, cost)

    async def hold(self, cost: int) -> None:
        """Take points that stay taken unless `admit` follows.

        Raises:
            RateLimitedError: There are too few.
        """
        held = await self.rates.take(Bucket.POINTS, self.caller, cost)
        self.held = held.cost if held else 0

    async def admit(self, cost: int) -> Mapping[str, object]:
        """Take points; what the answer's ``extensions`` say of it.

        Raises:
            RateLimitedError: There are too few.
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

    async def admit_invokes(self, count: int = 1) -> None:
        """Let pictures be asked about.

        Raises:
            RateLimitedError: They are too many.
        """
        await self.rates.take(Bucket.INVOKES, self.caller, count)
