"""Transactions that are cancelled anywhere leave the database usable."""

import asyncio

from tortoise.transactions import in_transaction

from pigeonhole.services import database
from pigeonhole.services.services import Services
from pigeonhole.tables import Choice
from tests.cuts import cut

MOST_STEPS = 100
POOL = 5
"""Connections of tortoise's pool: as many are lost before PostgreSQL stands still."""


async def write(name: str) -> None:
    async with in_transaction():
        await Choice.create(name=name, value="1")
        await Choice.filter(name=name).update(value="2")


async def write_many() -> None:
    await Choice.bulk_create([Choice(name=f"many {index}", value="") for index in range(3)])


async def answers() -> None:
    """Ask as many at once as there are connections, and write."""
    async with asyncio.timeout(10):
        await asyncio.gather(*(database.check() for _ in range(2 * POOL)))
        await write("after")
        await Choice.filter(name="after").delete()


async def test_a_transaction_cut_at_any_of_its_waits_gives_its_connection_back(
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


async def test_many_rows_cut_at_any_wait_are_all_there_or_none(services: Services) -> None:
    for step in range(1, MOST_STEPS):
        was_cut = await cut(write_many(), step)

        await answers()
        assert await Choice.filter(name__startswith="many").count() in (0, 3), step
        await Choice.filter(name__startswith="many").delete()
        if not was_cut:
            break
    else:
        raise AssertionError("The work has no end.")
