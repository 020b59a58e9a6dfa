"""Functions as clients see them."""

from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import functions, listing, quiz
from pigeonhole import models as rows
from pigeonhole.encoders import Encoder
from pigeonhole.errors import NotFoundError
from pigeonhole.functions import FunctionState
from pigeonhole.models import FunctionVisibility
from pigeonhole.names import MAX_EXTERNAL_ID, is_storable
from pigeonhole.paging import check_count, check_skip
from server import ids
from server.connections import After, Before, Connection, First, Last, connect
from server.context import Info
from server.permissions import READ
from server.types.label import Label
from server.types.model import Model
from server.types.near_duplicates import NearDuplicates
from server.types.sample import Sample, SampleFilter, SampleOrder
from server.types.shared import Estimate, Node, maybe
from server.types.training import TrainingRun


@strawberry.enum(description="What a function takes.")
class InputType(Enum):
    IMAGE = strawberry.enum_value(
        "image", description="One picture: JPEG, PNG, WebP, GIF, AVIF or HEIC."
    )


@strawberry.enum(description="What a function answers.")
class OutputType(Enum):
    CLASSIFICATION = strawberry.enum_value(
        "classification", description="One label of a fixed set."
    )


@strawberry.type(
    description="What a function still needs before it can be trained.", directives=READ
)
class Readiness:
    trainable: bool = strawberry.field(description="Whether a run can start.")
    missing: list[str] = strawberry.field(
        description="What is missing, for a person; empty when trainable."
    )


@strawberry.type(description="How samples of a function divide.", directives=READ)
class SampleCounts:
    total: int = strawberry.field(description="All samples.")
    annotated: int = strawberry.field(description="Those that a person has annotated.")
    unannotated: int = strawberry.field(description="Those that nobody has annotated.")
    embedded: int = strawberry.field(
        description="Those that the encoder has seen; the others wait for the worker."
    )
    in_review: int = strawberry.field(description="Captured from invokes and not yet looked at.")


@strawberry.type(description="When invoked images are kept.", directives=READ)
class CaptureSettings:
    enabled: bool = strawberry.field(description="Whether any are.")
    below: float = strawberry.field(description="Keep only answers whose confidence is below this.")
    daily_limit: int = strawberry.field(description="Keep at most this many a day (UTC).")


@strawberry.type(description="A classifier that learns from annotated samples.", directives=READ)
class Function(Node):
    row: strawberry.Private[rows.Function]
    name: str = strawberry.field(description="Unique in its project, without regard to case.")
    description: str | None = strawberry.field(description="Free text.")
    visibility: FunctionVisibility = strawberry.field(description="Who may invoke it.")
    input_type: InputType = strawberry.field(description="What it takes.")
    output_type: OutputType = strawberry.field(description="What it answers.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When its settings last changed.")
    auto_train: bool = strawberry.field(
        description="Whether training starts by itself after annotations change."
    )
    max_error_rate: float = strawberry.field(
        description="Share of wrong answers that is acceptable; sets `Prediction.decision`."
    )
    capture: CaptureSettings = strawberry.field(
        description="Whether invoked images are kept as samples to annotate."
    )

    @strawberry.field(description="How far it is.")
    async def state(self) -> FunctionState:
        return await functions.state(self.row)

    @strawberry.field(description="What it still needs before it can be trained.")
    async def readiness(self) -> Readiness:
        readiness = await functions.readiness(self.row)
        return Readiness(trainable=readiness.trainable, missing=list(readiness.missing))

    @strawberry.field(description="The image encoder that it uses, such as `bundled`.")
    async def encoder(self, info: Info) -> str:
        encoder: Encoder = await info.context.services.encoding.load(self.row.encoder)
        return encoder.name

    @strawberry.field(
        description="What a person should know of the encoder, such as that it stands in for a "
        "better one that could not be fetched."
    )
    async def encoder_warning(self, info: Info) -> str | None:
        encoder: Encoder = await info.context.services.encoding.load(self.row.encoder)
        return encoder.warning

    @strawberry.field(description="Counts of samples by what is known of them.")
    async def sample_counts(self) -> SampleCounts:
        counts = await functions.sample_counts(self.row.id)
        return SampleCounts(
            total=counts.total,
            annotated=counts.annotated,
            unannotated=counts.total - counts.annotated,
            embedded=counts.embedded,
            in_review=counts.in_review,
        )

    @strawberry.field(description="The answers that it can give, in the order they were made.")
    async def labels(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Label]:
        query = rows.Label.filter(function_id=self.row.id)
        return await connect(query, Label.of, first, after, last, before)

    @strawberry.field(description="Its samples.")
    async def samples(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            SampleFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        order_by: Annotated[
            SampleOrder | None, strawberry.argument(description="Newest first if unsaid.")
        ] = None,
        skip: Annotated[
            int,
            strawberry.argument(
                description="How many to leave out before the first, to jump as a scrollbar does; "
                "to read on, `after` is cheaper and misses nothing."
            ),
        ] = 0,
    ) -> Connection[Sample]:
        query = listing.listed(self.row.id, (filter or SampleFilter()).conditions())
        query, order = listing.ordered(query, *(order_by or SampleOrder()).choice())
        return await connect(query, Sample.of, first, after, last, before, order, skip)

    @strawberry.field(
        description="A quiz: samples drawn at random of those that nobody has annotated and whose "
        "answer nobody has graded. `gradeAnswers` takes the verdicts."
    )
    async def quiz_samples(
        self, first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 10
    ) -> list[Sample]:
        check_count(first)
        return [Sample.of(row) for row in await quiz.questions(self.row, first)]

    @strawberry.field(
        description="Share of right answers among the newest 100 that people graded; null before "
        "ten were. It should be near the cross-validated accuracy."
    )
    async def quiz_accuracy(self) -> Estimate | None:
        share = await quiz.share_right(self.row.id)
        return None if share.too_early else Estimate.of(asdict(share))

    @strawberry.field(
        description="Samples that show almost the same picture, in groups: those annotated "
        "differently first, then the larger ones. Looked for among its newest 10,000."
    )
    async def near_duplicates(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="How many groups, at most 100.")
        ] = 20,
        skip: Annotated[int, strawberry.argument(description="How many to leave out before.")] = 0,
    ) -> NearDuplicates:
        check_count(first)
        check_skip(skip)
        info.context.loaders.functions.prime(self.row.id, self.row)
        groups = await info.context.loaders.groups.load(self.row.id)
        return NearDuplicates.of(groups, slice(skip, skip + first))

    @strawberry.field(description="One sample by the caller's own identifier.")
    async def sample_by_external_id(
        self,
        external_id: Annotated[
            str, strawberry.argument(description="As it was given with the sample.")
        ],
    ) -> Sample | None:
        if not is_storable(external_id) or len(external_id) > MAX_EXTERNAL_ID:
            return None  # no sample has such a one
        row = await rows.Sample.get_or_none(function_id=self.row.id, external_id=external_id)
        return maybe(Sample.of, row)

    @strawberry.field(description="Attempts to make a model, oldest first.")
    async def training_runs(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[TrainingRun]:
        query = rows.TrainingRun.filter(function_id=self.row.id)
        return await connect(query, TrainingRun.of, first, after, last, before)

    @strawberry.field(description="The model that answers `invoke`.")
    async def model(self, info: Info) -> Model | None:
        if self.row.active_model_id is None:
            return None
        row = await info.context.loaders.models.load(self.row.active_model_id)
        return maybe(Model.of, row)

    @strawberry.field(description="Trained versions, oldest first.")
    async def models(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Model]:
        query = rows.Model.filter(function_id=self.row.id)
        return await connect(query, Model.of, first, after, last, before)

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
            max_error_rate=row.max_error_rate,
            capture=CaptureSettings(
                enabled=row.capture_enabled,
                below=row.capture_below,
                daily_limit=row.capture_daily_limit,
            ),
        )


async def function_of(info: Info, id: UUID) -> Function:
    """The function that a row belongs to, read once for a page of such rows."""
    row = await info.context.loaders.functions.load(id)
    if row is None:
        raise NotFoundError("The function was deleted a moment ago.")
    return Function.of(row)
