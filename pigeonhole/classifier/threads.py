"""Restriction of BLAS to one thread, so that equal input gives bit-identical output."""

from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


class OneThread:
    """A context in which BLAS has one thread, since splitting sums changes rounding.

    The limit is one of the process. It is lifted when the last of several threads leaves the
    context; otherwise one thread would lift it while another computes.

    Args:
        find: Finds the libraries of the process, at the first use.
    """

    def __init__(self, find: Callable[[], Any] = ThreadpoolController) -> None:
        self._lock = Lock()
        self._inside = 0
        self._find = find
        self._controller: Any = None
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._controller = self._controller or self._find()
                self._limit = self._controller.limit(limits=1, user_api="blas")
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
                self._limit.restore_original_limits()


one_thread = OneThread()
"""The context that all of the process shares."""
