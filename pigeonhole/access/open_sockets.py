"""A limit on the open websockets of a caller: leases in Redis, counted over all servers.

A server renews the leases of its open websockets. Leases of a server that died expire, and leases
that Redis lost are restored by the next renewal. While Redis is unavailable, each server counts
its own websockets, as with rate limits.
"""

import asyncio
import uuid
from collections import defaultdict

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from pigeonhole.errors import LimitReachedError
from pigeonhole.settings import Settings

PATIENCE_S = 0.5  # how long a websocket waits for Redis to count it
LEASE_S = 60.0
RENEW_S = 20.0

OPEN = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  return 0
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2]) * 1000))
return 1
"""
"""Takes a lease unless the limit is reached, by the clock of Redis, which all servers share."""

RENEW = """
local time = redis.call('TIME')
local ends = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[1])
for place = 2, #ARGV do
  redis.call('ZADD', KEYS[1], ends, ARGV[place])
end
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[1]) * 1000))
"""

log = structlog.get_logger(__name__)


class Sockets:
    """The open websockets of this server, each with the place that it takes of its caller's."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._open = redis.register_script(OPEN)
        self._renew = redis.register_script(RENEW)
        self._most = settings.max_sockets
        self._held: dict[str, str] = {}  # slot ID to caller

    async def open(self, caller: str) -> str | None:
        """Take a place for one more websocket of a caller; return None if there is no limit.

        Raises:
            LimitReachedError: The caller has as many open websockets as it may.
        """
        if self._most == 0:
            return None
        place = uuid.uuid4().hex
        try:
            async with asyncio.timeout(PATIENCE_S):
                taken = await self._open(keys=[_key(caller)], args=[self._most, LEASE_S, place])
        except (RedisError, OSError) as error:
            log.warning("socket_not_counted", reason=f"{type(error).__name__}: {error}")
            taken = sum(holder == caller for holder in self._held.values()) < self._most
        if not int(taken):
            raise LimitReachedError(
                f"Limit of {self._most} open websockets reached. Close one first."
            )
        self._held[place] = caller
        return place

    async def close(self, place: str | None) -> None:
        """Give a place back."""
        if place is None:
            return
        caller = self._held.pop(place)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._redis.zrem(_key(caller), place)
        except (RedisError, OSError) as error:  # its lease will expire
            log.warning("socket_not_counted", reason=f"{type(error).__name__}: {error}")

    async def watch(self) -> None:
        """Renew the leases of the sockets that are open, until cancelled."""
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self.renew()
            except (RedisError, OSError) as error:
                log.warning("sockets_not_renewed", reason=f"{type(error).__name__}: {error}")

    async def renew(self) -> None:
        """Renew the leases of the sockets that are open."""
        places = defaultdict(list)
        for place, caller in self._held.items():
            places[caller].append(place)
        for caller, held in places.items():
            await self._renew(keys=[_key(caller)], args=[LEASE_S, *held])


def _key(caller: str) -> str:
    return f"pigeonhole:sockets:{caller}"
