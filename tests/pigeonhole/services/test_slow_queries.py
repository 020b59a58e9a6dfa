"""Slow statements are logged, each once and without its values."""

from structlog.testing import capture_logs
from tortoise.transactions import in_transaction

from pigeonhole.services import database
from pigeonhole.tables import Choice

SECRET = "a value of a caller"


async def statements(url: str, slow_query_s: float) -> list[str]:
    """Run a few statements; return those that were logged."""
    async with database.connected(url, slow_query_s=slow_query_s):
        with capture_logs() as lines:
            await Choice.create(name="one", value=SECRET)
            async with in_transaction():
                await Choice.get(name="one")
                async with in_transaction():
                    await Choice.filter(name="one").update(value=SECRET)
            await database.update_many(
                "UPDATE choice SET value = ? WHERE name = ?", [(SECRET, "one")]
            )
    slow = [line for line in lines if line["event"] == "slow_query"]
    assert SECRET not in str(slow)
    return [line["statement"].split()[0] for line in slow]


async def test_each_slow_statement_is_logged_once(database_url: str) -> None:
    assert await statements(database_url, 0.0) == ["INSERT", "SELECT", "UPDATE", "UPDATE"]


async def test_fast_statements_are_not_logged(database_url: str) -> None:
    assert await statements(database_url, 3_600.0) == []
