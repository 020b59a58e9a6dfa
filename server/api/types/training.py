"""Training runs as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from pigeonhole import tables
from pigeonhole.kinds import TrainingStage, TrainingState
from server import ids
from server.api.context import Info
from server.api.types.shared import Estimate, Node, maybe
from server.auth.permissions import READ
from server.transport.costs import Cost

if TYPE_CHECKING:
    from server.api.types.function import Function
    from server.api.types.model import Model


@strawberry.type(
    description="One attempt to train a model on the current samples.", directives=READ
)
class TrainingRun(Node):
    row: strawberry.Private[tables.TrainingRun]
    state: TrainingState = strawberry.field(description="State of the run.")
    stage: TrainingStage = strawberry.field(description="Current step of the run.")
    progress: float = strawberry.field(
        description="Progress of the run, from 0 to 1. It never decreases."
    )
    failure: str | None = strawberry.field(
        description="Why the run failed, as a sentence; null if it did not."
    )
    waiting_for: str | None = strawberry.field(
        description="Service that the run waits for, such as `the database`; the run continues by "
        "itself when the service is available again. Null if it waits for nothing."
    )
    sample_count: int = strawberry.field(
        description="Number of annotated samples that the run learns from."
    )
    accuracy: Estimate | None = strawberry.field(
        description="Cross-validated accuracy; null until it is known, and if there are too few "
        "samples to tell."
    )
    kept_back: str | None = strawberry.field(
        description="Why the new model was not activated, as a sentence: it is worse than the "
        "active one, or it had to leave out more samples than it learned from. Null if it was "
        "activated."
    )
    queued_at: datetime = strawberry.field(description="When the run was requested.")
    started_at: datetime | None = strawberry.field(
        description="When a worker started the run; null until then."
    )
    finished_at: datetime | None = strawberry.field(
        description="When the run ended; null until then."
    )

    @strawberry.field(description="Function that the run trains.", directives=(Cost(points=2),))
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.api.types.function")]:
        from server.api.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(
        description="Model that the run produced; null until it succeeds.",
        directives=(Cost(points=3),),
    )
    async def model(
        self, info: Info
    ) -> Annotated["Model", strawberry.lazy("server.api.types.model")] | None:
        from server.api.types.model import Model

        if self.row.model_id is None:
            return None
        row = await info.context.loaders.models.load(self.row.model_id)
        return maybe(Model.of, row)

    @classmethod
    def of(cls, row: tables.TrainingRun) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.TRAINING_RUN, row.id),
            state=row.state,
            stage=row.stage,
            progress=row.progress,
            failure=row.failure,
            waiting_for=row.waiting_for,
            sample_count=row.sample_count,
            accuracy=Estimate.of(row.accuracy),
            kept_back=row.kept_back,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )
