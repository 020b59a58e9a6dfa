"""Models and their metrics, as clients see them."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import tables
from pigeonhole.errors import InvalidError
from pigeonhole.samples import listing
from pigeonhole.training import confusion
from server import ids
from server.api.connections import After, Connection, First, connect
from server.api.context import Info
from server.api.types.label import LABELS_A_POINT, Label, LabelMetrics, label_metrics
from server.api.types.shared import Estimate, Node, maybe
from server.auth.permissions import READ
from server.transport.costs import Cost

if TYPE_CHECKING:
    from server.api.types.function import Function
    from server.api.types.sample import Sample
    from server.api.types.training import TrainingRun

NUMBERS_A_POINT = 40
"""Numbers of a confusion matrix that a point pays for."""


@strawberry.type(
    description="Confusion matrix of held-out predictions: `counts[i][j]` samples annotated "
    "`labels[i]` were predicted `labels[j]`.",
    directives=READ,
)
class ConfusionMatrix:
    model: strawberry.Private[tables.Model]
    label_ids: strawberry.Private[list[UUID]]

    @strawberry.field(
        description="Numbers of samples: one row for each annotated label, one column for each "
        "predicted label. Of more than 10 numbers, each 40 cost a further point.",
        directives=(Cost(points=3),),
    )
    async def counts(self, info: Info) -> list[list[int]]:
        await info.context.pay_for_entries(len(self.label_ids) ** 2, NUMBERS_A_POINT)
        return confusion.counts_of(self.model.metrics)

    @strawberry.field(
        description="Labels of the rows and columns, with null for each that has been deleted. Of "
        "more than 10 labels, each 4 cost a further point.",
        directives=(Cost(points=10),),
    )
    async def labels(self, info: Info) -> list[Label | None]:
        await info.context.pay_for_entries(len(self.label_ids), LABELS_A_POINT)
        rows = await info.context.loaders.labels.load_many(self.label_ids)
        return [maybe(Label.of, row) for row in rows]

    @strawberry.field(
        description="Lists the samples of one cell, by their current annotations.",
        directives=(Cost(points=100),),
    )
    async def samples(
        self,
        info: Info,
        annotated_label_id: Annotated[
            strawberry.ID, strawberry.argument(description="ID of the annotated label: the row.")
        ],
        predicted_label_id: Annotated[
            strawberry.ID, strawberry.argument(description="ID of the predicted label: the column.")
        ],
        first: First = None,
        after: After = None,
    ) -> Connection[Annotated["Sample", strawberry.lazy("server.api.types.sample")]]:
        from server.api.types.sample import Sample

        predictor = await info.context.services.predictors.get(self.model.id)
        query = await listing.behind(
            predictor,
            ids.decode(ids.Kind.LABEL, annotated_label_id, ("annotatedLabelId",)),
            ids.decode(ids.Kind.LABEL, predicted_label_id, ("predictedLabelId",)),
        )
        return await connect(query, Sample.of, first, after, None, None)


@strawberry.type(
    description="Effect of a confidence threshold, measured on held-out predictions.",
    directives=READ,
)
class Threshold:
    confidence: float = strawberry.field(
        description="Lowest confidence to accept, from 0 to 1; above 1 if no confidence keeps "
        "the error rate."
    )
    coverage: float = strawberry.field(
        description="Share of images with at least this confidence, from 0 to 1."
    )
    error_rate: Estimate | None = strawberry.field(
        description="Error rate of the predictions with at least this confidence; null if there "
        "are none."
    )


SUMMARIES = ("accuracy", "balanced_accuracy", "macro_f1", "calibration_error")
"""Figures over all labels, which an active model does not have once one of them is deleted."""


@strawberry.type(description="Quality of a model, measured on held-out samples.", directives=READ)
class Metrics:
    accuracy: Estimate | None = strawberry.field(
        description="Share of right predictions on images of labels that have samples. Null if "
        "fewer than two labels have samples, if there are too few samples to tell, or if the "
        "model is active and one of its labels has been deleted."
    )
    balanced_accuracy: float | None = strawberry.field(
        description="Mean recall of the labels, from 0 to 1, in which rare labels count as much "
        "as common ones; null if it is unknown."
    )
    macro_f1: float | None = strawberry.field(
        description="Mean F1 of the labels, from 0 to 1; null if it is unknown."
    )
    calibration_error: float | None = strawberry.field(
        description="Expected calibration error, from 0 to 1: the mean difference between "
        "confidence and accuracy; null if it is unknown."
    )
    folds: int = strawberry.field(description="Number of folds of the cross-validation.")
    taught_label_count: int = strawberry.field(
        description="Number of labels for which the model learned from samples. The metrics are "
        "for images of these labels."
    )
    unlabelled_sample_count: int = strawberry.field(
        description="Number of samples without an annotation that the model also learned from; 0 "
        "if they were not needed or would not have helped."
    )
    label_count: int = strawberry.field(
        description="Number of labels that the model can predict, with samples or by name alone."
    )
    model: strawberry.Private[tables.Model]
    confusion_matrix: ConfusionMatrix = strawberry.field(
        description="How often each label was predicted for each other."
    )

    @strawberry.field(
        description="Quality on each label. Of more than 10 labels, each costs a further point.",
        directives=(Cost(points=3),),
    )
    async def labels(self, info: Info) -> list[LabelMetrics]:
        found = label_metrics(self.model)
        await info.context.pay_for_entries(len(found), 1)
        return found

    @strawberry.field(
        description="Computes the confidence threshold for an error rate, and the share of "
        "images that reach it.",
        directives=(Cost(points=100),),
    )
    async def threshold(
        self,
        info: Info,
        max_error_rate: Annotated[
            float,
            strawberry.argument(
                description="Share of accepted predictions that may be wrong, from 0 to 1."
            ),
        ],
    ) -> Threshold:
        if not 0 <= max_error_rate <= 1:
            raise InvalidError("Rate must be between 0 and 1.", path=("maxErrorRate",))
        found = await info.context.loaders.thresholds.load((self.model.id, max_error_rate))
        return Threshold(
            confidence=found.confidence,
            coverage=found.coverage,
            error_rate=Estimate.of(asdict(found.error_rate)) if found.coverage else None,
        )


@strawberry.type(
    description="A trained version of a function. A model never changes. Its metrics are kept "
    "for good; only the newest ones (200 by default) can be activated again.",
    directives=READ,
)
class Model(Node):
    row: strawberry.Private[tables.Model]
    version: int = strawberry.field(
        description="Number of the model within its function: 1, 2, 3 and so on."
    )
    created_at: datetime = strawberry.field(description="When the model was published.")
    data_revision: int = strawberry.field(
        description="Revision of the samples, labels and annotations that the model was trained on."
    )
    seed: int = strawberry.field(description="Random seed of the cross-validation folds.")
    encoder: str = strawberry.field(
        description="Image encoder that computed the embeddings, such as "
        "`ViT-B-32-256/datacomp_s34b_b86k`."
    )
    classifier: str = strawberry.field(
        description="Kind of classifier that was chosen, such as `gaussian`, and why."
    )

    @strawberry.field(
        description="Function that the model belongs to.", directives=(Cost(points=2),)
    )
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.api.types.function")]:
        from server.api.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(description="Whether `invoke` uses this model.", directives=(Cost(points=3),))
    async def active(self, info: Info) -> bool:
        function = await info.context.loaders.functions.load(self.row.function_id)
        return function is not None and function.active_model_id == self.row.id

    @strawberry.field(
        description="Training run that produced the model; null if it no longer exists.",
        directives=(Cost(points=3),),
    )
    async def training_run(
        self, info: Info
    ) -> Annotated["TrainingRun", strawberry.lazy("server.api.types.training")] | None:
        from server.api.types.training import TrainingRun

        row = await info.context.loaders.runs_of_models.load(self.row.id)
        return maybe(TrainingRun.of, row)

    @strawberry.field(
        description="Whether the model was made from the names of the labels alone, without any "
        "sample."
    )
    def from_names_alone(self) -> bool:
        return all(label["support"] == 0 for label in self.row.metrics["labels"])

    @strawberry.field(
        description="Lists the samples whose held-out prediction differs between this model and "
        "another version.",
        directives=(Cost(points=150),),
    )
    async def changed_since(
        self,
        info: Info,
        version: Annotated[int, strawberry.argument(description="Version to compare with.")],
        first: First = None,
        after: After = None,
    ) -> Connection[Annotated["Sample", strawberry.lazy("server.api.types.sample")]]:
        from server.api.types.sample import Sample

        query = await listing.changed(info.context.services, self.row, version)
        return await connect(query, Sample.of, first, after, None, None)

    @strawberry.field(
        description="Quality of the model, measured on held-out samples.",
        directives=(Cost(points=3),),
    )
    async def metrics(self, info: Info) -> Metrics:
        stored = self.row.metrics
        function = await info.context.loaders.functions.load(self.row.function_id)
        if function is not None and function.active_model_id == self.row.id:
            labels = [UUID(label) for label in stored["classes"]]
            if None in await info.context.loaders.labels.load_many(labels):
                stored = stored | dict.fromkeys(SUMMARIES)
        return Metrics(
            model=self.row,
            accuracy=Estimate.of(stored["accuracy"]),
            balanced_accuracy=stored["balanced_accuracy"],
            macro_f1=stored["macro_f1"],
            calibration_error=stored["calibration_error"],
            folds=stored["folds"],
            taught_label_count=sum(label["support"] > 0 for label in stored["labels"]),
            label_count=len(stored["labels"]),
            unlabelled_sample_count=stored.get("unlabelled", 0),
            confusion_matrix=ConfusionMatrix(
                model=self.row,
                label_ids=[UUID(label) for label in stored["classes"]],
            ),
        )

    @classmethod
    def of(cls, row: tables.Model) -> Self:
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
