"""Paged lists, as the Relay specification defines them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from pigeonhole import paging
from server.auth.permissions import READ
from server.transport.costs import Cost

T = TypeVar("T")

First = Annotated[
    int | None,
    strawberry.argument(
        description="Number of items from the start of the list, at most 100. Default: 25, "
        "unless `last` is given."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Returns items after this cursor, from a previous page of the same list and "
        "order."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(description="Number of items from the end of the list, at most 100."),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="Returns items before this cursor, from a previous page of the same list and "
        "order."
    ),
]

DEFAULT_PAGE = 25


@strawberry.type(description="Position of a page in its list.", directives=READ)
class PageInfo:
    has_next_page: bool = strawberry.field(
        description="Whether there are items after this page. Meaningful when paging forwards "
        "with `first`."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether there are items before this page. Meaningful when paging backwards "
        "with `last`."
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first item of the page; null for an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last item of the page; null for an empty page."
    )


@strawberry.type(description="One item of a page, with its cursor.", directives=READ)
class Edge(Generic[T]):
    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(
        description="Cursor of the item, to be passed as `after` or `before`."
    )


@strawberry.type(description="One page of a list.", directives=READ)
class Connection(Generic[T]):
    query: strawberry.Private[Any]
    edges: list[Edge[T]] = strawberry.field(description="The items of the page with their cursors.")
    page_info: PageInfo = strawberry.field(description="Position of the page in its list.")

    @strawberry.field(description="The items of the page.")
    def nodes(self) -> list[T]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="Number of items on all pages.", directives=(Cost(points=20),))
    async def total_count(self) -> int:
        return int(await self.query.count())


async def connect(
    query: QuerySet[Any],
    of: Callable[[Any], T],
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    order: paging.Order | None = None,
    skip: int = 0,
) -> Connection[T]:
    """Return one page of a query, with each row as its GraphQL type.

    Raises:
        InvalidError: The arguments do not define a page.
    """
    window = window_of(first, after, last, before, skip)
    page = await paging.read(query, window, order or paging.Order())
    return connection(page, query, of)


def window_of(
    first: int | None, after: str | None, last: int | None, before: str | None, skip: int = 0
) -> paging.Window:
    """Return the window of arguments, with the default size if none is given."""
    if first is None and last is None:
        first = DEFAULT_PAGE
    return paging.Window(first, after, last, before, skip)


@dataclass(frozen=True)
class _Counted:
    total: int

    async def count(self) -> int:
        return self.total


def connect_kept(
    keys: Sequence[tuple[float, UUID]],
    part: paging.Cut,
    rows: Sequence[Any],
    of: Callable[[Any], T],
) -> Connection[T]:
    """Return one page of a list in memory, with each row as its GraphQL type.

    Args:
        keys: What the whole list is sorted by.
        part: The page, as `paging.cut` chose it.
        rows: The rows of the page; None for one that has just been deleted.
        of: Makes the GraphQL type of a row.
    """
    pairs = zip(keys[part.start : part.end], rows, strict=True)
    shown = [(key, row) for key, row in pairs if row is not None]
    cursors = [paging.encode_cursor([number], id) for (number, id), _ in shown]
    page: paging.Page[Any] = paging.Page(
        [row for _, row in shown], cursors, part.has_next, part.has_previous
    )
    return connection(page, _Counted(len(keys)), of)


def connection(page: paging.Page[Any], query: Any, of: Callable[[Any], T]) -> Connection[T]:
    """Return a page that was read, with each row as its GraphQL type; ``query`` counts them all."""
    edges = [
        Edge(node=of(row), cursor=cursor)
        for row, cursor in zip(page.rows, page.cursors, strict=True)
    ]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )
    return Connection(query=query, edges=edges, page_info=info)
