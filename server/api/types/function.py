"""Functions as clients see them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import functions
from pigeonhole import tables as rows
from pigeonhole.encoders import Encoder
from pigeonhole.errors import NotFoundError
from pigeonhole.functions import FunctionState
from pigeonhole.kinds import FunctionVisibility
from pigeonhole.monitoring import PeriodLength, monitor
from pigeonhole.training import encoder_changes
from server import ids
from server.api.connections import After, Before, Connection, First, Last, connect
from server.api.context import Info
from server.api.types.encoder import EncoderChange
from server.api.types.function_parts import (
    CaptureSettings,
    InputType,
    OutputType,
    Readiness,
    SampleCounts,
)
from server.api.types.function_samples import FunctionSamples
from server.api.types.label import Label
from server.api.types.model import Model
from server.api.types.monitoring import PERIODS_A_POINT, Monitoring
from server.api.types.shared import Node, maybe
from server.api.types.training import TrainingRun
from server.auth.permissions import READ
from server.transport.costs import Cost


@strawberry.type(
    description="An image classifier that learns from annotated samples.", directives=READ
)
class Function(FunctionSamples, Node):
    name: str = strawberry.field(description="Name of the function, unique without regard to case.")
    description: str | None = strawberry.field(description="Free text; null if there is none.")
    visibility: FunctionVisibility = strawberry.field(description="Who may invoke the function.")
    input_type: InputType = strawberry.field(description="Kind of input that the function takes.")
    output_type: OutputType = strawberry.field(
        description="Kind of output that the function returns."
    )
    created_at: datetime = strawberry.field(description="When the function was created.")
    updated_at: datetime = strawberry.field(
        description="When the settings of the function last changed."
    )
    auto_train: bool = strawberry.field(
        description="Whether training starts automatically after annotations change. Default: true."
    )
    learns_from_unlabelled: bool = strawberry.field(
        description="Whether training also learns from samples that nobody has annotated. "
        "Default: true."
    )
    max_error_rate: float = strawberry.field(
        description="Share of accepted predictions that may be wrong, from 0 to 1. "
        "`Prediction.decision` follows from it. Default: 0.05."
    )
    capture: CaptureSettings = strawberry.field(
        description="Which images of invocations are kept as samples."
    )

    @strawberry.field(description="Lifecycle state of the function.", directives=(Cost(points=8),))
    async def state(self) -> FunctionState:
        return await functions.state(self.row)

    @strawberry.field(
        description="Whether the function can be trained, and what is missing.",
        directives=(Cost(points=10),),
    )
    async def readiness(self) -> Readiness:
        readiness = await functions.readiness(self.row)
        return Readiness(trainable=readiness.trainable, missing=list(readiness.missing))

    @strawberry.field(
        description="Name of the image encoder that the function uses, as `changeEncoder` takes "
        "it, such as `bundled`; the folder of an encoder that is a file is left out.",
        directives=(Cost(points=1),),
    )
    async def encoder(self, info: Info) -> str:
        if ":" not in self.row.encoder:
            return self.row.encoder
        encoder: Encoder = await info.context.services.encoding.load(self.row.encoder)
        return encoder.name

    @strawberry.field(
        description="Warning about the encoder, such as that it replaces a better one that could "
        "not be downloaded; null if there is none.",
        directives=(Cost(points=1),),
    )
    async def encoder_warning(self, info: Info) -> str | None:
        encoder: Encoder = await info.context.services.encoding.load(self.row.encoder)
        return encoder.warning

    @strawberry.field(
        description="Last change of the encoder of the function, under way or ended; null if there "
        "has been none.",
        directives=(Cost(points=3),),
    )
    async def encoder_change(self) -> EncoderChange | None:
        return maybe(EncoderChange.of, await encoder_changes.newest(self.row.id))

    @strawberry.field(
        description="Numbers of samples of the function.", directives=(Cost(points=30),)
    )
    async def sample_counts(self) -> SampleCounts:
        counts = await functions.sample_counts(self.row.id)
        return SampleCounts(
            total=counts.total,
            annotated=counts.annotated,
            unannotated=counts.total - counts.annotated,
            embedded=counts.embedded,
            in_review=counts.in_review,
        )

    @strawberry.field(
        description="Whether the predictions of the active model are stored for all samples. "
        "False for a moment after a model was activated; until then, filters, orders "
        "and counts of some samples use an earlier version, given by "
        "`Sample.predictionVersion`."
    )
    def predictions_complete(self) -> bool:
        return self.row.answered_revision == self.row.answer_revision

    @strawberry.field(
        description="Whether training is due: annotations or labels have changed since the last "
        "finished training run, or a run was requested."
    )
    def training_owed(self) -> bool:
        return self.row.trained_revision != self.row.revision

    @strawberry.field(
        description="Lists the labels of the function, oldest first.", directives=(Cost(points=22),)
    )
    async def labels(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Label]:
        query = rows.Label.filter(function_id=self.row.id)
        return await connect(query, Label.of, first, after, last, before)

    @strawberry.field(
        description="Lists the training runs of the function, oldest first.",
        directives=(Cost(points=16),),
    )
    async def training_runs(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[TrainingRun]:
        query = rows.TrainingRun.filter(function_id=self.row.id)
        return await connect(query, TrainingRun.of, first, after, last, before)

    @strawberry.field(
        description="Active model, which `invoke` uses; null until the first training run has "
        "succeeded.",
        directives=(Cost(points=3),),
    )
    async def model(self, info: Info) -> Model | None:
        if self.row.active_model_id is None:
            return None
        row = await info.context.loaders.models.load(self.row.active_model_id)
        return maybe(Model.of, row)

    @strawberry.field(
        description="Lists the models of the function, oldest first.", directives=(Cost(points=16),)
    )
    async def models(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Model]:
        query = rows.Model.filter(function_id=self.row.id)
        return await connect(query, Model.of, first, after, last, before)

    @strawberry.field(
        description="Returns what the function has answered in the last days (UTC), today "
        "included: counts of decisions, confidences, and how far images differ from the samples. "
        "It counts the kept invocations, and of these the newest 100,000. Each 1,000 of them cost "
        "75 more points, and each 10 periods a further point.",
        directives=(Cost(points=20),),
    )
    async def monitoring(
        self,
        info: Info,
        days: Annotated[
            int,
            strawberry.argument(
                description="Number of days, at most 30, and at most 7 with periods of an hour."
            ),
        ] = 30,
        period: Annotated[
            PeriodLength, strawberry.argument(description="Length of a period.")
        ] = PeriodLength.DAY,
    ) -> Monitoring:
        context = info.context
        found = await monitor(
            context.services, self.row, days=days, length=period, spend=context.meter.pay
        )
        await context.pay_for_entries(len(found.periods), PERIODS_A_POINT)
        return Monitoring.of(self.row.id, found)

    @classmethod
    def of(cls, row: rows.Function) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.FUNCTION, row.id),
            name=row.name,
            description=row.description,
            visibility=row.visibility,
            input_type=InputType.IMAGE,
            output_type=OutputType.CLASSIFICATION,
            created_at=row.created_at,
            updated_at=row.updated_at,
            auto_train=row.auto_train,
            learns_from_unlabelled=row.learns_from_unlabelled,
            max_error_rate=row.max_error_rate,
            capture=CaptureSettings(
                enabled=row.capture_enabled,
                below=row.capture_below,
                strange=row.capture_strange,
                rare_below=row.capture_rare_below,
                random_share=row.capture_random_share,
                daily_limit=row.capture_daily_limit,
            ),
        )


async def function_of(info: Info, id: UUID) -> Function:
    """Return the function of a row, read once for a page of rows."""
    row = await info.context.loaders.functions.load(id)
    if row is None:
        raise NotFoundError("The function has just been deleted.")
    return Function.of(row)
