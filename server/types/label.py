"""Labels as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import models
from pigeonhole.errors import NotFoundError
from server import ids
from server.context import Info
from server.permissions import ANYONE, INVOKE_OR_READ, READ
from server.scalars import JSON
from server.types.shared import Estimate, Node, maybe

if TYPE_CHECKING:
    from server.types.function import Function


@strawberry.type(
    description="How a model does on one label, on samples held out of its training.",
    directives=READ,
)
class LabelMetrics:
    label_id: strawberry.Private[UUID]
    precision: Estimate | None = strawberry.field(
        description="Share of its answers of this label that were right; null if it gave none."
    )
    recall: Estimate | None = strawberry.field(
        description="Share of the label's samples that it found; null if there are none."
    )
    f1: float | None = strawberry.field(description="Harmonic mean of the two.")
    support: int = strawberry.field(description="Annotated samples of the label.")

    @strawberry.field(description="The label; null if it was deleted since.")
    async def label(self, info: Info) -> Annotated["Label", strawberry.lazy(".label")] | None:
        row = await info.context.loaders.labels.load(self.label_id)
        return maybe(Label.of, row)


async def label_of(info: Info, id: UUID) -> "Label":
    """A label by its id, read once for a page of rows that name it."""
    row = await info.context.loaders.labels.load(id)
    if row is None:
        raise NotFoundError("The label was deleted a moment ago.")
    return Label.of(row)


def label_metrics(model: models.Model) -> list[LabelMetrics]:
    """How a model does, label by label."""
    stored = model.metrics
    return [
        LabelMetrics(
            label_id=UUID(label),
            precision=Estimate.of(found["precision"]),
            recall=Estimate.of(found["recall"]),
            f1=found["f1"],
            support=found["support"],
        )
        for label, found in zip(stored["classes"], stored["labels"], strict=True)
    ]


@strawberry.type(description="One of the answers that a function can give.", directives=ANYONE)
class Label(Node):
    row: strawberry.Private[models.Label]
    name: str = strawberry.field(description="Unique in its function, without regard to case.")
    description: str | None = strawberry.field(
        description="What it looks like, in words.", directives=READ
    )
    metadata: JSON | None = strawberry.field(
        description="The caller's own data, given back with each prediction.",
        directives=INVOKE_OR_READ,
    )
    created_at: datetime = strawberry.field(description="When it was made.", directives=READ)

    @strawberry.field(description="The function that it is an answer of.", directives=READ)
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.types.function")]:
        from server.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(description="Samples that are annotated with it.", directives=READ)
    async def sample_count(self, info: Info) -> int:
        return await info.context.loaders.sample_counts.load(self.row.id)

    @strawberry.field(
        description="How the active model does on it; null before a model has seen it.",
        directives=READ,
    )
    async def metrics(self, info: Info) -> LabelMetrics | None:
        function = await info.context.loaders.functions.load(self.row.function_id)
        if function is None or function.active_model_id is None:
            return None
        model = await info.context.loaders.models.load(function.active_model_id)
        for found in label_metrics(model) if model else []:
            if found.label_id == self.row.id:
                return found
        return None

    @classmethod
    def of(cls, row: models.Label) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.LABEL, row.id),
            name=row.name,
            description=row.description,
            metadata=row.metadata,
            created_at=row.created_at,
        )
