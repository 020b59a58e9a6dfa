"""Restriction of BLAS to one thread, so that equal input gives bit-identical output."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which BLAS has one thread, since splitting sums changes rounding."""
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit
