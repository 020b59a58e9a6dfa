"""Outages of services, told apart from bugs: work that meets one waits and continues."""

import errno
import sqlite3
from collections.abc import Iterator

import asyncpg
from obstore.exceptions import BaseError as StorageError
from redis.exceptions import RedisError
from tortoise.exceptions import BaseORMException, DBConnectionError

from pigeonhole.errors import EncoderAwayError

DATABASE = "the database"
STORAGE = "the storage"
ENCODER = "the encoder service"
REDIS = "Redis"
MEMORY = "memory"
DISK = "room on the disk"

_POSTGRES = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # connections, memory, disk
    asyncpg.OperatorInterventionError,  # shutdown, recovery, a cancelled query
    asyncpg.TransactionRollbackError,  # deadlocks
    asyncpg.ReadOnlySQLTransactionError,  # after a failover
    asyncpg.InternalClientError,  # the connection broke while it was being prepared for a query
)
KINDS = (
    BaseORMException,
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    RedisError,
    StorageError,
    OSError,
)
"""Classes of errors that can mean an outage; all others are bugs."""
_CLOSED = ("closed", "closing", "released back to the pool")
_SQLITE = ("locked", "busy", "disk i/o", "unable to open", "is full", "readonly")


class AwayError(Exception):
    """A service that the work needs is unavailable; a later try can succeed.

    ``what`` completes the sentence "waiting for ...".
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"waiting for {what}")
        self.what = what


def passing(error: BaseException) -> str | None:
    """Return the unavailable service that an error or its cause names; None if it is a bug."""
    for each in causes(error):
        if isinstance(each, AwayError):
            return each.what
        if isinstance(each, EncoderAwayError):
            return ENCODER
        if isinstance(each, MemoryError) or "not enough memory" in str(each).lower():
            return MEMORY
        if type(each).__name__ == "OutOfMemoryError":  # torch's, on a GPU
            return MEMORY
        if isinstance(each, RedisError):
            return REDIS
        if isinstance(each, (DBConnectionError, *_POSTGRES)):
            return DATABASE
        if isinstance(each, asyncpg.InterfaceError):  # also raised for wrong use
            return DATABASE if any(words in str(each) for words in _CLOSED) else None
        if isinstance(each, sqlite3.OperationalError):
            said = str(each).lower()
            return DATABASE if any(words in said for words in _SQLITE) else None
        if isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT):
            return DISK
        if isinstance(each, StorageError):
            return STORAGE
        if isinstance(each, (ConnectionError, TimeoutError)) or "Connect call" in str(each):
            return DATABASE  # Redis and storage raise other errors
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Iterate over an error and its causes; tortoise keeps a driver's error as an argument."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        kept = next((each for each in seen.args if isinstance(each, BaseException)), None)
        context = None if seen.__suppress_context__ else seen.__context__
        seen = seen.__cause__ or kept or context
