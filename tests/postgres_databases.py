"""PostgreSQL databases that tests use one after another, emptied in between.

``CREATE DATABASE`` and ``DROP DATABASE`` wait until all data of the server is on the disk:
seconds on a busy machine. Deleting the rows of one test takes milliseconds.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests import backends

MOST_BYTES = 24_000_000
"""Size beyond which a database is replaced, since deleted rows take space and slow down scans."""
SHAPE = """
SELECT (SELECT array_agg((attrelid::regclass::text, attname, atttypid, attnotnull, atthasdef)::text
                         ORDER BY attrelid, attnum)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0)
    || (SELECT array_agg(conname || pg_get_constraintdef(oid) ORDER BY oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace)
    || (SELECT array_agg(name::text ORDER BY id) FROM tortoise_migrations)
"""
"""What a test may have changed besides rows: columns, indexes, constraints and migrations."""
CLOSE_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
TABLES = """
SELECT tablename FROM pg_tables
WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations' ORDER BY tablename
"""


class PostgresDatabases:
    """Databases with the tables of a template and without rows.

    Args:
        template: URL of a database without open connections.
    """

    def __init__(self, template: str) -> None:
        self._template = template
        self._shape: list[str] | None = None
        self._free: list[str] = []

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[str]:
        """Yield the URL of a database that only this test uses until the block ends."""
        url = self._free.pop() if self._free else await self._made()
        try:
            yield url
        finally:
            if await self._emptied(url):
                self._free.append(url)
            else:
                await backends.drop_postgres_database(url)

    async def drop(self) -> None:
        """Drop all databases that are not in use."""
        while self._free:
            await backends.drop_postgres_database(self._free.pop())

    async def _made(self) -> str:
        url = await backends.postgres_database(self._template)
        if self._shape is None:
            connection = await asyncpg.connect(url)
            self._shape = await connection.fetchval(SHAPE)
            await connection.close()
        return url

    async def _emptied(self, url: str) -> bool:
        """Close open connections and delete all rows; return whether the tables are unchanged."""
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(CLOSE_OTHERS)
            if await connection.fetchval(SHAPE) != self._shape:
                return False
            deletions = [
                f'a_{number} AS (DELETE FROM "{table}")'
                for number, (table,) in enumerate(await connection.fetch(TABLES))
            ]  # one statement: references are checked at its end
            await connection.execute(f"WITH {', '.join(deletions)} SELECT")
            size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
            return size <= MOST_BYTES
        finally:
            await connection.close()
