"""BLAS has one thread while any thread of the process needs it so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from threadpoolctl import threadpool_info, threadpool_limits  # type: ignore[import-untyped]

from pigeonhole.classifier.threads import OneThread


def threads_of_blas() -> set[int]:
    return {found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"}


def test_blas_has_one_thread_until_the_last_of_two_threads_leaves_the_context() -> None:
    one_thread = OneThread()  # other tests may have left work behind that uses the shared one
    first, second = ExitStack(), ExitStack()
    with ThreadPoolExecutor(1) as a, ThreadPoolExecutor(1) as b:

        def run(thread: ThreadPoolExecutor, call: Callable[[], object]) -> set[int]:
            thread.submit(call).result()
            return threads_of_blas()

        with threadpool_limits(limits=2, user_api="blas"):
            seen = [
                run(a, lambda: first.enter_context(one_thread)),
                run(b, lambda: second.enter_context(one_thread)),
                run(a, first.close),
                run(b, second.close),
                run(b, lambda: second.enter_context(one_thread)),
                run(a, second.close),
            ]

    assert seen == [{1}, {1}, {1}, {2}, {1}, {2}]
