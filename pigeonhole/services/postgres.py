"""Tortoise's PostgreSQL backend, with transactions that can be cancelled anywhere.

Tortoise loses a connection of its pool when a task is cancelled while its transaction begins; here
it goes back to the pool, which resets it.

Behind a pooler such as PgBouncer, which may give each transaction another connection, no statement
is prepared for later, and each runs in a transaction: the driver sends a statement in two parts.
"""

from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from pigeonhole.services.slow_queries import SLOW_S, Timed


class TransactionContext(TransactionContextPooled):
    """Holder of a pooled connection from before a transaction begins until it has ended."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        """Begin, and release the connection if that fails or is cancelled."""
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = connection = await pool.acquire()
        self.token = get_connections().set(self.connection_name, self.client)
        try:
            await self.client.begin()
        except BaseException:
            get_connections().reset(self.token)
            await pool.release(connection)  # asyncpg completes it even if it is cancelled
            raise
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        """End the transaction; the task's next query uses the pool again whatever comes of that."""
        try:
            if exc_type is None:
                await self.client.commit()
            elif exc_type is not TransactionManagementError:  # which has already ended it
                await self.client.rollback()
        finally:
            get_connections().reset(self.token)
            if self.client._parent._pool:
                await self.client._parent._pool.release(self.client._connection)


class OneStatement(PoolConnectionWrapper[Any]):
    """Gives a connection of the pool with a transaction begun, and ends both."""

    __slots__ = ("_transaction",)

    async def __aenter__(self) -> Any:
        connection = await super().__aenter__()
        self._transaction = connection.transaction()
        try:
            await self._transaction.start()
        except BaseException:
            await super().__aexit__(None, None, None)
            raise
        return connection

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            if exc_type is None:
                await self._transaction.commit()
            else:
                await self._transaction.rollback()
        finally:
            await super().__aexit__(exc_type, exc_val, exc_tb)


class Transaction(Timed, TransactionWrapper):
    """A connection of the pool while a transaction uses it."""


class Client(Timed, AsyncpgDBClient):
    """A pool of connections of this process to the server."""

    pooled: bool | None = None
    """Whether a pooler stands between; None until it is known."""

    def __init__(self, *arguments: Any, slow_query_s: float = SLOW_S, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.slow_query_s = slow_query_s

    async def create_pool(self, **arguments: Any) -> "asyncpg.Pool":
        """Open the pool by the URL alone; find out whether a pooler stands between."""
        said = arguments.pop("pooled")
        for named in ("host", "port", "user", "password", "database"):  # the URL contains these
            del arguments[named]
        if self.pooled is None:
            self.pooled = await _is_pooled(arguments) if said is None else said
        if self.pooled:
            arguments["statement_cache_size"] = 0
        return await asyncpg.create_pool(**arguments)

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        wrapper = OneStatement if self.pooled else PoolConnectionWrapper
        return wrapper(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return TransactionContext(Transaction(self), self._pool_init_lock)


async def _is_pooled(arguments: dict[str, Any]) -> bool:
    """Whether the process that answers is another than the one that greeted.

    A pooler makes up the process that it names in its greeting.
    """
    one = {name: arguments[name] for name in ("dsn", "ssl", "timeout") if name in arguments}
    connection = await asyncpg.connect(**one, statement_cache_size=0)
    try:
        async with connection.transaction():
            answering = await connection.fetchval("SELECT pg_backend_pid()")
        return bool(answering != connection.get_server_pid())
    finally:
        await connection.close()


client_class = Client
