"""Imports of model libraries, which only one thread of a process may do at a time."""

from threading import Thread

from pigeonhole import encoders
from pigeonhole.encoders.imports import ONE_AT_A_TIME


def test_progress_of_a_fetch_is_readable_while_another_thread_imports() -> None:
    told: list[str | None] = []
    asking = Thread(target=lambda: told.append(encoders.fetching()))

    with ONE_AT_A_TIME:
        asking.start()
        asking.join(timeout=10)

    assert told == [None]
