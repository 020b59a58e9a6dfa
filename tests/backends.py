"""The databases and queues that tests use: the embedded ones, and installed servers."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
import redis

from pigeonhole.deployment.valkey import Valkey

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://root@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
REDIS_DATABASES = range(1, 16)
"""Numbers of the databases that tests may empty; 0 is left to people."""


@contextmanager
def embedded_valkey(folder: Path) -> Iterator[str]:
    """Run the embedded Valkey without its supervisor; yield its URL."""
    valkey = Valkey.within(folder)
    process = subprocess.Popen(valkey.command().words)
    try:
        wait_for_redis(valkey.url)
        yield valkey.url
    finally:
        process.terminate()
        process.wait(10)


def wait_for_redis(url: str) -> None:
    """Return once a Redis answers."""
    with redis.Redis.from_url(url) as client:
        for _ in range(500):
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
    raise TimeoutError(url)


def redis_database() -> str:
    """Return a database of the Redis on this machine that no other test process uses.

    Skips the test, with the reason, if none runs.
    """
    with redis.Redis.from_url(REDIS_URL) as client:
        try:
            client.ping()
        except redis.ConnectionError as error:
            pytest.skip(f"no Redis at {REDIS_URL}: {error}")
    return f"{REDIS_URL}/{_claimed_database()}"


@cache
def _claimed_database() -> int:
    """Hold a lock on the number of a database until this process ends, and return the number."""
    port = urlsplit(REDIS_URL).port or 6379
    while True:
        for number in REDIS_DATABASES:
            path = Path(tempfile.gettempdir()) / f"pigeonhole-tests-redis-{port}-{number}.lock"
            lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
            else:  # it stays open: closing it gives the lock back
                return number
        time.sleep(0.1)


async def postgres_database(template: str | None = None) -> str:
    """Create a database on the PostgreSQL of this machine, a copy of ``template`` if given.

    Its commits do not wait for the disk; tests of crashes use servers of their own.
    Skips the test, with the reason, if none runs.
    """
    name = f"pigeonhole_{uuid4().hex}"
    like = f'TEMPLATE "{urlsplit(template).path[1:]}"' if template else ""
    await _at_postgres(
        f'CREATE DATABASE "{name}" {like}', f'ALTER DATABASE "{name}" SET synchronous_commit = off'
    )
    return urlunsplit(urlsplit(POSTGRES_URL)._replace(path=f"/{name}"))


async def drop_postgres_database(url: str) -> None:
    """Delete a database that ``postgres_database`` made."""
    await _at_postgres(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')


async def _at_postgres(*statements: str) -> None:
    try:
        connection = await asyncpg.connect(POSTGRES_URL)
    except OSError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES_URL}: {error}")
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def copy_database(template: str, folder: Path) -> str:
    """Copy a SQLite database; return the URL of the copy."""
    shutil.copy(template, folder / "pigeonhole.db")
    return f"sqlite://{folder / 'pigeonhole.db'}"
