"""Points that a caller spends on work, for functions that know its price only while they run."""

from collections.abc import Awaitable, Callable

Spend = Callable[[int], Awaitable[None]]
"""Takes the points for work before it is done; raises if there are too few."""


async def free(_: int) -> None:
    """Take no points."""
