"""The map of a function's samples: a place in the plane for each that has a vector."""

from dataclasses import dataclass
from uuid import UUID

from pigeonhole.errors import LimitReachedError
from pigeonhole.paging import check_count, decode_cursor, encode_cursor
from pigeonhole.services.galleries import Kind
from pigeonhole.services.services import Services
from pigeonhole.services.spending import Spend
from pigeonhole.tables import Function, Sample

POINTS_A_THOUSAND = 260
"""Points for a thousand samples of a page: reading and writing them takes 13 ms of CPU."""
MOST = 1_000
"""Samples of a page."""


@dataclass(frozen=True)
class Place:
    """Where a sample is on the map, and what is known of it."""

    id: UUID
    x: float
    y: float
    label_id: UUID | None
    predicted_id: UUID | None
    confidence: float | None


@dataclass(frozen=True)
class MapPage:
    """A page of places, newest samples first; ``next`` is the cursor of the next page."""

    places: list[Place]
    next: str | None
    version: int | None  # of the model whose space it is; None if there is none


async def read(
    services: Services, function_id: UUID, first: int, after: str | None, spend: Spend
) -> MapPage:
    """Read a page of the map of a function, newest samples first.

    Raises:
        InvalidError: ``first`` is not from 1 to `MOST`, or the cursor is invalid.
        LimitReachedError: The function has more samples than can be kept in memory.
    """
    check_count(first, MOST)
    query = Sample.filter(function_id=function_id, embedded=True)
    if after is not None:
        _, last = decode_cursor(after, 0, "after")
        query = query.filter(id__lt=last)
    function = await Function.get(id=function_id)
    encoder = await services.encoding.load(function.encoder)
    if not await services.galleries.fits(function, encoder, Kind.EMBEDDED):
        raise LimitReachedError("The function has too many samples for a map.", path=("sampleMap",))
    await spend(POINTS_A_THOUSAND * first // 1_000)
    predictor = None
    if function.active_model_id is not None:
        predictor = await services.predictors.active(function)
    found = query.order_by("-id").limit(first + 1)
    rows = await found.values_list("id", "label_id", "predicted_id", "confidence")
    next = encode_cursor([], rows[first - 1][0]) if len(rows) > first else None
    async with services.galleries.opened(function, encoder, Kind.EMBEDDED) as gallery:
        plane = await services.planes.get(function, encoder, predictor, gallery)
        known = [row for row in rows[:first] if row[0] in gallery.places]
        vectors = gallery.vectors[[gallery.places[row[0]] for row in known]]
    places = plane.places(vectors).tolist()
    return MapPage(
        [Place(id, x, y, *rest) for (id, *rest), (x, y) in zip(known, places, strict=True)],
        next,
        predictor.model.version if predictor else None,
    )
