"""Lists of the API as iterators that fetch one page after another."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from pigeonhole_client.errors import NotFoundError

PAGE = 100
"""Most items of one page."""

Node = TypeVar("Node", covariant=True)


class Page(Protocol[Node]):
    """One page of a list."""

    @property
    def nodes(self) -> Sequence[Node]:
        """The items of the page."""

    @property
    def page_info(self) -> Any:
        """Whether there are more items, and the cursor after which they follow."""


async def nodes(
    ask: Callable[[str | None], Awaitable[Page[Node] | None]],
) -> AsyncGenerator[Node, None]:
    """Yield the items of a list; ``ask`` returns the page after a given cursor.

    Raises:
        NotFoundError: The object that the list belongs to does not exist.
    """
    after: str | None = None
    while True:
        page = await ask(after)
        if page is None:
            raise NotFoundError("Function not found.", "NOT_FOUND")
        for node in page.nodes:
            yield node
        if not page.page_info.has_next_page:
            return
        after = page.page_info.end_cursor
