"""Errors for callers when a service that the server needs is unavailable or full.

This is neither a bug nor the caller's fault, and temporary; it is logged in one line.
"""

import asyncio
import errno
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import structlog
from obstore.exceptions import BaseError as StorageError

from pigeonhole.errors import InsufficientStorageError, PigeonholeError, UnavailableError
from pigeonhole.services import outages

T = TypeVar("T")

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 5.0

NO_ROOM = "There is no room left on the disk. Delete something, or ask the operator for more room."

log = structlog.get_logger(__name__)


def refusal_of(error: BaseException) -> UnavailableError | InsufficientStorageError | None:
    """Return the error to tell the caller if the cause is temporary; None for a bug."""
    for each in outages.causes(error):
        if isinstance(each, UnavailableError | InsufficientStorageError):
            return each
        if isinstance(each, PigeonholeError):
            return None
        if _is_full(each):
            return InsufficientStorageError(NO_ROOM)
    away = outages.passing(error)
    if away is None:
        return None
    return UnavailableError(f"{away[0].upper()}{away[1:]} is unavailable. Try again soon.")


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """Repeat a read with growing waits while a service that it needs is unavailable."""
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return await read()
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            if wait_s == FIRST_WAIT_S:
                log.warning("waiting", code=refusal.code, reason=reason(error))
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def reason(error: BaseException) -> str:
    """Return an error as one line for the log."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if isinstance(error, StorageError):
        return "(os error 28)" in str(error) or "(os error 122)" in str(error)
    full = isinstance(error, sqlite3.OperationalError) and "is full" in str(error)
    return full or isinstance(error, asyncpg.DiskFullError)
