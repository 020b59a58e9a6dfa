"""The connection to the database (SQLite or PostgreSQL) and its migrations."""

import itertools
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from pigeonhole.services.migration_lock import Say, locked
from pigeonhole.services.slow_queries import SLOW_S
from pigeonhole.tables import Choice
from pigeonhole.urls import postgres

APP = "pigeonhole"
LATEST = [MigrationTarget(app_label=APP, name="__latest__")]


def configuration(url: str, slow_query_s: float = SLOW_S) -> dict[str, Any]:
    """Return tortoise's configuration for ``sqlite:///PATH`` or ``postgres://...``.

    Statements that take ``slow_query_s`` seconds are logged.

    The connection is named after the scheme, because tortoise caches SQL by a connection's name for
    the life of a process.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        connection: dict[str, Any] = {
            "engine": "pigeonhole.services.sqlite",
            "credentials": {
                "file_path": url.removeprefix("sqlite://"),
                "journal_mode": "WAL",
                "synchronous": "FULL",  # what was committed survives a power cut
                "busy_timeout": 30_000,  # milliseconds
                "foreign_keys": "ON",
                "slow_query_s": slow_query_s,
            },
        }
    else:
        connection = {
            "engine": "pigeonhole.services.postgres",
            "credentials": {**postgres.parse(url), "slow_query_s": slow_query_s},
        }
    return {
        "connections": {scheme: connection},
        "apps": {
            APP: {
                "models": ["pigeonhole.tables"],
                "migrations": "pigeonhole.migrations",
                "default_connection": scheme,
            }
        },
    }


TORTOISE_ORM = configuration("sqlite://:memory:")
"""The configuration that ``tortoise makemigrations`` reads."""


@asynccontextmanager
async def connected(url: str, *, slow_query_s: float = SLOW_S) -> AsyncIterator[TortoiseContext]:
    """Open the database for every task of this process, and close it at the end.

    Raises the driver's error if the database cannot be reached.

    The fallback is global because requests run in tasks that the server's lifespan did not start.
    """
    async with TortoiseContext() as context:
        await context.init(config=configuration(url, slow_query_s), _enable_global_fallback=True)
        await check()  # reports a database that cannot be opened now, not at its first use
        yield context


async def migrate(url: str, say: Say = lambda sentence: None) -> list[str]:
    """Apply all pending migrations, and return their names.

    This waits for another process that migrates the same database. ``say`` is called with a
    sentence for that, and for each migration before and after it is applied.
    """
    began: dict[str, float] = {}

    def progress(event: str, app: str, name: str) -> None:
        if event == "apply_start":
            began[name] = time.monotonic()
            say(f"Applying {name} ...")
        else:
            say(f"Applied {name} in {time.monotonic() - began[name]:.1f} s.")

    async with locked(url, say), _executor(url) as executor:
        names = await _planned(executor)
        await executor.migrate(LATEST, progress=progress)
        return names


async def pending(url: str) -> list[str]:
    """Return the names of the pending migrations."""
    return (await migrations(url)).pending


@dataclass(frozen=True)
class Migrations:
    """Names of the migrations that a database lacks, and of those that only a newer release has."""

    pending: list[str]
    newer: list[str]


async def migrations(url: str) -> Migrations:
    """Compare the migrations of a database with those of this release."""
    async with _executor(url) as executor:
        planned = await _planned(executor)
        known = executor.loader.graph.nodes
        applied = await executor.recorder.applied_migrations()
        newer = [key.name for key in applied if key.app_label == APP and key not in known]
        return Migrations(planned, sorted(newer))


@asynccontextmanager
async def _executor(url: str) -> AsyncIterator[MigrationExecutor]:
    async with connected(url) as context:
        scheme = urlsplit(url).scheme
        yield MigrationExecutor(context.connections.get(scheme), configuration(url)["apps"])


async def _planned(executor: MigrationExecutor) -> list[str]:
    return [step.migration.name for step in await executor.plan(LATEST)]


def remedy(error: BaseException) -> str:
    """Say what to do about a migration that failed."""
    if isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError):
        return (
            "Run `GRANT CREATE, USAGE ON SCHEMA public TO USER`, with the user of "
            "PIGEONHOLE_DATABASE_URL, as the owner of the database"
        )
    return "Correct this"


async def check() -> None:
    """Check that the open database answers; raise the driver's error if it does not."""
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
    """Return the connection that this task's rows use, for SQL statements."""
    return get_connection(Choice._meta.default_connection or "")
