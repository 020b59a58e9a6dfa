"""Rate limits: token buckets in Redis, shared by all servers.

A bucket has a capacity, and points are restored to it at a fixed rate. While Redis is unavailable,
or this process is too busy to read its answer, each server counts by itself: callers within the
limits are served, and nobody can lift the limits by overloading the server.

A server prefetches points, up to a hundredth of a bucket, and serves requests from these until they
are spent, so that most requests do not wait for Redis. Prefetched points are unavailable to other
servers: with several servers, a caller may be refused that much too early, or exceed the limit by
that much in a burst.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from ipaddress import IPv6Address
from math import ceil
from typing import Any

import structlog
from cachetools import LRUCache
from redis.asyncio import Redis
from redis.exceptions import RedisError

from pigeonhole.addresses import parse_address
from pigeonhole.errors import RateLimitedError
from pigeonhole.settings import Settings

PATIENCE_S = 0.5  # how long a request waits for Redis to count it
PAUSE_S = 1.0  # pause after a failure before Redis is asked again
SPARE = 0.01  # share of a bucket that a server prefetches
SPARE_S = 0.25  # prefetch at most what is restored in this time; small buckets are not prefetched
PURSES = 10_000  # callers whose bucket levels a server remembers

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
"""Takes points from a bucket if it has enough, counting points already taken for the same request.

Prefetches further points if the bucket has them. Uses the clock of Redis, which all servers share.
Returns the points taken, or -1 if refused, and the points left.
"""

log = structlog.get_logger(__name__)


class Bucket(StrEnum):
    """The quantities that are limited, each with buckets of its own."""

    POINTS = "points"
    INVOKES = "invokes"
    BYTES = "bytes"  # of images to classify, for callers without a key


@dataclass(frozen=True)
class Allowance:
    """The state of a bucket after a request took ``cost``; it is full again at ``reset_at``."""

    limit: int
    remaining: int
    restore_rate: float  # per second
    reset_at: datetime
    cost: int


def caller_of(prefix: str | None, address: str | None) -> str:
    """Return the name under which a caller is counted: its key's prefix, or else its address.

    An IPv6 /64 network counts as one caller, because its owner has all 2^64 addresses.
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
    """The points that this server has prefetched for a caller, and the last known bucket level."""

    held: float
    left: float
    at: float  # monotonic

    def restore(self, limit: int, rate: float) -> None:
        """Add the points restored to the bucket since the last look."""
        now = time.monotonic()
        self.left = min(limit - self.held, self.left + (now - self.at) * rate)
        self.at = now

    def see(self, taken: float, left: float, limit: int, rate: float) -> None:
        """Apply an answer of Redis, which does not know of points spent without asking it."""
        self.restore(limit, rate)
        self.left = min(self.left - taken, left)

    def spend(self, bucket: Bucket, points: float, rate: float) -> None:
        """Take points by this server's own count, without asking Redis.

        Raises:
            RateLimitedError: The bucket has too few points.
        """
        if self.left < points:
            raise _refused(bucket, (points - self.left) / rate)
        self.left -= points


class Rates:
    """Enforces the rate limits of callers."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self.script = redis.register_script(TAKE)
        self._limits = {
            Bucket.POINTS: (settings.rate_points, settings.rate_points_per_s),
            Bucket.INVOKES: (settings.rate_invokes, settings.rate_invokes_per_s),
            Bucket.BYTES: (settings.rate_invoke_bytes, settings.rate_invoke_bytes_per_s),
        }
        self._purses: LRUCache[tuple[Bucket, str], Purse] = LRUCache(PURSES)
        self._ask_again_at = 0.0
        self._counting: set[asyncio.Task[Any]] = set()

    async def take(
        self, bucket: Bucket, caller: str, cost: int, *, held: int = 0
    ) -> Allowance | None:
        """Take points from a caller's bucket; return None if nothing is counted.

        A cost above the capacity takes the whole bucket, so that such requests remain possible.
        Points that are ``held`` were taken earlier and count towards the cost; if the request is
        refused, they stay taken.

        Raises:
            RateLimitedError: The bucket has too few points.
        """
        limit, rate = self._limits[bucket]
        if limit == 0:
            return None
        cost = min(cost, limit)
        more = int(min(limit * SPARE, rate * SPARE_S))
        purse = self._purse(bucket, caller, limit)
        if more > 0 and purse.held + held >= cost:
            purse.restore(limit, rate)
            purse.held += held - cost
            return _allowance(limit, purse.left + purse.held, rate, cost)
        counting = asyncio.create_task(self._count(purse, bucket, caller, cost, held, more))
        self._counting.add(counting)
        counting.add_done_callback(self._counting.discard)
        try:
            return await asyncio.shield(counting)
        except asyncio.CancelledError:
            back = partial(self._give_back, purse, bucket, caller, cost - held, more)
            counting.add_done_callback(back)
            raise

    async def settle(self) -> None:
        """Wait until Redis has answered all that was asked of it."""
        while self._counting:
            await asyncio.wait(self._counting)

    def _give_back(
        self, purse: Purse, bucket: Bucket, caller: str, points: int, more: int,
        counted: "asyncio.Task[Allowance | None]",
    ) -> None:  # fmt: skip
        """Give back what was taken for a caller who had left by then."""
        if counted.cancelled() or counted.exception() is not None:
            return  # nothing was taken
        if counted.result() is None:
            purse.left += points
        elif more > 0:
            purse.held += points
        else:
            giving = asyncio.create_task(self.ask(bucket, caller, -points, 0, 0))
            self._counting.add(giving)
            giving.add_done_callback(self._counting.discard)

    async def _count(
        self, purse: Purse, bucket: Bucket, caller: str, cost: int, held: int, more: int
    ) -> Allowance | None:
        """Take with the help of Redis; nothing cancels it, so that what it took is known."""
        limit, rate = self._limits[bucket]
        if more == 0:
            purse.restore(limit, rate)
            answer = await self.ask(bucket, caller, cost, held, 0)
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
            if purse.left < short:  # the last known level; others can only lower it
                purse.held -= held
                raise _refused(bucket, (short - purse.left) / rate)
            mine, purse.held = purse.held, 0.0  # no concurrent request spends them meanwhile
            answer = await self.ask(bucket, caller, ceil(short), 0, more)
            if answer is None:
                try:
                    purse.spend(bucket, short, rate)
                except RateLimitedError:
                    purse.held += mine - held
                    raise
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
        """Check whether a bucket can have enough points, as far as this server knows; take none.

        Raises:
            RateLimitedError: It cannot.
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
        purse = self._purses.get((bucket, caller))
        if purse is None:
            purse = self._purses[bucket, caller] = Purse(0.0, limit, time.monotonic())
        return purse

    async def ask(
        self, bucket: Bucket, caller: str, cost: int, held: int, more: int
    ) -> tuple[float, float] | None:
        """Return the points taken and left by Redis's count; None while Redis is unavailable."""
        if time.monotonic() < self._ask_again_at:
            return None
        limit, rate = self._limits[bucket]
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer: Sequence[bytes] = await self.script(
                    keys=[f"pigeonhole:rate:{bucket}:{caller}"],
                    args=[limit, rate, cost, held, more],
                )
        except (RedisError, OSError) as error:
            self._ask_again_at = time.monotonic() + PAUSE_S
            log.warning("rate_not_counted", reason=f"{type(error).__name__}: {error}")
            return None
        return float(answer[0]), float(answer[1])


def _allowance(limit: int, left: float, rate: float, cost: int) -> Allowance:
    left = min(left, limit)  # what is restored while this server holds points counts once
    reset_at = datetime.now(UTC) + timedelta(seconds=(limit - left) / rate)
    return Allowance(limit, int(left), rate, reset_at, cost)


def _refused(bucket: Bucket, wait_s: float) -> RateLimitedError:
    return RateLimitedError(
        f"Rate limit of {bucket} exceeded. Try again in {max(1, ceil(wait_s))} s.",
        retry_after_s=wait_s,
    )
