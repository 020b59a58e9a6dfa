"""Training runs as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from pigeonhole import models
from pigeonhole.models import TrainingStage, TrainingState
from server import ids
from server.context import Info
from server.permissions import READ
from server.types.shared import Estimate, Node, maybe

if TYPE_CHECKING:
    from server.types.function import Function
    from server.types.model import Model


@strawberry.type(
    description="One attempt to make a model from the samples as they are.", directives=READ
)
class TrainingRun(Node):
    row: strawberry.Private[models.TrainingRun]
    state: TrainingState = strawberry.field(description="How far it is.")
    stage: TrainingStage = strawberry.field(description="What it is doing.")
    progress: float = strawberry.field(description="Between 0 and 1; never goes back.")
    failure: str | None = strawberry.field(description="Why it failed, for a person.")
    sample_count: int = strawberry.field(description="Annotated samples that it learns from.")
    accuracy: Estimate | None = strawberry.field(
        description="Cross-validated accuracy; null until it is known, and when too few samples "
        "were annotated to tell."
    )
    kept_back: str | None = strawberry.field(
        description="Why its model was not made the active one, for a person: it is worse."
    )
    queued_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker took it up.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")

    @strawberry.field(description="The function that it trains.")
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.types.function")]:
        from server.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(description="The model that it made; null until it succeeds.")
    async def model(
        self, info: Info
    ) -> Annotated["Model", strawberry.lazy("server.types.model")] | None:
        from server.types.model import Model

        if self.row.model_id is None:
            return None
        row = await info.context.loaders.models.load(self.row.model_id)
        return maybe(Model.of, row)

    @classmethod
    def of(cls, row: models.TrainingRun) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.TRAINING_RUN, row.id),
            state=row.state,
            stage=row.stage,
            progress=row.progress,
            failure=row.failure,
            sample_count=row.sample_count,
            accuracy=Estimate.of(row.accuracy),
            kept_back=row.kept_back,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )
