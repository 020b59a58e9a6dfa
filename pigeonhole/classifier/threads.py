"""One BLAS thread, so that equal input gives equal output to the last bit."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Hold BLAS to one thread: sums split over threads differ in their last bits."""
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit
