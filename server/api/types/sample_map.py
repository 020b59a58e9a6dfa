"""The map of a function's samples as clients see it."""

from typing import Self
from uuid import UUID

import strawberry

from pigeonhole.samples import sample_map
from server import ids
from server.auth.permissions import READ


@strawberry.type(
    description="A page of the map of a function: a place in the plane for each sample, near those "
    "that look alike to the active model. Entry `i` of each list is of the same sample; the "
    "newest samples come first.",
    directives=READ,
)
class SampleMap:
    sample_ids: list[strawberry.ID] = strawberry.field(description="IDs of the samples.")
    x: list[float] = strawberry.field(
        description="Places from left to right, about -1 to 1: the first principal component of "
        "the embeddings, in which directions that separate the labels count ten times as much as "
        "all others."
    )
    y: list[float] = strawberry.field(
        description="Places from bottom to top, about -1 to 1: the second principal component."
    )
    label_ids: list[strawberry.ID | None] = strawberry.field(
        description="IDs of the annotated labels; null for samples without an annotation."
    )
    predicted_label_ids: list[strawberry.ID | None] = strawberry.field(
        description="IDs of the labels that the model predicts; null where there is no prediction."
    )
    confidences: list[float | None] = strawberry.field(
        description="Confidences of these predictions, from 0 to 1."
    )
    version: int | None = strawberry.field(
        description="Version of the model whose space the map is of; null if there is none yet. "
        "Pages of different versions do not fit together."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor for the next page; null after the last sample."
    )

    @classmethod
    def of(cls, page: sample_map.MapPage) -> Self:
        places = page.places
        return cls(
            sample_ids=[ids.encode(ids.Kind.SAMPLE, one.id) for one in places],
            x=[one.x for one in places],
            y=[one.y for one in places],
            label_ids=[_label(one.label_id) for one in places],
            predicted_label_ids=[_label(one.predicted_id) for one in places],
            confidences=[one.confidence for one in places],
            version=page.version,
            end_cursor=page.next,
        )


def _label(id: UUID | None) -> strawberry.ID | None:
    return None if id is None else ids.encode(ids.Kind.LABEL, id)
