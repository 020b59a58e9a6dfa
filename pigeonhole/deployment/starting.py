"""Waiting for a database and a Redis that are starting, as after a restart of the machine."""

import asyncio
import errno
import time

import asyncpg
import structlog
from redis.exceptions import BusyLoadingError

from pigeonhole.services import database, outages, redis
from pigeonhole.settings import Settings

RETRY_S = 0.5
"""Seconds between attempts."""

log = structlog.stdlib.get_logger(__name__)


async def until_started(settings: Settings) -> None:
    """Return once the database and Redis answer, or one fails in a way that waiting cannot help.

    There is no limit for a server that says that it is starting. The limit for one that refuses
    connections is ``start_wait_s``, because its address may be wrong. Later checks report what is
    wrong.
    """
    waiting, ends_at = None, time.monotonic() + settings.start_wait_s
    while found := await _away(settings):
        what, is_starting = found
        if not is_starting and time.monotonic() >= ends_at:
            return
        if waiting != what:
            log.warning("waiting", waits_for=what)
        waiting = what
        await asyncio.sleep(RETRY_S)
    if waiting:
        log.warning("resumed", waited_for=waiting)


async def _away(settings: Settings) -> tuple[str, bool] | None:
    """Return the server that does not answer yet, and whether it reports that it is starting."""
    try:
        if settings.resolved_database_url.startswith("postgres"):
            async with database.connected(settings.resolved_database_url):
                pass
    except asyncpg.CannotConnectNowError as error:  # in recovery, starting or stopping
        return f"the database: {error}", True
    except Exception as error:  # noqa: BLE001 - later checks report what is wrong
        return ("the database: connection refused", False) if _is_refused(error) else None
    try:
        async with redis.client(settings.redis_url) as client:
            await client.ping()
    except BusyLoadingError as error:
        return f"Redis: {error}", True
    except Exception as error:  # noqa: BLE001 - the same
        return ("Redis: connection refused", False) if _is_refused(error) else None
    return None


def _is_refused(error: Exception) -> bool:
    """Return whether a connection was refused; for several addresses, asyncio only gives text."""
    number = f"[Errno {errno.ECONNREFUSED}]"
    return any(
        isinstance(each, ConnectionRefusedError) or number in str(each)
        for each in outages.causes(error)
    )
