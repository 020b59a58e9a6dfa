"""The connection, SQLite or PostgreSQL, and its migrations."""

import itertools
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from pigeonhole.models import Choice

APP = "pigeonhole"
LATEST = [MigrationTarget(app_label=APP, name="__latest__")]


def configuration(url: str) -> dict[str, Any]:
    """Tortoise's configuration for ``sqlite:///PATH`` or ``postgres://...``.

    The connection is named after the scheme, because tortoise caches SQL by a connection's name for
    the life of a process.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        connection: dict[str, Any] = {
            "engine": "pigeonhole.sqlite",
            "credentials": {
                "file_path": url.removeprefix("sqlite://"),
                "journal_mode": "WAL",
                "synchronous": "NORMAL",
                "busy_timeout": 30_000,  # milliseconds
                "foreign_keys": "ON",
            },
        }
    else:
        connection = expand_db_url(url)
    return {
        "connections": {scheme: connection},
        "apps": {
            APP: {
                "models": ["pigeonhole.models"],
                "migrations": "pigeonhole.migrations",
                "default_connection": scheme,
            }
        },
    }


TORTOISE_ORM = configuration("sqlite://:memory:")
"""What ``tortoise makemigrations`` reads."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[TortoiseContext]:
    """Open the database for every task of this process; close it at the end.

    Raises what the driver raises when the database cannot be reached.

    The fallback is global because requests run in tasks that the server's lifespan did not start.
    """
    async with TortoiseContext() as context:
        await context.init(config=configuration(url), _enable_global_fallback=True)
        await check()  # a connection that cannot be opened is said so here, not at its first use
        yield context


async def migrate(url: str) -> list[str]:
    """Bring the database up to date; return the names of the migrations that were applied."""
    async with _executor(url) as executor:
        names = await _planned(executor)
        await executor.migrate(LATEST)
        return names


async def pending(url: str) -> list[str]:
    """The names of the migrations that this database still lacks."""
    async with _executor(url) as executor:
        return await _planned(executor)


@asynccontextmanager
async def _executor(url: str) -> AsyncIterator[MigrationExecutor]:
    async with connected(url) as context:
        scheme = urlsplit(url).scheme
        yield MigrationExecutor(context.connections.get(scheme), configuration(url)["apps"])


async def _planned(executor: MigrationExecutor) -> list[str]:
    return [step.migration.name for step in await executor.plan(LATEST)]


async def check() -> None:
    """Ask the database that this process has open for an answer; raise what it raises."""
    await connection().execute_query("SELECT 1")


async def update_many(statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Run a statement once for each row of values, as one round trip; ``?`` stands for a value."""
    if not rows:
        return
    client = connection()
    if client.capabilities.dialect == "postgres":
        count = itertools.count(1)
        statement = re.sub(r"\?", lambda _: f"${next(count)}", statement)
    await client.execute_many(statement, [list(values) for values in rows])


def connection() -> BaseDBAsyncClient:
    """The connection that this task's rows use, for SQL of one's own."""
    return get_connection(Choice._meta.default_connection or "")
