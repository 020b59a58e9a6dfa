"""Groups of samples that probably share a label, as clients see them."""

from typing import Self

import strawberry

from pigeonhole import paging
from pigeonhole.services.sample_groups import Group
from server.api.connections import After, Before, Connection, First, Last, connect_kept, window_of
from server.api.context import Info
from server.api.types.label import Label
from server.api.types.sample import Sample
from server.api.types.shared import maybe
from server.auth.permissions import READ
from server.transport.costs import Cost


@strawberry.type(
    description="Samples without an annotation that probably share a label, to be annotated "
    "together. Groups are not stored: they change with the samples and with the model.",
    directives=READ,
)
class SampleGroup:
    found: strawberry.Private[Group]
    count: int = strawberry.field(description="Number of samples in the group, at most 40.")
    purity: float | None = strawberry.field(
        description="Share of the samples that is expected to have the label, from 0 to 1: the "
        "mean confidence of their predictions. Null without a label."
    )
    cohesion: float = strawberry.field(
        description="Similarity of the samples to each other: the mean cosine, from -1 to 1, "
        "between the embedding of each and the mean of all."
    )

    @strawberry.field(
        description="Label that the active model predicts for the samples; null if there is no "
        "model, or if most of the samples are unlike all that it has learned.",
        directives=(Cost(points=3),),
    )
    async def label(self, info: Info) -> Label | None:
        if self.found.label_id is None:
            return None
        return maybe(Label.of, await info.context.loaders.labels.load(self.found.label_id))

    @strawberry.field(
        description="Lists the samples of the group, most typical first.",
        directives=(Cost(points=10),),
    )
    async def samples(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Sample]:
        found = self.found
        keys = [(-close, id) for close, id in zip(found.closeness, found.sample_ids, strict=True)]
        part = paging.cut(keys, window_of(first, after, last, before))
        rows = await info.context.loaders.samples.load_many(found.sample_ids[part.start : part.end])
        return connect_kept(keys, part, rows, Sample.of)

    @classmethod
    def of(cls, found: Group) -> Self:
        return cls(
            found=found,
            count=len(found.sample_ids),
            purity=found.purity,
            cohesion=found.cohesion,
        )
