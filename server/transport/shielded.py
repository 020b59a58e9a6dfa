"""Work that is completed even if the client that requested it goes away."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from pigeonhole.errors import PigeonholeError

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Shielded:
    """Runs each piece of work in a task of its own, at most ``most`` at once.

    A client may go away at any moment: it completes its operation, closes its websocket, or its
    connection breaks. Then waiting work is dropped, and work that has begun continues.
    """

    def __init__(self, most: int) -> None:
        self._places = asyncio.Semaphore(most)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run work and return its result; cancelling this only cancels the wait."""
        await self._places.acquire()
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_tell)
            raise

    async def drain(self, patience_s: float) -> None:
        """Wait until all work has ended, with a time limit in seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._places.release()


def _tell(task: asyncio.Task[Any]) -> None:
    """Log an error in work that nobody waits for any more."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, PigeonholeError):
        log.error("bug", exc_info=error)
