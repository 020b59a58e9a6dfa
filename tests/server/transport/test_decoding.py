"""JSON from strangers: refusals before it is parsed, and decoding in a thread."""

import asyncio
import json
import threading

import pytest

from server.transport.decoding import decode, decode_aside

MIB = 1 << 20
TOO_MANY = "it has more than 2000 commas, brackets and braces"


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads in which JSON is parsed, in order."""
    found: list[threading.Thread] = []
    loads = json.loads

    def noted(*args: object, **kwargs: object) -> object:
        found.append(threading.current_thread())
        return loads(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(json, "loads", noted)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "[" * 16 * MIB,
        "[" + "[]," * 5 * MIB + "1]",
        "[" + "{}," * 5 * MIB + "1]",
        "[" + "1," * 8 * MIB + "1]",
        '{"a":1,' * 2 * MIB,
    ],
    ids=["depth", "lists", "objects", "numbers", "keys"],
)
def test_text_with_too_many_values_is_refused_before_it_is_parsed(
    text: str, threads: list[threading.Thread]
) -> None:
    with pytest.raises(ValueError, match=TOO_MANY):
        decode(text, depth=64, values=2_000)

    assert threads == []


def test_as_many_values_as_are_allowed_are_decoded() -> None:
    assert decode("[1,1,1]", depth=1, values=3) == [1, 1, 1]
    with pytest.raises(ValueError, match="it has more than 2 commas, brackets and braces"):
        decode("[1,1,1]", depth=1, values=2)


@pytest.mark.parametrize("digit", ["9", "1.", "1e"])
def test_a_number_with_many_digits_is_refused_before_it_is_converted(digit: str) -> None:
    most = digit + "0" * (1_000 - len(digit))

    with pytest.raises(ValueError, match="a number has too many digits"):
        decode(most + "0", depth=1, values=1)
    if digit == "1.":
        assert decode(most, depth=1, values=1) == 1.0


async def test_large_text_is_decoded_in_a_thread_and_small_text_in_the_loop(
    threads: list[threading.Thread],
) -> None:
    small, large = '"a"', '"' + "a" * 16 * MIB + '"'

    assert await decode_aside(small, depth=1, values=1) == "a"
    assert len(str(await decode_aside(large, depth=1, values=1))) == 16 * MIB

    assert threads[0] is threading.main_thread()
    assert threads[1] is not threading.main_thread()


async def test_the_loop_continues_while_large_text_is_refused() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    with pytest.raises(ValueError, match=TOO_MANY):
        await decode_aside("[" * 16 * MIB, depth=64, values=2_000)
    ticking.cancel()

    assert ticks > 0
