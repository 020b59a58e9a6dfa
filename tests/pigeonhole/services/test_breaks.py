"""Long work on the event loop lets other callbacks run in between."""

import asyncio

import pytest

from pigeonhole.services import breaks
from pigeonhole.services.breaks import paced


async def seen(items: range) -> list[int | str]:
    """The items, and the turns of another task, in the order in which they ran."""
    found: list[int | str] = []

    async def other() -> None:
        while True:
            found.append("other")
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async for item in paced(items):
        found.append(item)
    task.cancel()
    return found


async def test_others_run_between_items_that_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaks, "HELD_S", -1)

    assert await seen(range(3)) == [0, "other", 1, "other", 2, "other"]


async def test_items_that_take_little_time_come_without_a_break(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(breaks, "HELD_S", 60)

    assert await seen(range(3)) == [0, 1, 2]
