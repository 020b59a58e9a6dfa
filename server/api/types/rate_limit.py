"""The state of a caller's rate limit, as clients see it."""

from datetime import datetime
from typing import Self

import strawberry

from pigeonhole.access.rates import Allowance
from server.auth.permissions import ANYONE


@strawberry.type(
    description="State of the caller's rate limit. Every response contains the same in "
    "`extensions.cost`.",
    directives=ANYONE,
)
class RateLimit:
    limit: int = strawberry.field(description="Maximum number of points that can be saved up.")
    remaining: int = strawberry.field(description="Number of points that the caller has left.")
    restore_rate: float = strawberry.field(description="Number of points restored per second.")
    reset_at: datetime = strawberry.field(description="When all points are restored.")
    cost: int = strawberry.field(description="Number of points that this request cost.")

    @classmethod
    def of(cls, allowance: Allowance) -> Self:
        return cls(
            limit=allowance.limit,
            remaining=allowance.remaining,
            restore_rate=allowance.restore_rate,
            reset_at=allowance.reset_at,
            cost=allowance.cost,
        )
