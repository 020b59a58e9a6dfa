"""Ticks over Redis: "look again at this function"."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from uuid import UUID

import structlog
from broadcaster import Broadcast, Event
from broadcaster._backends.base import BroadcastBackend
from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "pigeonhole:changes"
POLL_S = 5.0
"""Seconds after which a subscriber looks again without a tick."""
RETRY_S = 0.5
"""Seconds between attempts to reach Redis."""

log = structlog.get_logger(__name__)


class Backend(BroadcastBackend):
    """All functions' ticks over one Redis channel; survives restarts of Redis.

    broadcaster's own backend stays deaf after Redis restarts. This one subscribes anew, and then
    ticks every channel that somebody listens to, since ticks may have been lost meanwhile.

    Source: https://github.com/encode/broadcaster/issues/144
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self._listened: set[str] = set()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._listener: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        """Set while ticks arrive."""

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
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    self.connected.set()
                    for channel in self._listened:
                        self._tick(channel)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._tick(message["data"].decode())
            except (RedisError, OSError) as error:
                log.warning("redis_lost", reason=str(error), retry_s=RETRY_S)
            self.connected.clear()
            await asyncio.sleep(RETRY_S)

    def _tick(self, channel: str) -> None:
        self._events.put_nowait(Event(channel, ""))


async def publish(broadcast: Broadcast, function_id: UUID) -> None:
    """Tell whoever listens that the function may have changed. A tick that is lost is no harm."""
    try:
        await broadcast.publish(str(function_id), "")
    except (RedisError, OSError) as error:
        log.warning("tick_lost", function=str(function_id), reason=str(error))


@asynccontextmanager
async def changes(
    broadcast: Broadcast, function_id: UUID, *, poll_s: float = POLL_S
) -> AsyncIterator[AsyncIterator[None]]:
    """Iterate over ticks: one at once, then one whenever the function may have changed.

    A tick carries no state, so a lost, doubled or late message costs a delay of at most ``poll_s``
    seconds and never a wrong answer. Ticks that came while the caller was busy are one. Subscribes
    before the first tick, so nothing falls between the caller's look and its wait.
    """
    async with broadcast.subscribe(str(function_id)) as subscriber:
        queue = subscriber._queue

        async def ticks() -> AsyncGenerator[None, None]:
            yield
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(poll_s):
                        await queue.get()
                while not queue.empty():
                    queue.get_nowait()
                yield

        async with aclosing(ticks()) as generator:
            yield generator
