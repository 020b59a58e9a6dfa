"""Pagination by key, so that each page costs the same wherever it is in a list."""

import asyncio
import base64
import binascii
import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.models import Model as Row
from tortoise.queryset import QuerySet

from pigeonhole.errors import InvalidError

R = TypeVar("R", bound=Row)

MAX_PAGE = 100
"""The most entries of a page."""


@dataclass(frozen=True)
class Window:
    """The choice of a page: the ``first`` entries after a cursor, or the ``last`` before one.

    ``skip`` leaves out entries before a ``first`` page, for jumps of a scrollbar; its cost grows
    with their number, while a cursor always costs the same.
    """

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    skip: int = 0


@dataclass(frozen=True)
class Order:
    """An order by a column, then by ID; ``key`` is None for ID alone, the order of creation.

    ``parts`` is given if rows without a value of the column come last, whatever the direction: the
    conditions for the rows with a value, which is from 0 to 1, and for all others. Each part is
    read by a query of its own, which can use an index, unlike an order that puts NULL last.
    """

    key: str | None = None
    descending: bool = False
    parts: tuple[Q, Q] | None = None

    @property
    def last(self) -> float:
        """The value of rows without one in cursors, beyond all others."""
        return -1.0 if self.descending else 2.0


@dataclass(frozen=True)
class Page(Generic[R]):
    """Rows in order, the cursor of each, and whether there are more beyond either end."""

    rows: Sequence[R]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool


async def read(query: QuerySet[R], window: Window, order: Order) -> Page[R]:
    """Read one page.

    Raises:
        InvalidError: ``first``, ``last`` or ``skip`` is out of bounds, ``first`` and ``last`` are
            both given, or a cursor is invalid.

    Source: https://relay.dev/graphql/connections.htm, section 4
    """
    backwards = window.last is not None
    size = size_of(window)
    parts = _within(_parts(query, order), window, order)
    sign = "-" if order.descending != backwards else ""
    found: list[tuple[R, str]] = []
    skip = window.skip
    for part in reversed(parts) if backwards else parts:
        columns = [sign + column for column in (part.key, "id") if column]
        chosen = part.rows.order_by(*columns).offset(skip).limit(size + 1 - len(found))
        # Only IDs are read while rows are skipped and sorted, which indexes suffice for.
        rows = await query.model.filter(id__in=Subquery(chosen.values("id"))).order_by(*columns)
        found += [(row, _cursor(row, part, order)) for row in rows]
        if len(found) > size:
            break
        if skip and part is not parts[-1]:
            skip = 0 if rows else skip - await part.rows.count()
    await asyncio.sleep(0)  # others run between these rows, of which 100 take 5 ms, and their use
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    return Page(
        [row for row, _ in found],
        [cursor for _, cursor in found],
        has_next=window.before is not None if backwards else more,
        has_previous=more if backwards else window.after is not None or window.skip > 0,
    )


@dataclass(frozen=True)
class Cut:
    """The part of a list in memory that a window chooses, and whether there is more beyond it."""

    start: int
    end: int
    has_next: bool
    has_previous: bool


def cut(keys: Sequence[tuple[float, UUID]], window: Window) -> Cut:
    """Return the page of a list whose entries are sorted by a number and an ID, ascending.

    The cursor of an entry is `encode_cursor([number], id)`. It stays valid when the list changes.

    Raises:
        InvalidError: The window does not define a page, or a cursor is invalid.
    """
    size, first, end = size_of(window), 0, len(keys)
    if window.after is not None:
        first = bisect_right(keys, _key(window.after, "after"))
    if window.before is not None:
        end = bisect_left(keys, _key(window.before, "before"))
    left = max(0, end - first)
    if window.last is not None:
        start = max(first, end - size)
        return Cut(start, max(start, end), window.before is not None, left > size)
    start = first + window.skip
    has_previous = window.after is not None or window.skip > 0
    return Cut(start, max(start, min(end, start + size)), left > window.skip + size, has_previous)


def _key(cursor: str, name: str) -> tuple[float, UUID]:
    [number], id = decode_cursor(cursor, 1, name)
    return number, id


def check_count(count: int, most: int = MAX_PAGE, path: tuple[str, ...] = ("first",)) -> None:
    """Check the requested size of a list without cursors.

    Raises:
        InvalidError: It is not from 1 to ``most``; the message names the last part of ``path``.
    """
    if not 1 <= count <= most:
        raise InvalidError(f"`{path[-1]}` must be between 1 and {most}.", path=path)


def check_skip(skip: int) -> None:
    """Check a number of entries to leave out.

    Raises:
        InvalidError: It is negative.
    """
    if skip < 0:
        raise InvalidError("`skip` must be 0 or more.", path=("skip",))


def size_of(window: Window) -> int:
    """Return how many entries a page has at most.

    Raises:
        InvalidError: The arguments do not define a page.
    """
    if window.first is not None and window.last is not None:
        raise InvalidError("`first` and `last` cannot be used together.", path=("last",))
    name, size = ("last", window.last) if window.last is not None else ("first", window.first)
    if window.skip and window.last is not None:
        raise InvalidError("`skip` can only be used with `first`.", path=("skip",))
    check_skip(window.skip)
    if size is None or not 0 <= size <= MAX_PAGE:
        raise InvalidError(f"`{name}` must be between 0 and {MAX_PAGE}.", path=(name,))
    return size


def encode_cursor(values: Sequence[float], id: UUID) -> str:
    """Return the cursor of a row by the values that it is sorted by before its ID."""
    text = json.dumps([*values, id.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, count: int, name: str) -> tuple[list[float], UUID]:
    """Return the ``count`` values and the ID of a cursor.

    Raises:
        InvalidError: It is no cursor of such a list; ``name`` is that of the argument.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        *values, id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if len(values) != count or not all(type(value) is float for value in values):
            raise ValueError(cursor)
        if not all(map(math.isfinite, values)):
            raise ValueError(cursor)
        return values, UUID(hex=id)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise InvalidError("Invalid cursor for this list or order.", path=(name,)) from None


@dataclass(frozen=True)
class _Part(Generic[R]):
    """Rows that are sorted by a column, if any, and by ID, after those of all earlier parts."""

    place: int
    rows: QuerySet[R]
    key: str | None


def _parts(query: QuerySet[R], order: Order) -> list[_Part[R]]:
    if order.parts is None:
        return [_Part(0, query, order.key)]
    valued, others = order.parts
    return [_Part(0, query.filter(valued), order.key), _Part(1, query.filter(others), None)]


def _within(parts: list[_Part[R]], window: Window, order: Order) -> list[_Part[R]]:
    """Return what is left of parts between the cursors of a window."""
    for cursor, after in ((window.after, True), (window.before, False)):
        if cursor is None:
            continue
        values, id = decode_cursor(cursor, bool(order.key), "after" if after else "before")
        place = int(order.parts is not None and values == [order.last])
        forwards = after != order.descending
        parts = [
            replace(part, rows=part.rows.filter(_beyond(part.key, values, id, forwards=forwards)))
            if part.place == place
            else part
            for part in parts
            if part.place == place or (part.place > place) == after
        ]
    return parts


def _cursor(row: Row, part: _Part[R], order: Order) -> str:
    if part.key is not None:
        return encode_cursor([getattr(row, part.key)], row.pk)
    return encode_cursor([order.last] if order.key else [], row.pk)


def _beyond(key: str | None, values: list[Any], id: UUID, *, forwards: bool) -> Q:
    """Return the condition for the rows of a part beyond a cursor."""
    side = "gt" if forwards else "lt"
    by_id: dict[str, Any] = {f"id__{side}": id}
    if key is None:
        return Q(**by_id)
    [value] = values
    beyond = Q(**{f"{key}__{side}": value}) | Q(**{key: value, **by_id})
    return Q(**{f"{key}__{side}e": value}) & beyond  # a range, in which an index can start
