"""The lag of the event loop: how late it runs what is due.

A heartbeat on the loop measures how late each beat comes, since code that runs on the loop for long
delays every request. For debugging, a thread logs the stack of the loop while a beat is late, and
each step of a task that takes much processor time is logged.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Generator
from types import FrameType, TracebackType
from typing import Any

import structlog

from pigeonhole.services import metrics

BEAT_S = 0.1
"""Seconds between heartbeats."""
LATE_S = 0.05
"""Seconds of lag from which the watching thread logs what runs on the loop."""
HEAVY_S = 0.005
"""Seconds of processor time from which a step of a task is logged."""
FRAMES = 20
"""Innermost frames of the loop's stack that are logged."""

log = structlog.get_logger(__name__)


class LoopLag:
    """The heartbeat of one event loop.

    Args:
        is_watched: Whether a thread logs the loop's stack each time that a beat is late, and heavy
            steps of tasks that begin afterwards are logged.
        beat_s: Seconds between heartbeats.
        late_s: Seconds of lag from which the stack is logged.
        clock: Returns the time in seconds, which never goes back.
    """

    def __init__(
        self,
        *,
        is_watched: bool = False,
        beat_s: float = BEAT_S,
        late_s: float = LATE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.longest_s = 0.0
        self._is_watched = is_watched
        self._beat_s = beat_s
        self._late_s = late_s
        self._clock = clock
        self._due_at = 0.0  # by the clock

    async def watch(self) -> None:
        """Measure the lag of the running loop again and again, until cancelled."""
        self._due_at = self._clock() + self._beat_s
        ended = threading.Event()
        if self._is_watched:
            asyncio.get_running_loop().set_task_factory(_timed_task)
            log.debug("loop_is_watched", heavy_ms=1_000 * HEAVY_S)
            threading.Thread(
                target=self._look,
                args=(threading.get_ident(), ended),
                name="loop-lag",
                daemon=True,
            ).start()
        try:
            while True:
                await asyncio.sleep(self._due_at - self._clock())
                now = self._clock()
                lag_s = max(0.0, now - self._due_at)
                self.longest_s = max(self.longest_s, lag_s)
                metrics.LOOP_LAG.observe(lag_s)
                self._due_at = now + self._beat_s
        finally:
            ended.set()

    def _look(self, loop_thread: int, ended: threading.Event) -> None:
        """Log once for each late beat where the loop's thread stands."""
        logged = 0.0
        while not ended.wait(self._late_s / 2):
            due_at = self._due_at
            lag_s = self._clock() - due_at
            if lag_s < self._late_s or due_at == logged:
                continue
            frame = sys._current_frames().get(loop_thread)
            if frame is not None:
                logged = due_at
                log.debug("loop_is_late", lag_ms=round(1_000 * lag_s), stack=_stack(frame))


class TimedSteps(Coroutine[Any, Any, Any]):
    """A coroutine of which each step, from one await to the next, is timed.

    A step is timed by the processor time of its thread, which does not grow while the thread waits
    for a processor or for the interpreter.
    """

    def __init__(self, steps: Coroutine[Any, Any, Any]) -> None:
        self._steps = steps

    def send(self, value: Any) -> Any:
        """Run the next step."""
        began = time.thread_time()
        try:
            return self._steps.send(value)
        finally:
            self._note(time.thread_time() - began)

    def throw(
        self,
        kind: Any,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
    ) -> Any:
        """Run the next step, at whose beginning an exception is raised."""
        error = kind if value is None else value
        began = time.thread_time()
        try:
            return self._steps.throw(error)  # type: ignore[arg-type]
        finally:
            self._note(time.thread_time() - began)

    def close(self) -> None:
        """End the coroutine."""
        self._steps.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._steps.__await__()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._steps, name)  # its name and its frame

    def _note(self, took_s: float) -> None:
        if took_s > HEAVY_S:
            log.debug(
                "loop_is_held",
                cpu_ms=round(1_000 * took_s, 1),
                task=getattr(self._steps, "__qualname__", ""),
                until=_awaited(self._steps),
            )


def _timed_task(loop: asyncio.AbstractEventLoop, steps: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.Task(TimedSteps(steps), loop=loop, **options)


def _awaited(steps: Any) -> str:
    """Return the file and line where a coroutine waits; empty if it has ended."""
    where = ""
    while (frame := getattr(steps, "cr_frame", None)) is not None:
        where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        steps = steps.cr_await
    return where


def _stack(frame: FrameType) -> str:
    return "".join(traceback.format_stack(frame)[-FRAMES:])
