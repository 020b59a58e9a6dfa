"""Ticks of a subscriber: at once, after each change, and after Redis has been away."""

import asyncio
import subprocess
from pathlib import Path
from uuid import uuid4

from broadcaster import Broadcast

from pigeonhole.deployment.valkey import Valkey
from pigeonhole.services import events
from tests.backends import wait_for_redis
from tests.pigeonhole.running import WITHIN_S, bounded

NEVER_S = 1_000.0


def start(words: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words)


async def test_a_subscriber_ticks_at_once_and_after_each_change(queue_url: str) -> None:
    function = uuid4()
    backend = events.Backend(queue_url)
    async with (
        Broadcast(backend=backend) as listening,
        Broadcast(backend=events.Backend(queue_url)) as publishing,
        events.changes(listening, function, poll_s=NEVER_S) as changes,
    ):
        await bounded(anext(changes))
        await bounded(backend.connected.wait())
        await events.publish(publishing, uuid4())
        await events.publish(publishing, function)

        await bounded(anext(changes))


async def test_changes_that_came_while_the_subscriber_was_busy_are_one_tick(
    queue_url: str,
) -> None:
    function, last = uuid4(), uuid4()
    backend = events.Backend(queue_url)
    async with (
        Broadcast(backend=backend) as broadcast,
        events.changes(broadcast, function, poll_s=NEVER_S) as changes,
        events.changes(broadcast, last, poll_s=NEVER_S) as last_changes,
    ):
        await bounded(anext(changes))
        await bounded(anext(last_changes))
        await bounded(backend.connected.wait())
        for _ in range(5):
            await events.publish(broadcast, function)
        await events.publish(broadcast, last)
        await bounded(anext(last_changes))  # ticks come in order: all five have arrived
        await bounded(anext(changes))

        again = asyncio.ensure_future(bounded(anext(changes)))
        await events.publish(broadcast, last)
        await bounded(anext(last_changes))

        assert not again.done()
        again.cancel()
        await asyncio.wait({again}, timeout=WITHIN_S)


async def test_without_a_tick_the_subscriber_looks_again_after_a_while(queue_url: str) -> None:
    async with (
        Broadcast(backend=events.Backend(queue_url)) as broadcast,
        events.changes(broadcast, uuid4(), poll_s=0.01) as changes,
    ):
        for _ in range(3):
            await bounded(anext(changes))


async def test_a_subscriber_gets_ticks_again_after_redis_was_away(tmp_path: Path) -> None:
    function = uuid4()
    valkey = Valkey.within(tmp_path)
    words = valkey.command().words
    first = start(words)
    wait_for_redis(valkey.url)
    backend = events.Backend(valkey.url)
    async with (
        Broadcast(backend=backend) as broadcast,
        events.changes(broadcast, function, poll_s=NEVER_S) as changes,
    ):
        await bounded(anext(changes))
        await bounded(backend.connected.wait())
        first.kill()
        first.wait(WITHIN_S)
        await events.publish(broadcast, function)  # this message is lost, without harm
        second = start(words)
        try:
            await bounded(anext(changes))  # it ticks by itself once it has reconnected
            await events.publish(broadcast, function)
            await bounded(anext(changes))
        finally:
            second.terminate()
            second.wait(WITHIN_S)
