"""Work that continues after its client has disconnected."""

import asyncio

import pytest

from server.transport.shielded import Shielded
from tests.pigeonhole.running import bounded


async def test_work_continues_when_the_wait_for_it_is_cancelled() -> None:
    shielded, go_on, done = Shielded(1), asyncio.Event(), []

    async def work() -> None:
        await bounded(go_on.wait())
        done.append(True)

    waiting = asyncio.create_task(shielded.run(work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await shielded.drain(10)

    assert done == [True]


async def test_work_beyond_the_limit_waits_and_is_dropped_with_its_client() -> None:
    shielded, go_on, begun = Shielded(1), asyncio.Event(), []

    async def work(name: str) -> str:
        begun.append(name)
        await bounded(go_on.wait())
        return name

    first = asyncio.create_task(shielded.run(lambda: work("first")))
    second = asyncio.create_task(shielded.run(lambda: work("second")))
    third = asyncio.create_task(shielded.run(lambda: work("third")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert begun == ["first"]
    second.cancel()
    go_on.set()

    assert [await first, await third] == ["first", "third"]
    assert begun == ["first", "third"]
