"""The database stays usable when transactions are cancelled at any point."""

import asyncio

from tortoise.transactions import in_transaction

from pigeonhole.services import database
from pigeonhole.services.services import Services
from pigeonhole.tables import Choice
from tests.cuts import cut

MOST_STEPS = 100
POOL = 5
"""Connections in tortoise's pool: PostgreSQL cannot be used once all of them are lost."""


async def write(name: str) -> None:
    async with in_transaction():
        await Choice.create(name=name, value="1")
        await Choice.filter(name=name).update(value="2")


async def write_many() -> None:
    await Choice.bulk_create([Choice(name=f"many {index}", value="") for index in range(3)])


async def answers() -> None:
    """Run more queries at once than there are connections, and then a write."""
    async with asyncio.timeout(10):
        await asyncio.gather(*(database.check() for _ in range(2 * POOL)))
        await write("after")
        await Choice.filter(name="after").delete()


async def test_a_transaction_cancelled_at_any_wait_gives_its_connection_back(
    services: Services,
) -> None:
    for step in range(1, MOST_STEPS):
        was_cut = await cut(write("cut"), step)

        await answers()
        found = await Choice.get_or_none(name="cut")
        assert found is None or found.value == "2", step
        await Choice.filter(name="cut").delete()
        if not was_cut:
            break
    else:
        raise AssertionError("The work has no end.")
    assert step > 5


async def test_of_many_rows_in_a_transaction_cancelled_at_any_wait_all_or_none_are_stored(
    services: Services,
) -> None:
    for step in range(1, MOST_STEPS):
        was_cut = await cut(write_many(), step)

        await answers()
        assert await Choice.filter(name__startswith="many").count() in (0, 3), step
        await Choice.filter(name__startswith="many").delete()
        if not was_cut:
            break
    else:
        raise AssertionError("The work has no end.")
