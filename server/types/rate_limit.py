"""What is left of a caller's allowance, as clients see it."""

from datetime import datetime
from typing import Self

import strawberry

from pigeonhole.rates import Allowance
from server.permissions import ANYONE


@strawberry.type(
    description="What is left of the caller's allowance. The same stands in `extensions.cost` of "
    "every answer.",
    directives=ANYONE,
)
class RateLimit:
    limit: int = strawberry.field(description="Points that a full bucket holds.")
    remaining: int = strawberry.field(description="Points that it holds now.")
    restore_rate: float = strawberry.field(description="Points that come back each second.")
    reset_at: datetime = strawberry.field(description="When it is full again.")
    cost: int = strawberry.field(description="Points that this request cost.")

    @classmethod
    def of(cls, allowance: Allowance) -> Self:
        return cls(
            limit=allowance.limit,
            remaining=allowance.remaining,
            restore_rate=allowance.restore_rate,
            reset_at=allowance.reset_at,
            cost=allowance.cost,
        )
