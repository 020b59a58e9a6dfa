"""The lock that lets one process at a time migrate a database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg
from filelock import FileLock, Timeout

from pigeonhole.urls import postgres

NUMBER = 0x5069_6765_6F6E
"""The number of PostgreSQL's advisory lock: arbitrary, and local to the database."""
FILE = "migrate.lock"
"""The lock file in the folder of an SQLite database. It stays; the kernel releases the lock."""
WAITING = "Another process is migrating this database; waiting for it."

Say = Callable[[str], object]


def locked(url: str, say: Say) -> AbstractAsyncContextManager[None]:
    """Hold the lock of a database; ``say`` is called with a sentence if another process has it."""
    if url.startswith("sqlite:"):
        return _beside(Path(url.removeprefix("sqlite://")), say)
    return _within(url, say)


@asynccontextmanager
async def _beside(database: Path, say: Say) -> AsyncIterator[None]:
    if not database.parent.is_dir():  # opening the database reports this
        yield
        return
    lock = FileLock(
        database.with_name(FILE), mode=0o600, fallback_to_soft=False, thread_local=False
    )
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say(WAITING)
        await asyncio.to_thread(lock.acquire)
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def _within(url: str, say: Say) -> AsyncIterator[None]:
    """Hold an advisory lock during a transaction, which also works through poolers."""
    arguments = postgres.parse(url)
    one = {name: arguments[name] for name in ("dsn", "ssl", "timeout") if name in arguments}
    connection = await asyncpg.connect(**one, statement_cache_size=0)
    try:
        async with connection.transaction():
            if not await connection.fetchval(f"SELECT pg_try_advisory_xact_lock({NUMBER})"):
                say(WAITING)
                await connection.execute(f"SELECT pg_advisory_xact_lock({NUMBER})")
            yield
    finally:
        await connection.close()
