"""Predictions and invocations as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import likeness, models, predictions
from pigeonhole.invocation import Answered
from pigeonhole.models import Decision
from pigeonhole.paging import check_count
from server import ids
from server.context import Info
from server.permissions import ANYONE, READ
from server.types.label import Label, label_of
from server.types.model import Model
from server.types.shared import Node, maybe

if TYPE_CHECKING:
    from server.types.function import Function
    from server.types.sample import Sample


@strawberry.type(description="How sure the model is of one label.", directives=ANYONE)
class LabelConfidence:
    label_id: strawberry.Private[UUID]
    confidence: float = strawberry.field(
        description="Calibrated; the confidences of all labels add up to 1."
    )

    @strawberry.field(description="The label.")
    async def label(self, info: Info) -> Label:
        return await label_of(info, self.label_id)


@strawberry.type(
    description="An annotated sample that speaks for or against an answer.", directives=READ
)
class Evidence:
    sample_id: strawberry.Private[UUID]
    similarity: float = strawberry.field(description="Cosine similarity of the two images.")

    @strawberry.field(description="The sample; null if it was deleted a moment ago.")
    async def sample(
        self, info: Info
    ) -> Annotated["Sample", strawberry.lazy("server.types.sample")] | None:
        from server.types.sample import Sample

        return maybe(Sample.of, await info.context.loaders.samples.load(self.sample_id))


@strawberry.type(description="An answer of a model.", directives=ANYONE)
class Prediction:
    answer: strawberry.Private[predictions.Prediction]
    asked: strawberry.Private[int]
    sha256: strawberry.Private[str]
    confidence: float = strawberry.field(description="How sure the model is of its answer.")
    decision: Decision = strawberry.field(description="What to do with the answer.")

    @strawberry.field(description="The most likely label.")
    async def label(self, info: Info) -> Label:
        return await label_of(info, self.answer.label_id)

    @strawberry.field(description="Labels, most likely first.")
    def ranking(
        self,
        first: Annotated[
            int | None,
            strawberry.argument(description="How many, at most 100; `topK` or 5 if unsaid."),
        ] = None,
    ) -> list[LabelConfidence]:
        many = self.asked if first is None else first
        check_count(many)
        return [
            LabelConfidence(label_id=label, confidence=confidence)
            for label, confidence in self.answer.ranking[:many]
        ]

    @strawberry.field(
        description="The annotated samples most like the image; none of them is the image itself.",
        directives=READ,
    )
    async def evidence(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 5,
    ) -> list[Evidence]:
        check_count(first)
        answer = self.answer
        found = await likeness.evidence(
            info.context.services, answer.model.function_id, self.sha256, answer.vector, first
        )
        return [Evidence(sample_id=id, similarity=cosine) for id, cosine in found]

    @strawberry.field(description="The model that gave it.", directives=READ)
    def model(self) -> Model:
        return Model.of(self.answer.model)

    @classmethod
    def of(cls, answer: predictions.Prediction, sha256: str, asked: int = 5) -> Self:
        return cls(
            answer=answer,
            asked=asked,
            sha256=sha256,
            confidence=answer.confidence,
            decision=answer.decision,
        )


@strawberry.type(
    description="An answer of `invoke`, kept for a month so that feedback can name it.",
    directives=ANYONE,
)
class Invocation(Node):
    row: strawberry.Private[models.Invocation]
    prediction: Prediction = strawberry.field(description="What the model says.")
    external_id: str | None = strawberry.field(description="The caller's own identifier.")
    model_time: float = strawberry.field(description="Milliseconds spent in the model.")
    created_at: datetime = strawberry.field(description="When it was asked.")

    @strawberry.field(description="The function that was asked.", directives=READ)
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.types.function")]:
        from server.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(description="Set when the image was kept as a sample.", directives=READ)
    async def sample(
        self, info: Info
    ) -> Annotated["Sample", strawberry.lazy("server.types.sample")] | None:
        from server.types.sample import Sample

        if self.row.sample_id is None:
            return None
        row = await info.context.loaders.samples.load(self.row.sample_id)
        return maybe(Sample.of, row)

    @classmethod
    def of(cls, answered: Answered, asked: int = 1) -> Self:
        row = answered.invocation
        return cls(
            row=row,
            id=ids.encode(ids.Kind.INVOCATION, row.id),
            prediction=Prediction.of(answered.prediction, row.sha256, asked),
            external_id=row.external_id,
            model_time=row.model_time_ms,
            created_at=row.created_at,
        )
