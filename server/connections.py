"""Lists by page, as the Relay specification has them."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.types.unset import UNSET
from tortoise.queryset import QuerySet

from pigeonhole import paging
from server.permissions import READ

T = TypeVar("T")

First = Annotated[
    int | None,
    strawberry.argument(description="How many from the start; at most 100, 25 if unsaid."),
]
After = Annotated[
    str | None, strawberry.argument(description="Cursor after which the page starts.")
]
Last = Annotated[int | None, strawberry.argument(description="How many from the end; at most 100.")]
Before = Annotated[
    str | None, strawberry.argument(description="Cursor before which the page ends.")
]

DEFAULT_PAGE = 25


@strawberry.type(description="Where a page lies in its list.", directives=READ)
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows when paging forwards.")
    has_previous_page: bool = strawberry.field(
        description="Whether more precedes when paging backwards."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge of this page."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge of this page."
    )


@strawberry.type(description="An entry of a list.", directives=READ)
class Edge(Generic[T]):
    node: T = strawberry.field(description="The entry.")
    cursor: str = strawberry.field(description="Where it stands, for `after` and `before`.")


@strawberry.type(description="A page of a list.", directives=READ)
class Connection(Generic[T]):
    query: strawberry.Private[Any]
    edges: list[Edge[T]] = strawberry.field(description="The entries with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="The entries.")
    def nodes(self) -> list[T]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="Entries on all pages.")
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
    """One page of a query, each row as the type that clients see.

    Raises:
        InvalidError: The arguments name no page.
    """
    if first is None and last is None:
        first = DEFAULT_PAGE
    window = paging.Window(first, after, last, before, skip)
    page = await paging.read(query, window, order or paging.Order())
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


def given(value: Any) -> bool:
    """Whether a client gave an optional value, null included."""
    return value is not UNSET
