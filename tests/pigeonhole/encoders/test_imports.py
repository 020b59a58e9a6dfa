"""Imports of model libraries, which no two threads of a process begin at once."""

from threading import Thread

from pigeonhole import encoders
from pigeonhole.encoders.imports import ONE_AT_A_TIME


def test_what_is_fetched_is_told_without_waiting_for_imports() -> None:
    told: list[str | None] = []
    asking = Thread(target=lambda: told.append(encoders.fetching()))

    with ONE_AT_A_TIME:
        asking.start()
        asking.join(timeout=10)

    assert told == [None]
