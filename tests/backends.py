"""The databases and queues that tests run against: the embedded ones, and those of a deployment."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
import redis

from pigeonhole.valkey import Valkey

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://root@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
XDIST_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@contextmanager
def embedded_valkey(folder: Path) -> Iterator[str]:
    """The embedded Valkey, without its supervisor; gives its URL."""
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
    """A database of the Redis that runs here, for this test process alone.

    Skips, with the reason, where none runs.
    """
    url = f"{REDIS_URL}/{XDIST_WORKER + 1}"
    with redis.Redis.from_url(url) as client:
        try:
            client.ping()
        except redis.ConnectionError as error:
            pytest.skip(f"no Redis at {REDIS_URL}: {error}")
    return url


async def postgres_database(template: str | None = None) -> str:
    """A new database of the PostgreSQL that runs here, like ``template`` if given.

    Skips, with the reason, where none runs.
    """
    name = f"pigeonhole_{uuid4().hex}"
    like = f'TEMPLATE "{urlsplit(template).path[1:]}"' if template else ""
    await _at_postgres(f'CREATE DATABASE "{name}" {like}')
    return urlunsplit(urlsplit(POSTGRES_URL)._replace(path=f"/{name}"))


async def drop_postgres_database(url: str) -> None:
    """Delete a database that ``postgres_database`` made."""
    await _at_postgres(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')


async def _at_postgres(statement: str) -> None:
    try:
        connection = await asyncpg.connect(POSTGRES_URL)
    except OSError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES_URL}: {error}")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def copy_database(template: Path, folder: Path) -> str:
    """A SQLite database like ``template``."""
    shutil.copy(template, folder / "pigeonhole.db")
    return f"sqlite://{folder / 'pigeonhole.db'}"
