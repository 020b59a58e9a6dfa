"""Labels as clients see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import tables
from server import ids
from server.api.context import Info
from server.api.loaders import Loaders
from server.api.scalars import JSON
from server.api.types.shared import Estimate, Node, maybe
from server.auth.permissions import ANYONE, INVOKE_OR_READ, READ
from server.transport.costs import Cost

if TYPE_CHECKING:
    from server.api.types.function import Function

LABELS_A_POINT = 4
"""Labels of a list that a point pays for, beyond those that its estimate counts."""


@strawberry.type(
    description="Quality of a model on one label, measured on held-out samples.",
    directives=READ,
)
class LabelMetrics:
    label_id: strawberry.Private[UUID]
    precision: Estimate | None = strawberry.field(
        description="Share of predictions of the label that are right; null if the label is "
        "never predicted."
    )
    recall: Estimate | None = strawberry.field(
        description="Share of the label's samples that are predicted as the label; null if it "
        "has none."
    )
    f1: float | None = strawberry.field(
        description="Harmonic mean of precision and recall, from 0 to 1; null if either is null."
    )
    support: int = strawberry.field(description="Number of annotated samples of the label.")

    @strawberry.field(
        description="The label; null if it has been deleted.", directives=(Cost(points=3),)
    )
    async def label(self, info: Info) -> Annotated["Label", strawberry.lazy(".label")] | None:
        row = await info.context.loaders.labels.load(self.label_id)
        return maybe(Label.of, row)


async def existing(
    loaders: Loaders, ranking: Sequence[tuple[UUID, float]], count: int
) -> list[tuple[tables.Label, float]]:
    """Return the first ``count`` labels of a ranking that have not been deleted since.

    A page of rankings reads each label once.
    """
    found: list[tuple[tables.Label, float]] = []
    start = 0
    while len(found) < count and start < len(ranking):
        part = ranking[start : start + count - len(found)]
        rows = await loaders.label_rows([id for id, _ in part])
        found += [
            (row, confidence)
            for row, (_, confidence) in zip(rows, part, strict=True)
            if row is not None
        ]
        start += len(part)
    return found


def label_metrics(model: tables.Model) -> list[LabelMetrics]:
    """Return the metrics of a model for each label."""
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


@strawberry.type(
    description="A label: one of the classes that a function distinguishes.", directives=ANYONE
)
class Label(Node):
    row: strawberry.Private[tables.Label]
    name: str = strawberry.field(
        description="Name of the label, unique in its function without regard to case."
    )
    description: str | None = strawberry.field(
        description="What images of the label look like; null if there is no description.",
        directives=READ,
    )
    metadata: JSON | None = strawberry.field(
        description="Any JSON value that was given for the label, returned with each prediction; "
        "null if there is none.",
        directives=INVOKE_OR_READ,
    )
    created_at: datetime = strawberry.field(
        description="When the label was created.", directives=READ
    )

    @strawberry.field(
        description="Function that the label belongs to.", directives=(*READ, Cost(points=2))
    )
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.api.types.function")]:
        from server.api.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(
        description="Number of samples annotated with the label.",
        directives=(*READ, Cost(points=6)),
    )
    async def sample_count(self, info: Info) -> int:
        return await info.context.loaders.sample_counts.load(self.row.id)

    @strawberry.field(
        description="Quality of the active model on the label; null if no model was trained with "
        "it.",
        directives=(*READ, Cost(points=4)),
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
    def of(cls, row: tables.Label) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.LABEL, row.id),
            name=row.name,
            description=row.description,
            metadata=row.metadata,
            created_at=row.created_at,
        )
