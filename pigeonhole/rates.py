"""How much a caller may ask for: a token bucket in Redis, the same for all servers.

A bucket holds so many points, and so many come back each second. Where Redis is away, or this
process too busy to hear it, each server counts by itself: whoever keeps to the limits is served,
and nobody can lift them by keeping the server busy.

A server takes a little more than it needs, up to a hundredth of a bucket, and gives of that until
it is spent, so that most requests do not wait for Redis. What it holds so is missing to the other
servers: with several, a caller is refused by as much too early, or has as much more at once.
"""

import asyncio
import time
from collections import OrderedDict
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
SPARE = 0.01  # share of a bucket that a server takes beyond its need
SPARE_S = 0.25  # in which as much as that comes back; small buckets are counted one by one
PURSES = 10_000  # callers of whom a server holds something

TAKE = """
local limit, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local cost, held, more = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = limit
if known[1] then
  local back = math.max(0, now - tonumber(known[2])) * rate
  left = math.min(limit, tonumber(known[1]) + back + held)
end
local taken = 0
if left >= cost + more then
  left = left - cost - more
  taken = cost + more
elseif left >= cost then
  left = left - cost
  taken = cost
else
  taken = -1
  left = math.max(0, left - held)
end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((limit - left) / rate * 1000) + 1000)
return {taken, string.format('%.6f', left)}
"""
"""Takes from a bucket if it holds enough, with what was taken for the same before and counts again.

It takes some more where there is as much. By the clock of Redis, which all servers share. Gives
what was taken, -1 for nothing, and what is left.
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


@dataclass
class Purse:
    """What this server holds of a caller's bucket, and what was in the bucket when it last saw."""

    held: float
    left: float
    at: float  # monotonic

    def restore(self, limit: int, rate: float) -> None:
        """Count what came back to the bucket since."""
        now = time.monotonic()
        self.left = min(limit - self.held, self.left + (now - self.at) * rate)
        self.at = now

    def see(self, taken: float, left: float, limit: int, rate: float) -> None:
        """Learn from Redis; what was spent unasked, it does not know of."""
        self.restore(limit, rate)
        self.left = min(self.left - taken, left)

    def spend(self, bucket: Bucket, points: float, rate: float) -> None:
        """Take from what was in the bucket, unasked.

        Raises:
            RateLimitedError: There is less.
        """
        if self.left < points:
            raise _refused(bucket, (points - self.left) / rate)
        self.left -= points


class Rates:
    """Counts what callers ask for."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._take = redis.register_script(TAKE)
        self._limits = {
            Bucket.POINTS: (settings.rate_points, settings.rate_points_per_s),
            Bucket.INVOKES: (settings.rate_invokes, settings.rate_invokes_per_s),
        }
        self._purses: OrderedDict[tuple[Bucket, str], Purse] = OrderedDict()
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
        if limit == 0:
            return None
        cost = min(cost, limit)
        more = int(min(limit * SPARE, rate * SPARE_S))
        purse = self._purse(bucket, caller, limit)
        if more == 0:
            purse.restore(limit, rate)
            answer = await self._ask(bucket, caller, cost, held, 0)
            if answer is None:
                purse.spend(bucket, cost - held, rate)
                return None
            taken, left = answer
            purse.see(cost - held if taken >= 0 else 0, left, limit, rate)
            if taken < 0:
                raise _refused(bucket, (cost - held - left) / rate)
            return _allowance(limit, left, rate, cost)
        purse.held += held
        purse.restore(limit, rate)
        if purse.held < cost:
            short = cost - purse.held
            if purse.left < short:  # it was seen to be so empty, and others can only take of it
                purse.held -= held
                raise _refused(bucket, (short - purse.left) / rate)
            mine, purse.held = purse.held, 0.0  # nobody else gives of it meanwhile
            answer = await self._ask(bucket, caller, ceil(short), 0, more)
            if answer is None:
                purse.spend(bucket, short, rate)
                return None
            taken, left = answer
            purse.see(max(0.0, taken), left, limit, rate)
            if taken < 0:
                purse.held += mine - held
                raise _refused(bucket, (short - purse.left) / rate)
            purse.held += mine + taken
        purse.held -= cost
        return _allowance(limit, purse.left + purse.held, rate, cost)

    def check(self, bucket: Bucket, caller: str, cost: int) -> None:
        """See whether a bucket may hold so much, by what this server knows; takes nothing.

        Raises:
            RateLimitedError: It does not.
        """
        limit, rate = self._limits[bucket]
        purse = self._purses.get((bucket, caller))
        if limit == 0 or purse is None:
            return
        purse.restore(limit, rate)
        short = min(cost, limit) - purse.held - purse.left
        if short > 0:
            raise _refused(bucket, short / rate)

    def _purse(self, bucket: Bucket, caller: str, limit: int) -> Purse:
        purse = self._purses.pop((bucket, caller), None) or Purse(0.0, limit, time.monotonic())
        self._purses[bucket, caller] = purse
        if len(self._purses) > PURSES:
            self._purses.popitem(last=False)
        return purse

    async def _ask(
        self, bucket: Bucket, caller: str, cost: int, held: int, more: int
    ) -> tuple[float, float] | None:
        """What Redis gives, and what is left; None while Redis is away."""
        if time.monotonic() < self._ask_again_at:
            return None
        limit, rate = self._limits[bucket]
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer: Sequence[bytes] = await self._take(
                    keys=[f"pigeonhole:rate:{bucket}:{caller}"],
                    args=[limit, rate, cost, held, more],
                )
        except (RedisError, OSError) as error:
            self._ask_again_at = time.monotonic() + PAUSE_S
            log.warning("rate_not_counted", reason=f"{type(error).__name__}: {error}")
            return None
        return float(answer[0]), float(answer[1])


def _allowance(limit: int, left: float, rate: float, cost: int) -> Allowance:
    reset_at = datetime.now(UTC) + timedelta(seconds=(limit - left) / rate)
    return Allowance(limit, int(left), rate, reset_at, cost)


def _refused(bucket: Bucket, wait_s: float) -> RateLimitedError:
    return RateLimitedError(
        f"You ask for more {bucket} than you may; try again in {max(1, ceil(wait_s))} s.",
        retry_after_s=wait_s,
    )
