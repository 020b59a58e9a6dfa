"""Search of a function's samples by what their images show: by words, or by another image."""

import asyncio
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.encoders import Encoder
from pigeonhole.errors import (
    InvalidError,
    LimitReachedError,
    NotFoundError,
    RequiredError,
    TooLongError,
)
from pigeonhole.paging import Page, Window, decode_cursor, encode_cursor, size_of
from pigeonhole.samples import listing
from pigeonhole.services.galleries import Gallery, Kind
from pigeonhole.services.services import Services
from pigeonhole.services.spending import Spend
from pigeonhole.tables import Function, Sample

POINTS_A_THOUSAND = 13
"""Points for a thousand samples: 100,000 of 1,280 dimensions take 63 ms of CPU to rank."""
POINTS_A_THOUSAND_CHOSEN = 100
"""Points for a thousand samples that meet conditions: reading their IDs takes about 5 ms of CPU."""
MOST_CHARACTERS = 200
"""Longest words to search for."""
CHUNK = 2_000
"""IDs read together, so that other tasks run in between."""


@dataclass(frozen=True)
class Search:
    """What is searched for: words, or images like that of a sample."""

    words: str | None = None
    like: UUID | None = None


@dataclass(frozen=True)
class Found:
    """One page of the samples that were found, the most similar first, and the number of all."""

    page: Page[Sample]
    total: int

    async def count(self) -> int:
        """Return the number of all."""
        return self.total


@dataclass(frozen=True)
class _Cursor:
    """A sample and its similarity when it was listed."""

    id: UUID
    similarity: float


async def find(
    services: Services,
    function_id: UUID,
    search: Search,
    conditions: listing.Conditions,
    window: Window,
    spend: Spend,
) -> Found:
    """Read a page of a function's embedded samples that meet conditions, most similar first.

    Samples without a vector of the function's encoder cannot be compared and are left out, and so
    is the sample whose like are searched for.

    Raises:
        RequiredError, TooLongError: The words are empty or too long.
        NotFoundError: The function has no such sample.
        InvalidError: The sample has no vector yet, the window does not define a page, or a cursor
            is invalid.
        LimitReachedError: The function has more samples than can be kept in memory.
    """
    words, size = _checked(search.words), size_of(window)
    after, before = _read(window.after, "after"), _read(window.before, "before")
    function = await Function.get(id=function_id)
    encoder = await services.encoding.load(function.encoder)
    if not await services.galleries.fits(function, encoder, Kind.EMBEDDED):
        raise LimitReachedError("The function has too many samples to search.", path=("search",))
    if words is not None:
        [query] = await services.encoding.embed_texts(encoder, [(words, "")])
    else:
        query = await _vector(services, encoder, function_id, search.like)
    chosen: list[UUID] | None = None
    if conditions != listing.Conditions():
        chosen = await _chosen(function_id, conditions, spend)
    async with services.galleries.opened(function, encoder, Kind.EMBEDDED) as gallery:
        await spend(POINTS_A_THOUSAND * len(gallery) // 1_000)
        order, similarities = await asyncio.to_thread(_ranked, gallery, query, chosen, search.like)
        first, end = 0, len(order)
        if after is not None:
            first = _place(gallery, order, similarities, after, "left", 1)
        if before is not None:
            end = _place(gallery, order, similarities, before, "right", 0)
        left = max(0, end - first)
        if window.last is not None:
            first, more = max(first, end - size), left > size
            has_next, has_previous = before is not None, more
        else:
            first += window.skip
            has_next, has_previous = end > first + size, after is not None or window.skip > 0
            end = min(end, first + size)
        ids = [gallery.ids[at] for at in order[first : max(first, end)].tolist()]
    rows = {row.id: row for row in await Sample.filter(id__in=ids)} if ids else {}
    shown = [(first + place, rows[id]) for place, id in enumerate(ids) if id in rows]
    cursors = [encode_cursor([float(similarities[place])], row.id) for place, row in shown]
    page = Page([row for _, row in shown], cursors, has_next, has_previous)
    return Found(page, len(order))


async def _chosen(function_id: UUID, conditions: listing.Conditions, spend: Spend) -> list[UUID]:
    """Return the IDs of the embedded samples that meet conditions."""
    query = listing.listed(function_id, conditions).filter(embedded=True).order_by("id")
    chosen: list[UUID] = []
    while True:
        rest = query.filter(id__gt=chosen[-1]) if chosen else query
        ids = [row[0] for row in await rest.limit(CHUNK).values_list("id")]
        await spend(POINTS_A_THOUSAND_CHOSEN * len(ids) // 1_000)
        chosen += ids
        if len(ids) < CHUNK:
            return chosen


async def _vector(
    services: Services, encoder: Encoder, function_id: UUID, id: UUID | None
) -> Floats:
    sample = await Sample.get_or_none(id=id, function_id=function_id)
    if sample is None:
        raise NotFoundError("Sample not found.", path=("search", "likeSampleId"))
    known = await services.encoding.known(encoder, [sample.sha256])
    if sample.sha256 not in known:
        raise InvalidError(
            "The sample's image has not been embedded yet. Try again later.",
            path=("search", "likeSampleId"),
        )
    return known[sample.sha256].astype(np.float32)


def _checked(words: str | None) -> str | None:
    if words is None:
        return None
    path = ("search", "words")
    if not words.strip():
        raise RequiredError("Words to search for are required.", path=path)
    if len(words) > MOST_CHARACTERS:
        raise TooLongError(f"Words must have at most {MOST_CHARACTERS} characters.", path=path)
    return " ".join(words.split())


def _ranked(
    gallery: Gallery, query: Floats, chosen: list[UUID] | None, without: UUID | None
) -> tuple[Ints, Floats]:
    """Return the places in a gallery, most similar first, and their similarities (n,)."""
    vectors = gallery.vectors
    similarities = vectors @ query if len(vectors) else np.zeros(0, np.float32)
    kept = np.full(len(vectors), chosen is None)
    if chosen is not None:
        kept[[gallery.places[id] for id in chosen if id in gallery.places]] = True
    if without in gallery.places:
        kept[gallery.places[without]] = False
    order = np.argsort(-similarities, kind="stable")
    order = order[kept[order]]
    return order, similarities[order]


def _read(cursor: str | None, name: str) -> _Cursor | None:
    if cursor is None:
        return None
    [similarity], id = decode_cursor(cursor, 1, name)
    return _Cursor(id, similarity)


def _place(
    gallery: Gallery,
    order: Ints,
    similarities: Floats,
    cursor: _Cursor,
    side: Literal["left", "right"],
    beyond: int,
) -> int:
    """Return where a cursor's page starts or ends, ``beyond`` its sample.

    If the sample is no longer listed, it is the place of its similarity, on the side that leaves
    no other sample out.
    """
    at = gallery.places.get(cursor.id)
    if at is not None:
        found = np.flatnonzero(order == at)
        if len(found):
            return int(found[0]) + beyond
    return int(np.searchsorted(-similarities, -cursor.similarity, side=side))
