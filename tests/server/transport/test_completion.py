"""Long lists of an operation are completed in parts, and its loaders wait for them."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from server.transport import completion
from server.transport.completion import Completion
from server.transport.outcome import ENCODER, encoded
from tests.pigeonhole.running import bounded


@pytest.fixture(autouse=True)
def _a_break_after_each_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "HELD_S", -1)


async def test_of_many_lists_one_goes_on_in_each_turn_of_the_event_loop() -> None:
    lists = Completion()
    found: list[str] = []

    async def complete(name: str) -> None:
        async for entry in lists.entries(range(3)):
            found.append(f"{name}{entry}")

    async def count() -> None:
        while True:
            found.append("turn")
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await asyncio.gather(complete("a"), complete("b"))
    counting.cancel()

    entries = [each for each in found if each != "turn"]
    assert entries == ["a0", "b0", "a1", "b1", "a2", "b2"]
    assert all("turn" in found[found.index(x) : found.index(y)] for x, y in pairwise(entries))


async def test_a_call_waits_until_no_list_is_being_completed() -> None:
    lists = Completion()
    found: list[object] = []

    async for entry in lists.entries("ab"):
        found.append(entry)
        lists.call_when_none(lambda: found.append("called"))
    await asyncio.sleep(0)

    assert found == ["a", "b", "called", "called"]


async def test_a_call_does_not_wait_for_a_list_that_was_given_up() -> None:
    lists = Completion()
    found: list[object] = []
    entries = lists.entries("ab")
    await bounded(anext(entries))
    lists.call_when_none(lambda: found.append("called"))

    await entries.aclose()
    await asyncio.sleep(0)

    assert found == ["called"]
    assert [entry async for entry in lists.entries("c")] == ["c"]  # its turn was given back


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"data": None, "errors": []},
        {"data": {"ü\n": [], "b": {}, "c": [1, 2.5, "ü", None, True, {"d": [[]]}]}},
        {"data": {"a": [{"b": [{"c": n}] * 20} for n in range(20)]}, "extensions": {"cost": 1}},
    ],
)
async def test_a_response_that_is_encoded_in_parts_is_the_same_text(response: Any) -> None:
    found = await encoded(response)

    assert found == response
    assert found.text == ENCODER.encode(response)
