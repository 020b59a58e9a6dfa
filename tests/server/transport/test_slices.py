"""Received bytes are passed to their protocol in slices, so that other tasks run in between."""

import asyncio
from typing import Any, cast

from server.transport import slices
from server.transport.slices import SLICE_BYTES, Slices

DATA = bytes(range(256)) * (4 * SLICE_BYTES // 256)


class Transport:
    """A connection that records whether reading is paused."""

    is_read = True
    is_closed = False

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True

    def is_closing(self) -> bool:
        return self.is_closed


def made(
    monkeypatch: Any, *, is_paused: bool = False
) -> tuple[list[bytes], Slices, asyncio.Transport, Transport]:
    """Slices that each take too long."""
    monkeypatch.setattr(slices, "HELD_S", -1)
    taken: list[bytes] = []
    transport = Transport()
    return (
        taken,
        Slices(taken.append, lambda: is_paused),
        cast("asyncio.Transport", transport),
        transport,
    )


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_long_data_arrive_in_order_one_slice_per_turn_and_reading_is_paused_meanwhile(
    monkeypatch: Any,
) -> None:
    taken, parts, transport, seen = made(monkeypatch)

    parts.add(DATA, transport)
    at_once, was_read = len(taken), seen.is_read
    parts.add(b"the end", transport)
    await turns()

    assert (at_once, was_read) == (1, False)
    assert b"".join(taken) == DATA + b"the end"
    assert max(map(len, taken)) == SLICE_BYTES
    assert seen.is_read


async def test_short_data_are_passed_on_at_once(monkeypatch: Any) -> None:
    taken, parts, transport, seen = made(monkeypatch)

    parts.add(b"short", transport)

    assert (taken, seen.is_read) == ([b"short"], True)


async def test_a_protocol_that_has_paused_reading_stays_paused(monkeypatch: Any) -> None:
    taken, parts, transport, seen = made(monkeypatch, is_paused=True)

    parts.add(DATA, transport)
    await turns()

    assert (b"".join(taken), seen.is_read) == (DATA, False)


async def test_nothing_is_passed_on_after_the_connection_closes_or_changes_its_protocol(
    monkeypatch: Any,
) -> None:
    closed, one, transport, seen = made(monkeypatch)
    left, other, second, _ = made(monkeypatch)

    one.add(DATA, transport)
    other.add(DATA, second)
    seen.is_closed = True
    other.end()
    await turns()

    assert closed == left == [DATA[:SLICE_BYTES]]
