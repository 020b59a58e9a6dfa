"""Search of a function's samples by what their images show: by words, or by another image."""

import asyncio
import base64
import binascii
import json
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.encoders import Encoder
from pigeonhole.errors import InvalidError, NotFoundError, RequiredError, TooLongError
from pigeonhole.paging import Page, Window, size_of
from pigeonhole.samples import listing
from pigeonhole.services.galleries import Kind
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Sample

Spend = Callable[[int], Awaitable[None]]
"""Takes the points for work before it is done; raises if there are too few."""
POINTS_A_THOUSAND = 20
"""Points for a thousand samples: 100,000 of 1,280 dimensions take 100 ms of CPU to rank."""
MOST_CHARACTERS = 200
"""Longest words to search for."""


@dataclass(frozen=True)
class Search:
    """What is searched for: words, or images like that of a sample."""

    words: str | None = None
    like: UUID | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """Samples in order of similarity, the most similar first."""

    ids: Sequence[UUID]
    similarities: Floats  # (n,), descending

    async def count(self) -> int:
        """Return their number."""
        return len(self.ids)


async def find(
    services: Services,
    function_id: UUID,
    search: Search,
    conditions: listing.Conditions,
    spend: Spend,
) -> Found:
    """Return the embedded samples of a function that meet conditions, most similar first.

    Samples without a vector of the function's encoder cannot be compared and are left out, and so
    is the sample whose like are searched for.

    Raises:
        RequiredError, TooLongError: The words are empty or too long.
        NotFoundError: There is no such sample.
        InvalidError: The sample has no vector yet.
    """
    words = _checked(search.words)
    function = await Function.get(id=function_id)
    encoder = await services.encoding.load(function.encoder)
    if words is not None:
        [query] = await services.encoding.embed_texts(encoder, [(words, "")])
    else:
        query = await _vector(services, encoder, search.like)
    meeting: set[UUID] | None = None
    if conditions != listing.Conditions():
        chosen = listing.listed(function_id, conditions).filter(embedded=True)
        meeting = {row.id for row in await chosen.only("id")}
    async with services.galleries.opened(function, encoder, Kind.EMBEDDED) as gallery:
        await spend(POINTS_A_THOUSAND * len(gallery) // 1_000)
        order, similarities = await asyncio.to_thread(_ranked, gallery.vectors, query)
        ids = gallery.ids
        kept = [
            place
            for place, at in enumerate(order.tolist())
            if ids[at] != search.like and (meeting is None or ids[at] in meeting)
        ]
        return Found([ids[at] for at in order[kept].tolist()], similarities[kept])


async def _vector(services: Services, encoder: Encoder, id: UUID | None) -> Floats:
    sample = await Sample.get_or_none(id=id)
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


def _ranked(vectors: Floats, query: Floats) -> tuple[Ints, Floats]:
    similarities = vectors @ query if len(vectors) else np.zeros(0, np.float32)
    order = np.argsort(-similarities, kind="stable")
    return order, similarities[order]


async def read(found: Found, window: Window) -> Page[Sample]:
    """Read one page of what was found; cursors name a sample and its similarity.

    Raises:
        InvalidError: The window does not define a page, or a cursor is invalid.
    """
    size = size_of(window)
    first, end = 0, len(found.ids)
    if window.after is not None:
        first = _place(found, window.after, "after", 1)
    if window.before is not None:
        end = _place(found, window.before, "before", 0)
    if window.last is not None:
        first, more = max(first, end - size), end - size > first
        has_next, has_previous = window.before is not None, more
    else:
        first += window.skip
        has_next, has_previous = end > first + size, window.after is not None or window.skip > 0
        end = min(end, first + size)
    ids = found.ids[first : max(first, end)]
    rows = {row.id: row for row in await Sample.filter(id__in=ids)} if ids else {}
    shown = [(first + at, rows[id]) for at, id in enumerate(ids) if id in rows]
    cursors = [_cursor(row.id, float(found.similarities[at])) for at, row in shown]
    return Page([row for _, row in shown], cursors, has_next, has_previous)


def _cursor(id: UUID, similarity: float) -> str:
    text = json.dumps([similarity, id.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(found: Found, cursor: str, name: str, beyond: int) -> int:
    """Return the place of a cursor's sample, or where one of its similarity would be."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        similarity, hex = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if type(similarity) is not float or not math.isfinite(similarity):
            raise ValueError(cursor)
        id = UUID(hex=hex)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise InvalidError("Invalid cursor for this list or order.", path=(name,)) from None
    if id in found.ids:
        return found.ids.index(id) + beyond
    return int(np.searchsorted(-found.similarities, -similarity, side="right"))
