"""Breaks in long work on the event loop, in which other callbacks run."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from typing import TypeVar

T = TypeVar("T")

HELD_S = 0.001
"""Seconds of processor time after which a break is due."""


async def paced(items: Iterable[T]) -> AsyncGenerator[T, None]:
    """Yield items one after another, with a break whenever one is due."""
    began = time.thread_time()
    for item in items:
        yield item
        if time.thread_time() - began > HELD_S:
            await asyncio.sleep(0)
            began = time.thread_time()
