"""Ticks over Redis: "look again at this function"."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from uuid import UUID

import structlog
from broadcaster import Broadcast, BroadcastBackend, Event
from redis.exceptions import RedisError

from pigeonhole.services import redis

CHANNEL = "pigeonhole:changes"
POLL_S = 5.0
"""Seconds after which a subscriber looks again without a tick."""
RETRY_S = 0.5
"""Seconds between attempts to reach Redis."""

log = structlog.get_logger(__name__)


class Backend(BroadcastBackend):
    """Backend that sends all functions' ticks over one Redis channel and survives Redis restarts.

    broadcaster's own backend receives nothing after Redis restarts. This one subscribes again, and
    then ticks every channel with a subscriber, because ticks may have been lost meanwhile.

    Source: https://github.com/encode/broadcaster/issues/144
    """

    def __init__(self, url: str, prefix: str = "") -> None:
        self._redis = redis.client(url, prefix)
        self._listened: set[str] = set()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._listener: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        """Set while the subscription to Redis is active."""

    async def connect(self) -> None:
        self._listener = asyncio.create_task(self._listen())

    async def disconnect(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        await self._redis.aclose()

    async def subscribe(self, group: str) -> None:
        self._listened.add(group)

    async def unsubscribe(self, group: str) -> None:
        self._listened.discard(group)

    async def publish(self, channel: str, message: str) -> None:
        await self._redis.publish(CHANNEL, channel)

    async def next_published(self) -> Event:
        return await self._events.get()

    async def _listen(self) -> None:
        lost = False
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    self.connected.set()
                    if lost:
                        log.warning("redis_back")
                    lost = False
                    for channel in self._listened:
                        self._tick(channel)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._tick(message["data"].decode())
            except (RedisError, OSError) as error:
                if not lost:
                    log.warning("redis_lost", reason=str(error), retry_s=RETRY_S)
                lost = True
            self.connected.clear()
            await asyncio.sleep(RETRY_S)

    def _tick(self, channel: str) -> None:
        self._events.put_nowait(Event(channel, ""))


async def publish(broadcast: Broadcast, function_id: UUID) -> None:
    """Tell all subscribers that the function may have changed; a lost tick does no harm."""
    try:
        await broadcast.publish(str(function_id), "")
    except (RedisError, OSError) as error:
        log.warning("notification_lost", function=str(function_id), reason=str(error))


@asynccontextmanager
async def changes(
    broadcast: Broadcast, function_id: UUID, *, poll_s: float = POLL_S
) -> AsyncIterator[AsyncIterator[None]]:
    """Iterate over ticks: one at once, then one whenever the function may have changed.

    A tick carries no state, so a lost, doubled or late message costs a delay of at most ``poll_s``
    seconds and never a wrong answer. Ticks that arrive while the caller is busy become one. The
    subscription begins before the first tick, so that no change between the caller's first look
    and its wait is missed.
    """
    changed = asyncio.Event()

    async def ticks() -> AsyncGenerator[None, None]:
        yield
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(poll_s):
                    await changed.wait()
            changed.clear()
            yield

    async with broadcast.subscribe(str(function_id)) as subscriber, aclosing(ticks()) as generator:

        async def listen() -> None:
            while True:
                await subscriber.get()
                changed.set()

        listening = asyncio.create_task(listen())
        try:
            yield generator
        finally:
            listening.cancel()
