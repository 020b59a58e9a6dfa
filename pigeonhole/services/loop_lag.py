"""The lag of the event loop: how late it runs what is due.

A heartbeat on the loop measures how late each beat comes, since code that runs on the loop for long
delays every request. For debugging, a thread logs the stack of the loop while a beat is late.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import FrameType

import structlog

from pigeonhole.services import metrics

BEAT_S = 0.1
"""Seconds between heartbeats."""
LATE_S = 0.05
"""Seconds of lag from which the watching thread logs what runs on the loop."""
FRAMES = 20
"""Innermost frames of the loop's stack that are logged."""

log = structlog.get_logger(__name__)


class LoopLag:
    """The heartbeat of one event loop.

    Args:
        is_watched: Whether a thread logs the loop's stack each time that a beat is late.
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


def _stack(frame: FrameType) -> str:
    return "".join(traceback.format_stack(frame)[-FRAMES:])
