"""Tortoise's SQLite backend, with transactions that wait for the lock and can be cancelled.

A plain ``BEGIN`` takes the write lock at its first write. If another process wrote in between,
SQLite answers "database is locked" at once, whatever the busy timeout. ``BEGIN IMMEDIATE`` takes
the lock first, and so waits for it.

A process has one connection, which a transaction holds by a lock. Tortoise keeps that lock for
ever when a task is cancelled while its transaction begins. Here it is released.

Source: https://www.sqlite.org/lang_transaction.html, section 2.2
"""

import sqlite3
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError, TransactionManagementError

from pigeonhole.services.slow_queries import SLOW_S, Timed


class ImmediateTransaction(Timed, SqliteTransactionWrapper):
    """A transaction that owns the write lock from its start."""

    async def begin(self) -> None:
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error


class TransactionContext(SqliteTransactionContext):
    """Holds the connection's lock from before the transaction begins until after it has ended."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        """Begin, and roll back if that fails or is cancelled."""
        await self._trxlock.acquire()
        token = None
        try:
            await self.ensure_connection()
            token = get_connections().set(self.connection_name, self.connection)
            await self.connection.begin()
        except BaseException:
            get_connections().reset(token)
            try:
                # The connection's thread runs statements in order. So this runs after a BEGIN that
                # is still in progress and before the next statement of anybody, even if waiting
                # for it is cancelled too.
                if self.connection._connection:
                    await self.connection._connection.rollback()
            finally:
                self._trxlock.release()
            raise
        self.token = token
        return self.connection  # type: ignore[no-any-return]  # tortoise does not type it


class Client(Timed, SqliteClient):
    """One connection of this process to the file."""

    def __init__(self, *arguments: Any, slow_query_s: float = SLOW_S, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.slow_query_s = slow_query_s

    async def create_connection(self, with_db: bool) -> None:
        """Open the file after checking that it can be opened.

        When aiosqlite fails to open it, its thread outlives the event loop.
        """
        if self._connection is None:
            try:
                sqlite3.connect(self.filename).close()
            except sqlite3.OperationalError as error:
                raise OperationalError(error) from error
        await super().create_connection(with_db)

    @translate_exceptions
    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement once for each row of values, all or none."""
        async with self._in_transaction() as connection:
            await connection.execute_many(query, values)

    def _in_transaction(self) -> TransactionContext:
        return TransactionContext(ImmediateTransaction(self), self._lock)


client_class = Client
