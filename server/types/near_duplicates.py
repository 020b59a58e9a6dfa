"""Groups of near-duplicates as clients see them."""

from collections.abc import Sequence
from typing import Self

import strawberry

from pigeonhole.likeness import Group
from server.context import Info
from server.permissions import READ
from server.types.sample import Sample

SHOWN = 20


@strawberry.type(description="Samples that show almost the same picture.", directives=READ)
class NearDuplicateGroup:
    row: strawberry.Private[Group]
    size: int = strawberry.field(description="How many they are.")
    contradictory: bool = strawberry.field(
        description="Whether people annotated them with different labels: one of these is wrong."
    )

    @strawberry.field(description="The samples, oldest first; at most 20 of them.")
    async def samples(self, info: Info) -> list[Sample]:
        rows = await info.context.loaders.samples.load_many(self.row.samples[:SHOWN])
        return [Sample.of(row) for row in rows if row is not None]

    @classmethod
    def of(cls, group: Group) -> Self:
        return cls(row=group, size=len(group.samples), contradictory=group.contradictory)


@strawberry.type(description="Near-duplicates of a function.", directives=READ)
class NearDuplicates:
    total_count: int = strawberry.field(description="How many groups there are.")
    groups: list[NearDuplicateGroup] = strawberry.field(description="Those asked for.")

    @classmethod
    def of(cls, groups: Sequence[Group], page: slice) -> Self:
        return cls(
            total_count=len(groups),
            groups=[NearDuplicateGroup.of(group) for group in groups[page]],
        )
