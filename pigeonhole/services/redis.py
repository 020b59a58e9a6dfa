"""Clients of Redis: all of them are opened here, by one reading of the URL, with one key prefix."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.asyncio.connection import UnixDomainSocketConnection
from redis.asyncio.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from pigeonhole.urls import redis as urls

R = TypeVar("R", bound=Redis)

_NONE = (
    b"AUTH CLIENT CONFIG DBSIZE DISCARD EXEC FLUSHDB HELLO INFO MULTI PING SCRIPT SELECT SHUTDOWN "
    b"TIME UNWATCH"
).split()
_FIRST = (
    b"EXPIRE GET GETDEL HDEL HGET HGETALL HMGET HSET INCR INCRBY PEXPIRE PSETEX PTTL PUBLISH SET "
    b"SETEX TTL ZADD ZCARD ZCOUNT ZINCRBY ZRANGE ZRANGEBYSCORE ZREM ZREMRANGEBYRANK "
    b"ZREMRANGEBYSCORE ZREVRANGE ZSCORE"
).split()
_ALL = b"DEL EXISTS SUBSCRIBE UNLINK UNSUBSCRIBE WATCH".split()
_COUNTED = b"EVAL EVALSHA".split()
_KEYS: dict[bytes, Callable[[Sequence[Any]], slice]] = {
    **dict.fromkeys(_NONE, lambda arguments: slice(0, 0)),
    **dict.fromkeys(_FIRST, lambda arguments: slice(0, 1)),
    **dict.fromkeys(_ALL, lambda arguments: slice(0, None)),
    **dict.fromkeys(_COUNTED, lambda arguments: slice(2, 2 + int(arguments[1]))),
}
"""Which arguments of a command are keys or channels; another command is refused with a prefix."""


def client(url: str, prefix: str = "", **options: Any) -> Redis:
    """Return a client that opens its connections when they are used; see `client_of`."""
    return client_of(Redis, url, prefix, **options)


def client_of(kind: type[R], url: str, prefix: str = "", **options: Any) -> R:
    """Return a client that opens its connections when they are used.

    Args:
        kind: Class of the client.
        prefix: Beginning of every key and channel, which callers neither give nor see.
        options: Of each connection, beside those of the URL.

    Raises:
        ValueError: The URL cannot be used.
    """
    address = urls.parse(url)
    given = {**address.options, **options}
    pool: ConnectionPool
    base: type[Any]
    if address.service is not None:
        base = SentinelManagedSSLConnection if address.tls else SentinelManagedConnection
        sentinels = Sentinel(address.hosts, sentinel_kwargs=address.sentinel_options)
        pool = _SentinelPool(  # type: ignore[no-untyped-call] # redis types neither
            address.service, sentinels, connection_class=prefixed(base, prefix), **given
        )
    elif address.socket is not None:
        given["path"] = address.socket
        pool = ConnectionPool(prefixed(UnixDomainSocketConnection, prefix), **given)
    else:
        given["host"], given["port"] = address.hosts[0]
        base = SSLConnection if address.tls else Connection
        pool = ConnectionPool(prefixed(base, prefix), **given)
    return kind.from_pool(pool)  # type: ignore[return-value] # an instance of the class that it is called on


def prefixed(base: type[Any], prefix: str) -> type[Any]:
    """Return a class of connections that puts a prefix before every key and channel."""
    if not prefix:
        return base
    start = prefix.encode()

    class Prefixed(base):  # type: ignore[misc] # the base is only known at run time
        def pack_command(self, command: Any, *arguments: Any) -> list[bytes]:
            name, *words = (
                command.split() if isinstance(command, bytes) else command.encode().split()
            )
            whole: list[Any] = [*words, *arguments]
            if name.upper() not in _KEYS:
                raise NotImplementedError(f"{name.decode()} is not known to the prefix of Redis.")
            keys = _KEYS[name.upper()](whole)
            whole[keys] = [start + self.encoder.encode(key) for key in whole[keys]]
            packed: list[bytes] = super().pack_command(name, *whole)
            return packed

    return Prefixed


class _SentinelPool(SentinelConnectionPool):
    """Closes the connections to the Sentinels with its own."""

    async def disconnect(self, inuse_connections: bool = True) -> None:
        await super().disconnect(inuse_connections)
        for sentinel in self.sentinel_manager.sentinels:
            await sentinel.aclose()
