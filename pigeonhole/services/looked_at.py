"""The samples that people look at, whose answers are stored first: a hint, kept in Redis."""

import time
from collections.abc import Sequence
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

MOST = 500
"""Samples remembered for each function, those listed last."""
REMEMBERED_S = 300
"""Seconds after which a function's samples are forgotten unless it is looked at again."""

log = structlog.get_logger(__name__)


async def note(redis: Redis, function_id: UUID, ids: Sequence[UUID]) -> None:
    """Remember that a list showed these samples."""
    if not ids:
        return
    key, now = _key(function_id), time.time()
    try:
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.zadd(key, {id.hex: now for id in ids})
            pipeline.zremrangebyrank(key, 0, -MOST - 1)
            pipeline.expire(key, REMEMBERED_S)
            await pipeline.execute()
    except (RedisError, OSError) as error:
        log.warning("viewed_samples_not_stored", function=str(function_id), reason=str(error))


async def recall(redis: Redis, function_id: UUID) -> list[UUID]:
    """Return the samples that lists showed recently, newest first; none if Redis fails."""
    try:
        members = await redis.zrevrange(_key(function_id), 0, MOST - 1)
    except (RedisError, OSError) as error:
        log.warning("viewed_samples_not_read", function=str(function_id), reason=str(error))
        return []
    return [UUID(hex=member.decode()) for member in members]


def _key(function_id: UUID) -> str:
    return f"pigeonhole:looked-at:{function_id}"
