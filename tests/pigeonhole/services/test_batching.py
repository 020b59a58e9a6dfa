"""Batches: how they form, and what happens on failure, overload and shutdown."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from pigeonhole.errors import OverloadedError
from pigeonhole.services.batching import Batcher


class Gate:
    """Squares numbers; each batch is recorded, and then waits until a test lets it pass."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.started = threading.Event()
        self.open = threading.Event()

    def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        self.started.set()
        assert self.open.wait(60)
        return [item**2 for item in items]


@asynccontextmanager
async def serving(*batchers: Batcher[int, int]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(batcher.serve()) for batcher in batchers]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def first_batch(gate: Gate) -> None:
    await asyncio.to_thread(gate.started.wait, 60)


def test_a_single_call_is_a_batch_of_its_own() -> None:
    async def scenario() -> None:
        gate = Gate()
        gate.open.set()
        batcher = Batcher(gate, largest=8, most_waiting=100)

        async with serving(batcher):
            assert await batcher(3) == 9

        assert gate.batches == [[3]]

    asyncio.run(scenario())


def test_calls_that_queued_during_a_batch_form_the_next_batch_up_to_the_largest_size() -> None:
    async def scenario() -> None:
        gate = Gate()
        batcher = Batcher(gate, largest=4, most_waiting=100)

        async with serving(batcher):
            first = asyncio.create_task(batcher(0))
            await first_batch(gate)
            others = [asyncio.create_task(batcher(i)) for i in range(1, 8)]
            await asyncio.sleep(0)
            gate.open.set()

            assert await first == 0
            assert await asyncio.gather(*others) == [1, 4, 9, 16, 25, 36, 49]

        assert gate.batches == [[0], [1, 2, 3, 4], [5, 6, 7]]

    asyncio.run(scenario())


def test_two_serving_tasks_run_two_batches_side_by_side() -> None:
    async def scenario() -> None:
        both = threading.Barrier(2)

        def run(items: Sequence[int]) -> Sequence[int]:
            both.wait(60)
            return items

        batcher = Batcher(run, largest=1, most_waiting=100)

        async with serving(batcher, batcher):
            assert list(await asyncio.gather(batcher(1), batcher(2))) == [1, 2]

    asyncio.run(scenario())


def test_a_failing_batch_fails_its_own_callers_and_no_others() -> None:
    def run(items: Sequence[int]) -> Sequence[float]:
        return [1 / item for item in items]

    async def scenario() -> None:
        batcher = Batcher(run, largest=1, most_waiting=100)
        task = asyncio.create_task(batcher.serve())

        with pytest.raises(ZeroDivisionError):
            await batcher(0)
        assert await batcher(2) == 0.5

        task.cancel()

    asyncio.run(scenario())


def test_a_run_that_loses_results_fails_its_callers_and_not_the_server() -> None:
    def run(items: Sequence[int]) -> Sequence[int]:
        return items if items[0] else ()

    async def scenario() -> None:
        batcher = Batcher(run, largest=1, most_waiting=100)

        async with serving(batcher):
            with pytest.raises(ValueError, match="1 items gave 0 results"):
                await batcher(0)
            assert await batcher(1) == 1

    asyncio.run(scenario())


def test_a_call_beyond_the_limit_is_refused_and_those_before_it_are_answered() -> None:
    async def scenario() -> None:
        gate = Gate()
        batcher = Batcher(gate, largest=4, most_waiting=2)

        async with serving(batcher):
            first = asyncio.create_task(batcher(1))
            await first_batch(gate)
            waiting = [asyncio.create_task(batcher(i)) for i in (2, 3)]
            await asyncio.sleep(0)

            with pytest.raises(OverloadedError, match="2 images are already waiting"):
                await batcher(4)
            gate.open.set()

            assert await asyncio.gather(first, *waiting) == [1, 4, 9]

        assert gate.batches == [[1], [2, 3]]

    asyncio.run(scenario())


def test_a_cancelled_call_is_not_computed() -> None:
    async def scenario() -> None:
        gate = Gate()
        batcher = Batcher(gate, largest=4, most_waiting=100)

        async with serving(batcher):
            first = asyncio.create_task(batcher(1))
            await first_batch(gate)
            gone = asyncio.create_task(batcher(2))
            stays = asyncio.create_task(batcher(3))
            await asyncio.sleep(0)
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
            gate.open.set()

            assert list(await asyncio.gather(first, stays)) == [1, 9]

        assert gate.batches == [[1], [3]]

    asyncio.run(scenario())


def test_at_shutdown_running_waiting_and_later_calls_fail_at_once() -> None:
    async def scenario() -> None:
        gate = Gate()
        batcher = Batcher(gate, largest=1, most_waiting=100)

        async with serving(batcher) as tasks:
            calls = [asyncio.create_task(batcher(i)) for i in range(3)]
            await first_batch(gate)
            tasks[0].cancel()
            results = await asyncio.gather(*calls, return_exceptions=True)
        gate.open.set()

        assert [type(result) for result in results] == [OverloadedError] * 3
        with pytest.raises(OverloadedError, match="shutting down"):
            await batcher(4)
        assert gate.batches == [[0]]

    asyncio.run(scenario())
