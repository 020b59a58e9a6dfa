"""Slow statements of the database, logged without their values."""

import time
from collections.abc import Awaitable
from typing import Any, TypeVar

import structlog

SLOW_S = 1.0
"""Seconds from which a statement is slow, unless the settings say otherwise."""
SHOWN = 1_000
"""Most characters of a statement that are logged."""

T = TypeVar("T")

log = structlog.stdlib.get_logger(__name__)


class Timed:
    """Mixin for tortoise's clients and transactions: logs statements that take long.

    The wait for a connection counts too. A client has the threshold as ``slow_query_s``, and its
    transactions have the client as their parent.
    """

    async def execute_insert(self, query: str, values: Any) -> Any:
        return await self._timed(query, super().execute_insert(query, values))  # type: ignore[misc]

    async def execute_many(self, query: str, values: Any) -> None:
        await self._timed(query, super().execute_many(query, values))  # type: ignore[misc]

    async def execute_query(self, query: str, values: Any = None) -> Any:
        return await self._timed(query, super().execute_query(query, values))  # type: ignore[misc]

    async def execute_query_dict(self, query: str, values: Any = None) -> Any:
        return await self._timed(query, super().execute_query_dict(query, values))  # type: ignore[misc]

    async def _timed(self, query: str, running: Awaitable[T]) -> T:
        started = time.perf_counter()
        try:
            return await running
        finally:
            took_s = time.perf_counter() - started
            if took_s >= self._threshold_s():
                log.warning(
                    "slow_query", statement=query[:SHOWN], duration_ms=round(took_s * 1_000, 1)
                )

    def _threshold_s(self) -> float:
        """Return the threshold of the client that a transaction belongs to."""
        client: Any = self
        while not hasattr(client, "slow_query_s"):
            client = client._parent
        threshold_s: float = client.slow_query_s
        return threshold_s
