"""Samples as clients see them."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from pigeonhole import tables
from pigeonhole.kinds import AnnotationSource, CaptureReason, SampleSource
from pigeonhole.paging import check_count
from pigeonhole.samples import listing
from pigeonhole.services.storage import Kind
from server import ids
from server.api.context import Info
from server.api.loaders import NEAR_DUPLICATES
from server.api.scalars import JSON, URL
from server.api.types.image_part import ImagePart
from server.api.types.label import Label
from server.api.types.prediction import Prediction
from server.api.types.shared import Node
from server.auth.permissions import READ
from server.transport.costs import Cost

if TYPE_CHECKING:
    from server.api.types.function import Function


@strawberry.enum(description="Size in which to return an image.")
class ImageSize(Enum):
    THUMBNAIL = strawberry.enum_value(
        Kind.THUMBNAIL, description="A WebP of at most 256 pixels a side."
    )
    FULL = strawberry.enum_value(
        Kind.FULL,
        description="The image as it was sent. A browser that does not show TIFF or HEIC receives "
        "such an image as a WebP of at most 4,096 pixels a side.",
    )


@strawberry.type(description="A stored image.", directives=READ)
class Image:
    width: int = strawberry.field(description="Width of the upright image in pixels.")
    height: int = strawberry.field(description="Height of the upright image in pixels.")
    byte_size: int = strawberry.field(description="Size of the file in bytes.")
    media_type: str = strawberry.field(description="Media type of the file, such as `image/jpeg`.")
    sha256: str = strawberry.field(
        description="SHA-256 of the file, in hexadecimal. Equal files of a function are one sample."
    )

    @strawberry.field(description="Returns a signed URL of the image, valid for at least an hour.")
    def url(
        self,
        info: Info,
        size: Annotated[
            ImageSize, strawberry.argument(description="Size in which to return the image.")
        ] = ImageSize.FULL,
    ) -> URL:
        media_type = self.media_type if size is ImageSize.FULL else "image/webp"
        return URL(info.context.urls.sign(self.sha256, Kind(str(size.value)), media_type))

    @classmethod
    def of(cls, row: tables.Sample | tables.DeletedSample) -> Self:
        return cls(
            width=row.width,
            height=row.height,
            byte_size=row.byte_size,
            media_type=row.media_type,
            sha256=row.sha256,
        )


@strawberry.type(description="Label that was given to a sample.", directives=READ)
class Annotation(Node):
    row: strawberry.Private[tables.Sample]
    source: AnnotationSource = strawberry.field(description="How the annotation was made.")
    created_at: datetime = strawberry.field(description="When the annotation was made.")
    created_by: str | None = strawberry.field(
        description="Name of the API key that the annotation was made with, as it was then; null "
        "for annotations made without a key, and by releases that did not record it."
    )
    confirmed: bool = strawberry.field(
        description="Whether a person has confirmed the label, even if the model predicts another "
        "one."
    )
    label: Label = strawberry.field(description="Label of the sample.")

    @strawberry.field(description="Sample that is annotated.")
    def sample(self) -> Annotated["Sample", strawberry.lazy(".sample")]:
        return Sample.of(self.row)

    @classmethod
    async def of(cls, info: Info, row: tables.Sample) -> Self | None:
        """Return the sample's annotation; None without one or if its label was just deleted."""
        if row.label_id is None or row.annotated_at is None:
            return None
        label = await info.context.loaders.labels.load(row.label_id)
        if label is None:
            return None
        return cls(
            row=row,
            label=Label.of(label),
            id=ids.encode(ids.Kind.ANNOTATION, row.id),
            source=row.annotation_source,
            created_at=row.annotated_at,
            created_by=row.annotated_by,
            confirmed=row.confirmed,
        )


@strawberry.type(
    description="One image of a function, with its annotation and its prediction.", directives=READ
)
class Sample(Node):
    row: strawberry.Private[tables.Sample]
    external_id: str | None = strawberry.field(
        description="Identifier given by the caller, unique in the function; null if there is none."
    )
    file_name: str | None = strawberry.field(
        description="Name of the image's file when it was first added, without its folder; null "
        "if it came without one."
    )
    metadata: JSON | None = strawberry.field(
        description="What the caller knows of the image, as an object of strings; null if nothing "
        "was given."
    )
    source: SampleSource = strawberry.field(description="How the sample was added.")
    capture_reason: CaptureReason | None = strawberry.field(
        description="Why the image of an invocation was kept as the sample; null if the sample was "
        "uploaded, or captured before this was recorded."
    )
    image: Image = strawberry.field(description="Image of the sample.")
    mistake_score: float | None = strawberry.field(
        description="Probability that the annotation is wrong, from 0 to 1; null without an "
        "annotation, if it is confirmed, and until a model has been trained."
    )
    prediction_version: int | None = strawberry.field(
        description="Version of the model whose prediction is stored for the sample and used by "
        "filters, orders, counts, `disputed` and `mistakeScore`. Null until there is "
        "one; an earlier version than the active one until the new prediction has "
        "been stored."
    )
    unreadable: str | None = strawberry.field(
        description="Why the image cannot be read, as a sentence; null if it can, and until a "
        "worker has tried. `retrySamples` requests another attempt."
    )
    created_at: datetime = strawberry.field(description="When the sample was added.")
    updated_at: datetime = strawberry.field(
        description="When the sample or its annotation last changed."
    )

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

    @strawberry.field(
        description="Label that was given to the sample; null if it has none.",
        directives=(Cost(points=3),),
    )
    async def annotation(self, info: Info) -> Annotation | None:
        return await Annotation.of(info, self.row)

    @strawberry.field(
        description="Function that the sample belongs to.", directives=(Cost(points=2),)
    )
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.api.types.function")]:
        from server.api.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(
        description="Prediction of the active model. For a sample that the model was trained on, "
        "it comes from cross-validation, held out. Null until there is a model and "
        "the embedding has been computed.",
        directives=(Cost(points=8),),
    )
    async def cross_validated(self, info: Info) -> Prediction | None:
        info.context.loaders.samples.prime(self.row.id, self.row)
        prediction = await info.context.loaders.predictions.load(self.row.id)
        if prediction is None:
            return None
        said = await Prediction.of(info, prediction, self.row.sha256)
        # The predicted label was deleted; a model without it is being trained.
        return said if said is None or said.label.row.id == prediction.label_id else None

    @strawberry.field(
        description="Returns other samples of the function whose images are nearly the same, most "
        "similar first.",
        directives=(Cost(points=8),),
    )
    async def near_duplicates(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="Number of samples, at most 10.")
        ] = 10,
    ) -> list[Annotated["Sample", strawberry.lazy(".sample")]]:
        check_count(first, NEAR_DUPLICATES)
        loaders = info.context.loaders
        loaders.samples.prime(self.row.id, self.row)
        ids = (await loaders.near_duplicates.load(self.row.id))[:first]
        return [Sample.of(row) for row in await loaders.samples.load_many(ids) if row is not None]

    @strawberry.field(
        description="Whether the prediction differs from an annotation that is not confirmed. "
        "False while `mistakeScore` is null, because there is nothing to compare the annotation "
        "with."
    )
    def disputed(self) -> bool:
        return listing.disputed(self.row)

    @classmethod
    def of(cls, row: tables.Sample) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.SAMPLE, row.id),
            external_id=row.external_id,
            file_name=row.file_name,
            metadata=row.metadata,
            source=row.source,
            capture_reason=row.capture_reason,
            image=Image.of(row),
            mistake_score=None if row.label_id is None or row.confirmed else row.mistake_score,
            prediction_version=row.answer_version,
            unreadable=row.unreadable,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
