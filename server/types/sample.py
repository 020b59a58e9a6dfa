"""Samples as clients see them."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import listing, models
from pigeonhole.models import AnnotationSource, SampleSource
from pigeonhole.paging import check_count
from pigeonhole.storage import Kind
from server import ids
from server.context import Info
from server.loaders import NEAR_DUPLICATES
from server.permissions import READ
from server.scalars import URL
from server.types.label import Label, label_of
from server.types.prediction import Prediction
from server.types.shared import Node, SortDirection

if TYPE_CHECKING:
    from server.types.function import Function


@strawberry.enum(description="How large a picture is wanted.")
class ImageSize(Enum):
    THUMBNAIL = strawberry.enum_value(
        Kind.THUMBNAIL, description="At most 256 pixels a side, as WebP."
    )
    FULL = strawberry.enum_value(Kind.FULL, description="As it was sent.")


@strawberry.type(description="A stored picture.", directives=READ)
class Image:
    width: int = strawberry.field(description="Pixels, upright.")
    height: int = strawberry.field(description="Pixels, upright.")
    byte_size: int = strawberry.field(description="Bytes as it was sent.")
    media_type: str = strawberry.field(description="Such as `image/jpeg`.")
    sha256: str = strawberry.field(
        description="SHA-256 of the bytes, in hexadecimal; equal images of a function are one "
        "sample."
    )

    @strawberry.field(description="A signed URL that works for at least an hour.")
    def url(
        self,
        info: Info,
        size: Annotated[ImageSize, strawberry.argument(description="How large.")] = ImageSize.FULL,
    ) -> URL:
        media_type = self.media_type if size is ImageSize.FULL else "image/webp"
        return URL(info.context.urls.sign(self.sha256, Kind(str(size.value)), media_type))


@strawberry.type(description="What a person says a sample is.", directives=READ)
class Annotation(Node):
    row: strawberry.Private[models.Sample]
    label_id: strawberry.Private[UUID]
    source: AnnotationSource = strawberry.field(description="Who said so.")
    created_at: datetime = strawberry.field(description="When.")
    confirmed: bool = strawberry.field(
        description="Whether somebody holds to it, whatever the model says."
    )

    @strawberry.field(description="The sample that it is about.")
    def sample(self) -> Annotated["Sample", strawberry.lazy(".sample")]:
        return Sample.of(self.row)

    @strawberry.field(description="What the sample is.")
    async def label(self, info: Info) -> Label:
        return await label_of(info, self.label_id)

    @classmethod
    def of(cls, row: models.Sample) -> Self | None:
        """The sample's annotation, if it has one."""
        if row.label_id is None or row.annotated_at is None:
            return None
        return cls(
            row=row,
            label_id=row.label_id,
            id=ids.encode(ids.Kind.ANNOTATION, row.id),
            source=row.annotation_source,
            created_at=row.annotated_at,
            confirmed=row.confirmed,
        )


@strawberry.type(description="One image of a function.", directives=READ)
class Sample(Node):
    row: strawberry.Private[models.Sample]
    external_id: str | None = strawberry.field(
        description="The caller's own identifier; unique in its function."
    )
    source: SampleSource = strawberry.field(description="How it came to be.")
    image: Image = strawberry.field(description="The picture.")
    annotation: Annotation | None = strawberry.field(
        description="What a person says it is; null when nobody has."
    )
    mistake_score: float | None = strawberry.field(
        description="How likely the annotation is a mistake, from 0 to 1; null when there is none, "
        "when it is confirmed, and before a model could tell."
    )
    created_at: datetime = strawberry.field(description="When it was added.")
    updated_at: datetime = strawberry.field(description="When it was last annotated.")

    @strawberry.field(description="The function that it is a sample of.")
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.types.function")]:
        from server.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(
        description="What the active model says. A sample that it learned from was held out for "
        "this; null before the first model, and until the sample is embedded."
    )
    async def cross_validated(self, info: Info) -> Prediction | None:
        info.context.loaders.samples.prime(self.row.id, self.row)
        prediction = await info.context.loaders.predictions.load(self.row.id)
        if prediction is None:
            return None
        return Prediction.of(prediction, self.row.sha256)

    @strawberry.field(
        description="Other samples of the function that show almost the same picture, most alike "
        "first."
    )
    async def near_duplicates(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, at most 10.")] = 10,
    ) -> list[Annotated["Sample", strawberry.lazy(".sample")]]:
        check_count(first, NEAR_DUPLICATES)
        loaders = info.context.loaders
        loaders.samples.prime(self.row.id, self.row)
        ids = (await loaders.near_duplicates.load(self.row.id))[:first]
        return [Sample.of(row) for row in await loaders.samples.load_many(ids) if row is not None]

    @strawberry.field(
        description="Whether the held-out prediction disagrees with an annotation that nobody has "
        "confirmed."
    )
    def disputed(self) -> bool:
        return listing.disputed(self.row)

    @classmethod
    def of(cls, row: models.Sample) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.SAMPLE, row.id),
            external_id=row.external_id,
            source=row.source,
            image=Image(
                width=row.width,
                height=row.height,
                byte_size=row.byte_size,
                media_type=row.media_type,
                sha256=row.sha256,
            ),
            annotation=Annotation.of(row),
            mistake_score=None if row.label_id is None or row.confirmed else row.mistake_score,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


@strawberry.input(description="From a number up to below another.")
class FloatRange:
    gte: float | None = strawberry.field(default=None, description="At least.")
    lt: float | None = strawberry.field(default=None, description="Below.")


@strawberry.input(description="From an instant up to before another.")
class DateTimeRange:
    gte: datetime | None = strawberry.field(default=None, description="Then or later.")
    lt: datetime | None = strawberry.field(default=None, description="Earlier than.")


@strawberry.input(description="Which samples; conditions are joined by and.")
class SampleFilter:
    annotated: bool | None = strawberry.field(
        default=None, description="Whether a person has annotated it."
    )
    disputed: bool | None = strawberry.field(
        default=None,
        description="Whether the held-out prediction disagrees with an annotation that nobody has "
        "confirmed.",
    )
    label_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Annotated with one of these."
    )
    predicted_label_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Predicted to be one of these."
    )
    confidence: FloatRange | None = strawberry.field(
        default=None, description="How sure the model is of its prediction."
    )
    source: SampleSource | None = strawberry.field(default=None, description="How it came to be.")
    created_at: DateTimeRange | None = strawberry.field(
        default=None, description="When it was added."
    )

    def conditions(self) -> listing.Conditions:
        """The same in the domain's words."""
        return listing.Conditions(
            annotated=self.annotated,
            disputed=self.disputed,
            label_ids=_labels(self.label_ids, "labelIds"),
            predicted_label_ids=_labels(self.predicted_label_ids, "predictedLabelIds"),
            confidence=(self.confidence and (self.confidence.gte, self.confidence.lt))
            or (None, None),
            source=self.source,
            created_at=(self.created_at and (self.created_at.gte, self.created_at.lt))
            or (None, None),
        )


@strawberry.enum(description="What samples can be sorted by.")
class SampleOrderField(Enum):
    CREATED_AT = strawberry.enum_value("id", description="When it was added.")
    CONFIDENCE = strawberry.enum_value(
        "confidence",
        description="How sure the model is; least sure first is `ASC`. Samples without a "
        "prediction come last.",
    )
    INFORMATIVENESS = strawberry.enum_value(
        "informativeness",
        description="What is worth annotating next is first with `DESC`: typical ones, then unsure "
        "and different ones.",
    )
    MISTAKE_SCORE = strawberry.enum_value(
        "mistake_score", description="Likely annotation mistakes first is `DESC`."
    )


@strawberry.input(description="How samples are sorted.")
class SampleOrder:
    field: SampleOrderField = strawberry.field(
        default=SampleOrderField.CREATED_AT, description="By what."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="Which way."
    )

    def choice(self) -> tuple[str, bool]:
        """The domain's name of the field, and whether the largest comes first."""
        return str(self.field.value), self.direction is SortDirection.DESC


def _labels(given: list[strawberry.ID] | None, field: str) -> list[UUID] | None:
    if given is None:
        return None
    return [
        ids.decode(ids.Kind.LABEL, id, ("filter", field, str(index)))
        for index, id in enumerate(given)
    ]
