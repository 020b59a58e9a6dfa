"""Filters and orders of lists of samples."""

from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry

from pigeonhole.access.viewers import Viewer
from pigeonhole.kinds import AnnotationSource, CaptureReason, SampleSource
from pigeonhole.samples import listing
from pigeonhole.samples.search import Search
from server import ids
from server.api.types.shared import SortDirection
from server.auth.visibility import find


@strawberry.input(description="A range of numbers.")
class FloatRange:
    gte: float | None = strawberry.field(
        default=None, description="Greater than or equal to this number. Default: no lower limit."
    )
    lt: float | None = strawberry.field(
        default=None, description="Less than this number. Default: no upper limit."
    )


@strawberry.input(description="A range of time.")
class DateTimeRange:
    gte: datetime | None = strawberry.field(
        default=None, description="At or after this time. Default: no lower limit."
    )
    lt: datetime | None = strawberry.field(
        default=None, description="Before this time. Default: no upper limit."
    )


@strawberry.input(description="Conditions on samples; a sample must meet all that are given.")
class SampleFilter:
    annotated: bool | None = strawberry.field(
        default=None, description="Only samples with an annotation (true) or without one (false)."
    )
    disputed: bool | None = strawberry.field(
        default=None,
        description="Only samples whose prediction differs from an unconfirmed annotation "
        "(true), or all others (false).",
    )
    label_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only samples annotated with one of these labels."
    )
    predicted_label_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only samples predicted as one of these labels."
    )
    confidence: FloatRange | None = strawberry.field(
        default=None, description="Only samples whose prediction has a confidence in this range."
    )
    file_name: str | None = strawberry.field(
        default=None,
        description="Only samples whose file name contains this text, without regard to case.",
    )
    source: SampleSource | None = strawberry.field(
        default=None, description="Only samples that were added in this way."
    )
    capture_reasons: list[CaptureReason] | None = strawberry.field(
        default=None, description="Only samples captured from invocations for one of these reasons."
    )
    annotation_sources: list[AnnotationSource] | None = strawberry.field(
        default=None, description="Only samples annotated in one of these ways."
    )
    created_at: DateTimeRange | None = strawberry.field(
        default=None, description="Only samples that were added in this range of time."
    )

    def conditions(self) -> listing.Conditions:
        """Return the equivalent of the domain."""
        return listing.Conditions(
            annotated=self.annotated,
            disputed=self.disputed,
            label_ids=_labels(self.label_ids, "labelIds"),
            predicted_label_ids=_labels(self.predicted_label_ids, "predictedLabelIds"),
            confidence=(self.confidence and (self.confidence.gte, self.confidence.lt))
            or (None, None),
            file_name=self.file_name,
            source=self.source,
            capture_reasons=self.capture_reasons,
            annotation_sources=self.annotation_sources,
            created_at=(self.created_at and (self.created_at.gte, self.created_at.lt))
            or (None, None),
        )


@strawberry.input(
    description="What to search images for, given in exactly one of these ways.", one_of=True
)
class SampleSearch:
    words: strawberry.Maybe[str] = strawberry.field(
        description="Words for what the images show, at most 200 characters. The function's "
        "encoder decides what is understood: the bundled one knows names of things roughly, and "
        "colours, actions and negations hardly at all."
    )
    like_sample_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="ID of a sample of the function; images like its own are listed, without "
        "itself."
    )

    async def search(self, viewer: Viewer) -> Search:
        """Return the equivalent of the domain."""
        if self.words is not None:
            return Search(words=self.words.value)
        assert self.like_sample_id is not None
        path = ("search", "likeSampleId")
        return Search(like=await find(viewer, ids.Kind.SAMPLE, self.like_sample_id.value, path))


@strawberry.enum(description="Field to sort samples by.")
class SampleOrderField(Enum):
    CREATED_AT = strawberry.enum_value("id", description="When the sample was added.")
    CONFIDENCE = strawberry.enum_value(
        "confidence",
        description="Confidence of the prediction. `ASC` lists the least certain first. Samples "
        "without a prediction come last.",
    )
    INFORMATIVENESS = strawberry.enum_value(
        "informativeness",
        description="How useful an annotation would be. `DESC` lists the most useful first: "
        "typical samples, then uncertain and varied ones.",
    )
    MISTAKE_SCORE = strawberry.enum_value(
        "mistake_score",
        description="Probability that the annotation is wrong. `DESC` lists likely mistakes first.",
    )


@strawberry.input(description="Order of samples.")
class SampleOrder:
    field: SampleOrderField = strawberry.field(
        default=SampleOrderField.CREATED_AT, description="Field to sort by."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="Direction to sort in."
    )

    def choice(self) -> tuple[str, bool]:
        """Return the column to order by, and whether the largest value comes first."""
        return str(self.field.value), self.direction is SortDirection.DESC


def _labels(given: list[strawberry.ID] | None, field: str) -> list[UUID] | None:
    if given is None:
        return None
    return [
        ids.decode(ids.Kind.LABEL, id, ("filter", field, str(index)))
        for index, id in enumerate(given)
    ]
