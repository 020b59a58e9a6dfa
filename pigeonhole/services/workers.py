"""Heartbeats of workers: a sign of life in Redis every few seconds.

Times are Redis's own, so the clocks of machines need not agree.
"""

import json
import os
import platform
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis

from pigeonhole.kinds import Takes

BEAT_S = 2.0
"""Seconds between signs of life."""
ALIVE_S = 10.0
"""Seconds without a sign of life after which a worker counts as lost."""
FORGOTTEN_S = 86_400.0
"""Seconds after which a lost worker is no longer listed."""
LISTED = 100
"""Workers that are listed at most, the latest first."""

_TIMES, _SAID = "pigeonhole:workers", "pigeonhole:workers:said"


@dataclass
class Presence:
    """The sign of life of a process, if it is a worker."""

    id: str = field(default_factory=lambda: uuid4().hex)
    works: bool = False  # whether the process is a worker
    ready: bool = False  # whether its models are loaded
    identities: set[str] = field(default_factory=set)  # of the encoders that it has loaded
    claims: set[str] = field(default_factory=set)  # jobs that have claimed samples
    takes: frozenset[Takes] = frozenset(Takes)


@dataclass(frozen=True)
class Seen:
    """A worker by its last sign of life."""

    id: str
    host: str
    pid: int
    ready: bool
    identities: frozenset[str]
    claims: frozenset[str]
    takes: frozenset[Takes]
    seen_s_ago: float

    @property
    def alive(self) -> bool:
        """Whether its last sign of life is recent."""
        return self.seen_s_ago < ALIVE_S


async def beat(redis: Redis, presence: Presence) -> None:
    """Give a sign of life, if this process is a worker."""
    if not presence.works:
        return
    said = {
        "host": platform.node(),
        "pid": os.getpid(),
        "ready": presence.ready,
        "identities": sorted(presence.identities),
        "claims": sorted(presence.claims),
        "takes": sorted(presence.takes),
    }
    now = await _now(redis)
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.hset(_SAID, presence.id, json.dumps(said))
        pipeline.zadd(_TIMES, {presence.id: now})
        await pipeline.execute()


async def leave(redis: Redis, presence: Presence) -> None:
    """Report that this process ends in order, so that it does not count as lost."""
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.hdel(_SAID, presence.id)
        pipeline.zrem(_TIMES, presence.id)
        await pipeline.execute()


async def listed(redis: Redis) -> list[Seen]:
    """Return the workers that have been seen within a day, the latest first."""
    now = await _now(redis)
    times = await redis.zrevrange(_TIMES, 0, LISTED - 1, withscores=True)
    known = [(id, now - at) for id, at in times]
    recent = [(id.decode(), ago_s) for id, ago_s in known if ago_s <= FORGOTTEN_S]
    async with redis.pipeline(transaction=False) as pipeline:
        for id, ago_s in known:
            if ago_s > FORGOTTEN_S:
                pipeline.zrem(_TIMES, id)
                pipeline.hdel(_SAID, id)
        for id, _ in recent:
            pipeline.hget(_SAID, id)
        said = (await pipeline.execute())[-len(recent) :] if recent else []
    return [
        _seen(id, json.loads(data), ago_s)
        for (id, ago_s), data in zip(recent, said, strict=True)
        if data is not None
    ]


async def seen(redis: Redis) -> list[Seen]:
    """Return the workers that are alive, the latest first."""
    return [worker for worker in await listed(redis) if worker.alive]


def _seen(id: str, said: dict[str, Any], ago_s: float) -> Seen:
    return Seen(
        id=id,
        host=said["host"],
        pid=said["pid"],
        ready=said["ready"],
        identities=frozenset(said["identities"]),
        claims=frozenset(said["claims"]),
        takes=frozenset(map(Takes, said.get("takes", Takes))),  # older workers do not say
        seen_s_ago=max(0.0, ago_s),
    )


async def _now(redis: Redis) -> float:
    seconds, microseconds = await redis.time()
    return float(seconds) + float(microseconds) / 1e6
