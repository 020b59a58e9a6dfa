"""Tortoise's SQLite backend with transactions that may wait for another process.

A plain ``BEGIN`` takes the write lock at its first write. If another process wrote in between,
SQLite answers "database is locked" at once, whatever the busy timeout. ``BEGIN IMMEDIATE`` takes
the lock first, and so waits its turn.

Source: https://www.sqlite.org/lang_transaction.html, section 2.2
"""

import sqlite3

from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.exceptions import OperationalError, TransactionManagementError


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that owns the write lock from its start."""

    async def begin(self) -> None:
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error


class Client(SqliteClient):
    """One connection of this process to the file."""

    async def create_connection(self, with_db: bool) -> None:
        """Open the file, once it is known that it can be.

        When aiosqlite fails to open it, its thread outlives the event loop.
        """
        if self._connection is None:
            try:
                sqlite3.connect(self.filename).close()
            except sqlite3.OperationalError as error:
                raise OperationalError(error) from error
        await super().create_connection(with_db)

    def _in_transaction(self) -> SqliteTransactionContext:
        return SqliteTransactionContext(ImmediateTransaction(self), self._lock)


client_class = Client
