"""How much a caller may ask for: a token bucket in Redis, the same for all servers.

A bucket holds so many points, and so many come back each second. Where Redis is away nobody is
refused: what these limits protect must work on when the counter does not.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address
from math import ceil

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from pigeonhole.addresses import parse_address
from pigeonhole.errors import RateLimitedError
from pigeonhole.settings import Settings

PATIENCE_S = 0.5  # that a request waits for Redis to count it
PAUSE_S = 1.0  # in which Redis is not asked again after it failed

TAKE = """
local limit, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local cost, held = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = limit
if known[1] then
  local back = math.max(0, now - tonumber(known[2])) * rate
  left = math.min(limit, tonumber(known[1]) + back + held)
end
local taken = 0
if left >= cost then
  left = left - cost
  taken = 1
else
  left = math.max(0, left - held)
end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((limit - left) / rate * 1000) + 1000)
return {taken, string.format('%.6f', left)}
"""
"""Takes from a bucket if it holds enough, with what was taken for the same before and counts again.

By the clock of Redis, which all servers share.
"""

log = structlog.get_logger(__name__)


class Bucket(StrEnum):
    """What is counted, apart from one another."""

    POINTS = "points"
    INVOKES = "invokes"


@dataclass(frozen=True)
class Allowance:
    """What is left to a caller after a request took ``cost``; it is full again at ``reset_at``."""

    limit: int
    remaining: int
    restore_rate: float  # a second
    reset_at: datetime
    cost: int


def caller_of(prefix: str | None, address: str | None) -> str:
    """Who is counted as one: a key, by its prefix, or an address without a key.

    A network of IPv6 is one caller, for whoever has one address of it has 2^64.
    """
    if prefix is not None:
        return f"key:{prefix}"
    try:
        parsed = parse_address(address or "")
    except ValueError:
        return "address:unknown"
    if isinstance(parsed, IPv6Address):
        return f"address:{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return f"address:{parsed}"


class Rates:
    """Counts what callers ask for."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._take = redis.register_script(TAKE)
        self._limits = {
            Bucket.POINTS: (settings.rate_points, settings.rate_points_per_s),
            Bucket.INVOKES: (settings.rate_invokes, settings.rate_invokes_per_s),
        }
        self._ask_again_at = 0.0

    async def take(
        self, bucket: Bucket, caller: str, cost: int, *, held: int = 0
    ) -> Allowance | None:
        """Take from a caller's bucket; None where nothing is counted.

        What costs more than a whole bucket takes all of it, so that it can be had at all. What is
        ``held`` was taken already and counts towards the cost; where that is refused, it stays
        taken.

        Raises:
            RateLimitedError: The bucket does not hold as much.
        """
        limit, rate = self._limits[bucket]
        if limit == 0 or time.monotonic() < self._ask_again_at:
            return None
        cost = min(cost, limit)
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer: Sequence[bytes] = await self._take(
                    keys=[f"pigeonhole:rate:{bucket}:{caller}"], args=[limit, rate, cost, held]
                )
        except (RedisError, OSError) as error:
            self._ask_again_at = time.monotonic() + PAUSE_S
            log.warning("rate_not_counted", reason=f"{type(error).__name__}: {error}")
            return None
        left = float(answer[1])
        if not int(answer[0]):
            wait_s = (cost - held - left) / rate
            raise RateLimitedError(
                f"You ask for more {bucket} than you may; try again in {max(1, ceil(wait_s))} s.",
                retry_after_s=wait_s,
            )
        reset_at = datetime.now(UTC) + timedelta(seconds=(limit - left) / rate)
        return Allowance(limit, int(left), rate, reset_at, cost)
