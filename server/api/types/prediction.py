"""Predictions and invocations as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import tables
from pigeonhole.errors import NotFoundError
from pigeonhole.invocation import Answered
from pigeonhole.kinds import Decision
from pigeonhole.paging import check_count
from pigeonhole.samples import listing
from pigeonhole.services import predictors
from pigeonhole.training import likeness
from server import ids
from server.api.context import Info
from server.api.types.image_part import ImagePart
from server.api.types.label import LABELS_A_POINT, Label, existing
from server.api.types.model import Model
from server.api.types.shared import Node, maybe
from server.auth.permissions import ANYONE, READ
from server.transport.costs import Cost

if TYPE_CHECKING:
    from server.api.types.function import Function
    from server.api.types.sample import Sample


@strawberry.type(description="Confidence of a model in one label.", directives=ANYONE)
class LabelConfidence:
    confidence: float = strawberry.field(
        description="Calibrated confidence, from 0 to 1. The confidences of all labels add up to 1."
    )
    label: Label = strawberry.field(description="The label.")


@strawberry.type(
    description="An annotated sample that supports or contradicts a prediction.", directives=READ
)
class Evidence:
    sample_id: strawberry.Private[UUID]
    similarity: float = strawberry.field(
        description="Cosine similarity of the two images' embeddings, from -1 to 1. Directions "
        "that separate the model's labels count ten times as much as all others."
    )

    @strawberry.field(
        description="Whether the sample's annotation is disputed: nobody has confirmed it, and a "
        "model trained without the sample predicts another label.",
        directives=(Cost(points=6),),
    )
    async def disputed(self, info: Info) -> bool:
        row = await info.context.loaders.samples.load(self.sample_id)
        return row is not None and listing.disputed(row)

    @strawberry.field(
        description="The sample; null if it has just been deleted.", directives=(Cost(points=6),)
    )
    async def sample(
        self, info: Info
    ) -> Annotated["Sample", strawberry.lazy("server.api.types.sample")] | None:
        from server.api.types.sample import Sample

        return maybe(Sample.of, await info.context.loaders.samples.load(self.sample_id))


@strawberry.type(description="A prediction of a model for one image.", directives=ANYONE)
class Prediction:
    answer: strawberry.Private[predictors.Prediction]
    asked: strawberry.Private[int]
    sha256: strawberry.Private[str]
    confidence: float = strawberry.field(
        description="Calibrated confidence in the predicted label, from 0 to 1."
    )
    decision: Decision = strawberry.field(
        description="Whether to accept the prediction, have it reviewed, or treat the image as "
        "none of the labels."
    )
    label: Label = strawberry.field(
        description="The most likely label; of an earlier invocation, the most likely of the "
        "labels that have not been deleted."
    )

    @strawberry.field(
        description="Labels with their confidences, most likely first, without those that have "
        "been deleted.",
        directives=(Cost(points=10),),
    )
    async def ranking(
        self,
        info: Info,
        first: Annotated[
            int | None,
            strawberry.argument(
                description="Number of labels, at most 100. Default: `topK` of the invocation, "
                "otherwise 5."
            ),
        ] = None,
    ) -> list[LabelConfidence]:
        many = self.asked if first is None else first
        check_count(many)
        return [
            LabelConfidence(label=Label.of(row), confidence=confidence)
            for row, confidence in await existing(info.context.loaders, self.answer.ranking, many)
        ]

    @strawberry.field(
        description="Annotated samples that are most similar to the image in the directions in "
        "which the model separates its labels, most similar first. The image itself is never one "
        "of them.",
        directives=(*READ, Cost(points=8)),
    )
    async def evidence(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="Number of samples, at most 100.")
        ] = 5,
    ) -> list[Evidence]:
        check_count(first)
        answer = self.answer
        found = await info.context.loaders.evidence.load(
            likeness.Asked(
                answer.model.function_id, answer.model.id, self.sha256, answer.vector, first
            )
        )
        return [Evidence(sample_id=id, similarity=cosine) for id, cosine in found]

    @strawberry.field(
        description="Prediction set: labels, most likely first, that include the true label for a "
        "share `coverage` of images. It is a single label if the model is certain, and all labels "
        "if too few samples were held out. Null if only the metrics of the model are kept. Of "
        "more than 10 labels, each 4 cost a further point.",
        directives=(Cost(points=4),),
    )
    async def set(
        self,
        info: Info,
        coverage: Annotated[
            float,
            strawberry.argument(
                description="Share of images whose true label is in the set, above 0 and below 1. "
                "It is ensured by cross-validation for images like the samples."
            ),
        ] = 0.95,
    ) -> list[Label] | None:
        async with info.context.completion.step():
            found = await info.context.services.predictors.label_set(self.answer, coverage)
        if found is None:
            return None
        await info.context.pay_for_entries(len(found), LABELS_A_POINT)
        rows = await existing(info.context.loaders, found, len(found))
        return [Label.of(row) async for row, _ in info.context.completion.entries(rows)]

    @strawberry.field(description="Model that made the prediction.", directives=READ)
    def model(self) -> Model:
        return Model.of(self.answer.model)

    @classmethod
    async def of(
        cls, info: Info, answer: predictors.Prediction, sha256: str, asked: int = 5
    ) -> Self | None:
        """Return the prediction with the most likely existing label; None if all were deleted."""
        left = await existing(info.context.loaders, answer.ranking, 1)
        if not left:
            return None
        row, confidence = left[0]
        return cls(
            answer=answer,
            asked=asked,
            sha256=sha256,
            confidence=confidence,
            decision=decision_for(answer, row),
            label=Label.of(row),
        )


def decision_for(answer: predictors.Prediction, label: tables.Label) -> Decision:
    """The decision on an answer, of which a label is the most likely that has not been deleted.

    An answer that was accepted is to be reviewed when its own label has been deleted.
    """
    if label.id != answer.label_id and answer.decision is Decision.ACCEPT:
        return Decision.REVIEW
    return answer.decision


@strawberry.type(
    description="A call of `invoke` and its prediction. It is kept for 30 days, so that feedback "
    "can refer to it.",
    directives=ANYONE,
)
class Invocation(Node):
    row: strawberry.Private[tables.Invocation]
    prediction: Prediction = strawberry.field(description="Prediction of the model.")
    external_id: str | None = strawberry.field(
        description="Identifier given by the caller; null if there is none."
    )
    file_name: str | None = strawberry.field(
        description="Name of the image's file; null if it came without one."
    )
    model_time: float = strawberry.field(
        description="Time spent in the encoder and the model, in milliseconds."
    )
    created_at: datetime = strawberry.field(description="When the function was invoked.")

    @strawberry.field(
        description="Parts of the image that the model sees; the rest has no influence on the "
        "prediction. The model usually sees the central square. Of an image longer than 2 to 1 it "
        "sees up to 8 squares from end to end, and averages their embeddings; those that differ "
        "most from the others count most.",
        directives=(Cost(points=2),),
    )
    async def looked_at(self, info: Info) -> list[ImagePart]:
        row = self.row
        return await ImagePart.seen(info, row.function_id, row.width, row.height)

    @strawberry.field(description="Function that was invoked.", directives=(*READ, Cost(points=2)))
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.api.types.function")]:
        from server.api.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(
        description="Sample that the image was kept as; null if it was not kept.",
        directives=(*READ, Cost(points=3)),
    )
    async def sample(
        self, info: Info
    ) -> Annotated["Sample", strawberry.lazy("server.api.types.sample")] | None:
        from server.api.types.sample import Sample

        if self.row.sample_id is None:
            return None
        row = await info.context.loaders.samples.load(self.row.sample_id)
        return maybe(Sample.of, row)

    @classmethod
    async def of(cls, info: Info, answered: Answered, asked: int = 1) -> Self:
        """Return the invocation with its prediction.

        Raises:
            NotFoundError: All labels of the prediction have been deleted.
        """
        row = answered.invocation
        prediction = await Prediction.of(info, answered.prediction, row.sha256, asked)
        if prediction is None:
            raise NotFoundError("All labels of the prediction have been deleted.")
        return cls(
            row=row,
            id=ids.encode(ids.Kind.INVOCATION, row.id),
            prediction=prediction,
            external_id=row.external_id,
            file_name=row.file_name,
            model_time=row.model_time_ms,
            created_at=row.created_at,
        )
