"""Restriction of BLAS to one thread, so that equal input gives bit-identical output."""

from threading import Lock
from types import TracebackType
from typing import Any

from threadpoolctl import (  # type: ignore[import-untyped]
    OpenBLASController,
    ThreadpoolController,
)


class OneThread:
    """A context in which BLAS has one thread, since splitting sums changes rounding.

    The limit is one of the process. It is lifted when the last of several threads leaves the
    context; otherwise one thread would lift it while another computes.

    From version 3.8 on, threadpoolctl lets only one thread set limits, and ignores all others
    silently. So this right is freed before and after each change.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._controller: Any = None
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._controller = self._controller or ThreadpoolController()
                _free_control()
                self._limit = self._controller.limit(limits=1, user_api="blas")
                _free_control()
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                _free_control()
                self._limit.restore_original_limits()
                _free_control()


def _free_control() -> None:
    """Let any thread set limits."""
    free = getattr(OpenBLASController, "clear_controlling_thread", None)
    if free is not None:
        free(force=True)


one_thread = OneThread()
"""The context that all of the process shares."""
