"""BLAS has one thread while any thread of the process needs it so."""

from contextlib import ExitStack
from typing import Self

from pigeonhole.classifier.threads import OneThread


class Blas:
    """A library whose number of threads can be limited."""

    threads = 2

    def limit(self, *, limits: int, user_api: str) -> Self:
        assert user_api == "blas"
        self.threads = limits
        return self

    def restore_original_limits(self) -> None:
        self.threads = 2


def test_blas_has_one_thread_until_the_last_of_two_leaves_the_context() -> None:
    blas = Blas()
    one_thread = OneThread(lambda: blas)
    first, second = ExitStack(), ExitStack()

    first.enter_context(one_thread)
    second.enter_context(one_thread)
    first.close()
    inside = blas.threads
    second.close()

    assert (inside, blas.threads) == (1, 2)
