"""Pagination by key, so that each page costs the same wherever it is in a list."""

import asyncio
import base64
import binascii
import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from tortoise.expressions import Q
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
    """An order by a column, then by ID; ``key`` is None for ID alone, the order of creation."""

    key: str | None = None
    descending: bool = False


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
    for cursor, after in ((window.after, True), (window.before, False)):
        if cursor is not None:
            values, id = decode_cursor(cursor, bool(order.key), "after" if after else "before")
            query = query.filter(_beyond(values, id, order, forwards=after != order.descending))
    sign = "-" if order.descending != backwards else ""
    columns = [order.key, "id"] if order.key else ["id"]
    rows = (
        await query.order_by(*(sign + column for column in columns))
        .offset(window.skip)
        .limit(size + 1)
    )
    await asyncio.sleep(0)  # others run between these rows, of which 100 take 5 ms, and their use
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return Page(
        rows,
        [_cursor(row, order) for row in rows],
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


def _cursor(row: Row, order: Order) -> str:
    return encode_cursor([getattr(row, order.key)] if order.key else [], row.pk)


def _beyond(values: list[Any], id: UUID, order: Order, *, forwards: bool) -> Q:
    """Return the condition for the rows beyond a cursor."""
    side = "gt" if forwards else "lt"
    by_id: dict[str, Any] = {f"id__{side}": id}
    if not values:
        return Q(**by_id)
    [value] = values
    return Q(**{f"{order.key}__{side}": value}) | Q(**{order.key or "": value, **by_id})
