"""Groups of near-duplicates as clients see them."""

from typing import Self

import strawberry

from pigeonhole import tables as rows
from server.api.context import Info
from server.api.types.sample import Sample
from server.auth.permissions import READ
from server.transport.costs import Cost


@strawberry.type(
    description="A group of samples whose images are nearly the same.", directives=READ
)
class NearDuplicateGroup:
    row: strawberry.Private[rows.NearDuplicateGroup]
    size: int = strawberry.field(description="Number of samples in the group.")
    contradictory: bool = strawberry.field(
        description="Whether samples of the group are annotated with different labels, so that "
        "at least one annotation is wrong."
    )

    @strawberry.field(
        description="Samples of the group, oldest first; at most 20 of them.",
        directives=(Cost(points=5),),
    )
    async def samples(self, info: Info) -> list[Sample]:
        return [Sample.of(row) for row in await info.context.loaders.grouped.load(self.row.id)]

    @classmethod
    def of(cls, row: rows.NearDuplicateGroup) -> Self:
        return cls(row=row, size=row.size, contradictory=row.contradictory)
