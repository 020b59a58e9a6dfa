"""The long lists of an operation, completed with breaks in which other callbacks run."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from pigeonhole.services.breaks import HELD_S

T = TypeVar("T")


class Completion:
    """The lists of one operation that are being completed with breaks.

    Many lists can be completed at once, of which one goes on in each turn of the event loop. A list
    waits for nothing else, so that DataLoaders can wait for it.
    """

    def __init__(self) -> None:
        self._lists = 0
        self._waiting: list[Callable[[], object]] = []
        self._turn = asyncio.Lock()

    async def entries(self, items: Iterable[T]) -> AsyncGenerator[T, None]:
        """Yield a list's entries, with breaks; await nothing between them."""
        loop = asyncio.get_running_loop()
        rest = iter(items)
        self._lists += 1
        try:
            is_over = False
            while not is_over:
                async with self._turn:
                    ends_at = time.thread_time() + HELD_S
                    is_over = True
                    for entry in rest:
                        yield entry
                        if time.thread_time() > ends_at:
                            is_over = False
                            break
                    await asyncio.sleep(0)  # until then no other list goes on
        finally:
            self._lists -= 1
            if self._lists == 0:
                for call in self._waiting:
                    loop.call_soon(call)
                self._waiting.clear()

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """Do a part of one entry's work, of which one is done in each turn of the event loop.

        The work waits for no DataLoader, which would wait for the lists.
        """
        async with self._turn:
            yield
            await asyncio.sleep(0)

    def call_when_none(self, call: Callable[[], object]) -> None:
        """Call a function soon, when no list is being completed."""
        if self._lists:
            self._waiting.append(call)
        else:
            asyncio.get_running_loop().call_soon(call)
