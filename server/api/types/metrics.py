"""Metrics of a model as clients see them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import tables
from pigeonhole.errors import InvalidError
from pigeonhole.samples import listing
from pigeonhole.training import confusion, mix_ups
from pigeonhole.training.next_labels import Advice, next_labels
from server import ids
from server.api.connections import After, Connection, First, connect
from server.api.context import Info
from server.api.types.label import LABELS_A_POINT, Label, LabelMetrics, label_metrics
from server.api.types.shared import Estimate, maybe
from server.auth.permissions import READ
from server.transport.costs import Cost

if TYPE_CHECKING:
    from server.api.types.sample import Sample

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


@strawberry.type(
    description="Which samples to annotate next, and what they are worth.", directives=READ
)
class LabelingAdvice:
    label_ids: strawberry.Private[tuple[UUID, ...]]
    sample_count: int = strawberry.field(
        description="Number of samples to annotate in all, evenly divided among the labels."
    )
    gain: float = strawberry.field(
        description="Accuracy to expect in addition, from 0 to 1. It is an estimate from how "
        "errors fall with samples; on photos of clothing and of signs it was off by 0.01 to 0.024."
    )

    @strawberry.field(
        description="At most two labels, the one whose samples are worth most first.",
        directives=(Cost(points=3),),
    )
    async def labels(self, info: Info) -> list[Label]:
        rows = await info.context.loaders.labels.load_many(self.label_ids)
        return [Label.of(row) for row in rows if row is not None]

    @classmethod
    def of(cls, found: Advice, count: int) -> Self:
        return cls(label_ids=found.label_ids, sample_count=count, gain=found.gain)


@strawberry.type(
    description="Two labels that held-out samples are mixed up between.", directives=READ
)
class MixUp:
    label: Label = strawberry.field(description="One of the labels.")
    other: Label = strawberry.field(description="The other label.")
    share: Estimate = strawberry.field(
        description="Share of mix-ups among samples annotated with either label and predicted as "
        "either."
    )
    guessing: float = strawberry.field(
        description="The same share, from 0 to 1, if all were predicted as the more frequent one."
    )
    indistinguishable: bool = strawberry.field(
        description="Whether the interval of `share` reaches `guessing` and is above half of it: "
        "the predictions are hardly better than guessing between the two."
    )
    gain_if_merged: float = strawberry.field(
        description="Accuracy, from 0 to 1, that the held-out predictions would have in addition "
        "if both were one label."
    )

    @classmethod
    def of(cls, found: mix_ups.MixedUp, label: tables.Label, other: tables.Label) -> Self:
        share = Estimate.of(asdict(found.found.share))
        assert share is not None
        return cls(
            label=Label.of(label),
            other=Label.of(other),
            share=share,
            guessing=found.found.guessing,
            indistinguishable=found.found.indistinguishable,
            gain_if_merged=found.found.gain,
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

    @strawberry.field(
        description="Returns the labels whose next samples are worth most, from the errors of "
        "held-out samples. Null below 60 held-out samples, and for models that are too old to "
        "be activated.",
        directives=(Cost(points=65),),
    )
    async def next_labels(
        self,
        info: Info,
        sample_count: Annotated[
            int, strawberry.argument(description="Number of samples to annotate, at most 100.")
        ] = 20,
    ) -> LabelingAdvice | None:
        found = await next_labels(info.context.services, self.model, sample_count)
        return None if found is None else LabelingAdvice.of(found, sample_count)

    @strawberry.field(
        description="Returns at most ten pairs of existing labels that are mixed up in more than "
        "10% of their held-out samples, by the 95% interval; the worst first. Empty while the "
        "accuracy is null, and for models that are too old to be activated.",
        directives=(Cost(points=100),),
    )
    async def mix_ups(self, info: Info) -> list[MixUp]:
        found = await mix_ups.of_model(info.context.services, self.model)
        ids = [id for pair in found for id in pair.label_ids]
        rows = await info.context.loaders.labels.load_many(ids)
        return [
            MixUp.of(pair, label, other)
            for pair, label, other in zip(found, rows[::2], rows[1::2], strict=True)
            if label is not None and other is not None
        ]
