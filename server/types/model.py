"""Models and how they do, as clients see them."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import listing, models
from pigeonhole.errors import InvalidError
from server import ids
from server.connections import After, Connection, First, connect
from server.context import Info
from server.permissions import READ
from server.types.label import Label, LabelMetrics, label_metrics
from server.types.shared import Estimate, Node, maybe

if TYPE_CHECKING:
    from server.types.function import Function
    from server.types.sample import Sample
    from server.types.training import TrainingRun


@strawberry.type(
    description="Held-out predictions counted by label: `counts[i][j]` samples annotated "
    "`labels[i]` were predicted `labels[j]`.",
    directives=READ,
)
class ConfusionMatrix:
    model: strawberry.Private[models.Model]
    label_ids: strawberry.Private[list[UUID]]
    counts: list[list[int]] = strawberry.field(description="One row for each annotated label.")

    @strawberry.field(description="The labels; null in the place of one deleted since.")
    async def labels(self, info: Info) -> list[Label | None]:
        rows = await info.context.loaders.labels.load_many(self.label_ids)
        return [maybe(Label.of, row) for row in rows]

    @strawberry.field(description="The samples behind one cell, by their annotations now.")
    async def samples(
        self,
        info: Info,
        annotated_label_id: Annotated[
            strawberry.ID, strawberry.argument(description="The row: what people say.")
        ],
        predicted_label_id: Annotated[
            strawberry.ID, strawberry.argument(description="The column: what the model says.")
        ],
        first: First = None,
        after: After = None,
    ) -> Connection[Annotated["Sample", strawberry.lazy("server.types.sample")]]:
        from server.types.sample import Sample

        predictor = await info.context.services.predictors.get(self.model.id)
        query = listing.behind(
            predictor,
            ids.decode(ids.Kind.LABEL, annotated_label_id, ("annotatedLabelId",)),
            ids.decode(ids.Kind.LABEL, predicted_label_id, ("predictedLabelId",)),
        )
        return await connect(query, Sample.of, first, after, None, None)


@strawberry.type(
    description="What a confidence threshold buys, measured on held-out predictions.",
    directives=READ,
)
class Threshold:
    confidence: float = strawberry.field(
        description="What to ask for; above 1 where no confidence keeps the promise."
    )
    coverage: float = strawberry.field(
        description="Share of images at or above it: what need not be looked at."
    )
    error_rate: Estimate | None = strawberry.field(
        description="Of those at or above it; null where there are none."
    )


@strawberry.type(
    description="How a model does on samples held out of its own training.", directives=READ
)
class Metrics:
    accuracy: Estimate | None = strawberry.field(
        description="Share of right answers; null when there are too few samples to tell."
    )
    balanced_accuracy: float | None = strawberry.field(
        description="Mean of the labels' recalls: a rare label counts as much as a common one."
    )
    macro_f1: float | None = strawberry.field(description="Mean of the labels' F1.")
    calibration_error: float | None = strawberry.field(
        description="Expected calibration error: how far confidence is from accuracy."
    )
    folds: int = strawberry.field(description="Parts that were held out in turn.")
    labels: list[LabelMetrics] = strawberry.field(description="The same, label by label.")
    model: strawberry.Private[models.Model]
    confusion_matrix: ConfusionMatrix = strawberry.field(
        description="Which label is taken for which."
    )

    @strawberry.field(
        description="For a promised error rate: the confidence to ask for, and the share of images "
        "answered at it."
    )
    async def threshold(
        self,
        info: Info,
        max_error_rate: Annotated[
            float, strawberry.argument(description="The promise, from 0 to 1.")
        ],
    ) -> Threshold:
        if not 0 <= max_error_rate <= 1:
            raise InvalidError("A rate is between 0 and 1.", path=("maxErrorRate",))
        predictor = await info.context.services.predictors.get(self.model.id)
        found = predictor.held_out.threshold(max_error_rate)
        return Threshold(
            confidence=found.confidence,
            coverage=found.coverage,
            error_rate=Estimate.of(asdict(found.error_rate)) if found.coverage else None,
        )


@strawberry.type(
    description="A trained version of a function; it does not change. Its figures are kept for "
    "good, what it takes to answer again only while it is one of the newest.",
    directives=READ,
)
class Model(Node):
    row: strawberry.Private[models.Model]
    version: int = strawberry.field(description="1 for the first, then upwards without gaps.")
    created_at: datetime = strawberry.field(description="When its run published it.")
    data_revision: int = strawberry.field(
        description="Which state of the samples, labels and annotations it learned from."
    )
    seed: int = strawberry.field(description="What its folds were drawn with.")
    encoder: str = strawberry.field(
        description="The image encoder whose embeddings it reads, such as "
        "`ViT-B-32/datacomp_xl_s13b_b90k`."
    )
    classifier: str = strawberry.field(
        description="The classifier that won, such as `gaussian`, and why it was chosen."
    )

    @strawberry.field(description="The function that it answers for.")
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.types.function")]:
        from server.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(description="Whether `invoke` uses it.")
    async def active(self, info: Info) -> bool:
        function = await info.context.loaders.functions.load(self.row.function_id)
        return function is not None and function.active_model_id == self.row.id

    @strawberry.field(description="The run that made it.")
    async def training_run(
        self, info: Info
    ) -> Annotated["TrainingRun", strawberry.lazy("server.types.training")] | None:
        from server.types.training import TrainingRun

        row = await info.context.loaders.runs_of_models.load(self.row.id)
        return maybe(TrainingRun.of, row)

    @strawberry.field(
        description="Whether it answers from the names of its labels alone: it has seen no sample."
    )
    def from_names_alone(self) -> bool:
        return all(label["support"] == 0 for label in self.row.metrics["labels"])

    @strawberry.field(
        description="Samples whose held-out prediction differs from the one of another version."
    )
    async def changed_since(
        self,
        info: Info,
        version: Annotated[int, strawberry.argument(description="The other version.")],
        first: First = None,
        after: After = None,
    ) -> Connection[Annotated["Sample", strawberry.lazy("server.types.sample")]]:
        from server.types.sample import Sample

        query = await listing.changed(info.context.services, self.row, version)
        return await connect(query, Sample.of, first, after, None, None)

    @strawberry.field(description="How it does on samples held out of its training.")
    def metrics(self) -> Metrics:
        stored = self.row.metrics
        return Metrics(
            model=self.row,
            accuracy=Estimate.of(stored["accuracy"]),
            balanced_accuracy=stored["balanced_accuracy"],
            macro_f1=stored["macro_f1"],
            calibration_error=stored["calibration_error"],
            folds=stored["folds"],
            labels=label_metrics(self.row),
            confusion_matrix=ConfusionMatrix(
                model=self.row,
                label_ids=[UUID(label) for label in stored["classes"]],
                counts=stored["confusion"],
            ),
        )

    @classmethod
    def of(cls, row: models.Model) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.MODEL, row.id),
            version=row.version,
            created_at=row.created_at,
            data_revision=row.revision,
            seed=row.seed,
            encoder=row.encoder,
            classifier=row.classifier,
        )
