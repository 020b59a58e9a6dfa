"""What holds up the event loop is measured, and named at log level debug."""

import asyncio
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from pigeonhole.services import metrics
from pigeonhole.services.loop_lag import LoopLag
from tests.pigeonhole.running import eventually

HELD_S = 0.2


class Clock:
    """A clock that a test sets, and that counts how often it is looked at."""

    def __init__(self) -> None:
        self.now = 100.0
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now


def seen() -> dict[str, float]:
    """The values of the lag's histogram, by name and upper bound."""
    [family] = metrics.LOOP_LAG.collect()
    return {sample.name + sample.labels.get("le", ""): sample.value for sample in family.samples}


async def held(lag: LoopLag, hold: Callable[[], None]) -> None:
    """Run the heartbeat until its first beat, and hold the loop before that."""
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0)  # the heartbeat begins
    hold()
    for _ in range(10):  # turns of the loop: the beat is due
        await asyncio.sleep(0)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_loop_that_is_held_is_noticed() -> None:
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


async def test_a_thread_logs_once_what_holds_the_loop() -> None:
    clock = Clock()
    with capture_logs() as logs:

        def hold_until_it_is_logged() -> None:
            clock.now += HELD_S
            eventually(lambda: logs)
            looks = clock.looks
            eventually(lambda: clock.looks > looks + 1)  # the thread has looked again

        await held(LoopLag(is_watched=True, beat_s=0, clock=clock), hold_until_it_is_logged)

    [line] = logs
    assert (line["event"], line["log_level"]) == ("loop_is_late", "debug")
    assert line["lag_ms"] == 1_000 * HELD_S
    assert "hold_until_it_is_logged" in line["stack"]


async def test_without_a_watching_thread_nothing_is_logged() -> None:
    clock = Clock()

    def hold() -> None:
        clock.now += HELD_S

    with capture_logs() as logs:
        await held(LoopLag(beat_s=0, clock=clock), hold)

    assert logs == []
