"""Delays of the event loop are measured, and their causes logged at level debug."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from structlog.testing import capture_logs

from pigeonhole.services import metrics
from pigeonhole.services.loop_lag import HEAVY_S, LoopLag
from tests.pigeonhole.running import WITHIN_S, eventually

HELD_S = 0.2


class Clock:
    """A clock that a test sets, and that counts how often it is read."""

    def __init__(self) -> None:
        self.now = 100.0
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now


def seen() -> dict[str, float]:
    """Return the values of the histogram of the lag, by name and upper bound."""
    [family] = metrics.LOOP_LAG.collect()
    return {sample.name + sample.labels.get("le", ""): sample.value for sample in family.samples}


async def held(lag: LoopLag, hold: Callable[[], None]) -> None:
    """Block the loop, and then run the heartbeat until its first beat."""
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0)  # the heartbeat begins
    hold()
    for _ in range(10):  # turns of the loop, in which the beat becomes due
        await asyncio.sleep(0)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_blocked_loop_is_noticed() -> None:
    before, clock = seen(), Clock()
    lag = LoopLag(beat_s=0, clock=clock)

    def hold() -> None:
        clock.now += HELD_S

    await held(lag, hold)

    after = seen()
    sum = "pigeonhole_loop_lag_seconds_sum"
    bucket = "pigeonhole_loop_lag_seconds_bucket"
    beats = after[bucket + "+Inf"] - before[bucket + "+Inf"]
    assert lag.longest_s == pytest.approx(HELD_S)
    assert after[sum] - before[sum] == pytest.approx(HELD_S)
    assert after[bucket + "0.1"] - before[bucket + "0.1"] == beats - 1 >= 1  # one beat was late


async def test_a_thread_logs_once_what_blocks_the_loop() -> None:
    clock = Clock()
    with capture_logs() as logs:

        def late() -> list[Any]:
            return [line for line in logs if line["event"] == "loop_is_late"]

        def hold_until_it_is_logged() -> None:
            clock.now += HELD_S
            eventually(late)
            looks = clock.looks
            eventually(lambda: clock.looks > looks + 1)  # the thread has checked again

        await held(LoopLag(is_watched=True, beat_s=0, clock=clock), hold_until_it_is_logged)

    [line] = late()
    assert line["log_level"] == "debug"
    assert line["lag_ms"] == 1_000 * HELD_S
    assert "hold_until_it_is_logged" in line["stack"]


async def test_without_a_watching_thread_nothing_is_logged() -> None:
    clock = Clock()

    def hold() -> None:
        clock.now += HELD_S

    with capture_logs() as logs:
        await held(LoopLag(beat_s=0, clock=clock), hold)

    assert logs == []


async def burn(seconds: float) -> str:
    """Use processor time, and then yield to the loop once."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    await asyncio.sleep(0)
    return "done"


async def in_debug_mode(work: Coroutine[object, object, str]) -> asyncio.Task[str]:
    """Run a task while the loop is watched; return the finished task."""
    loop = asyncio.get_running_loop()
    factory = loop.get_task_factory()
    watching = asyncio.create_task(LoopLag(is_watched=True).watch())
    try:
        await asyncio.sleep(0)  # the watch begins
        task = asyncio.create_task(work)
        await asyncio.wait([task], timeout=WITHIN_S)
        return task
    finally:
        loop.set_task_factory(factory)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_heavy_step_of_a_task_is_logged_with_its_processor_time_and_source_line() -> None:
    with capture_logs() as logs:
        task = await in_debug_mode(burn(2 * HEAVY_S))

    [line] = [line for line in logs if line["event"] == "loop_is_held"]
    assert task.result() == "done"
    assert line["cpu_ms"] >= 2_000 * HEAVY_S
    assert (line["task"], line["log_level"]) == ("burn", "debug")
    assert line["until"]


async def test_errors_and_cancellation_propagate_through_a_timed_task() -> None:
    caught = []

    async def fail() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            caught.append(error)
            raise KeyError("mine") from None
        raise AssertionError

    async def cancelled() -> str:
        inner = asyncio.create_task(fail())
        await asyncio.sleep(0)
        inner.cancel()
        return await inner

    task = await in_debug_mode(cancelled())

    assert len(caught) == 1
    assert isinstance(task.exception(), KeyError)
