"""Databases that tests reuse are as empty as new ones."""

import asyncpg
import pytest

from pigeonhole.services import database
from pigeonhole.tables import Choice, Function, Label
from tests.postgres_databases import PostgresDatabases


async def test_a_database_is_reused_without_its_rows_and_connections(
    postgres_databases: PostgresDatabases,
) -> None:
    async with postgres_databases.lent() as url:
        async with database.connected(url):
            function = await Function.create(name="Recipes", name_key="recipes", encoder="")
            await Label.create(function=function, name="Soups", name_key="soups")
            await Choice.create(name="encoder", value="bundled")
        forgotten = await asyncpg.connect(url)
        await forgotten.execute("BEGIN; UPDATE label SET name = 'Salads'")

    async with postgres_databases.lent() as again:
        assert again == url
        assert await database.pending(again) == []
        async with database.connected(again):
            for table in (Function, Label, Choice):
                assert await table.all().count() == 0
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresConnectionError)):
        await forgotten.execute("COMMIT")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE label ADD COLUMN color text; CREATE TABLE kept (value integer)",
        "DELETE FROM tortoise_migrations WHERE name = '0001_initial'",
    ],
)
async def test_a_database_whose_tables_a_test_changed_is_not_reused(
    postgres_databases: PostgresDatabases, change: str
) -> None:
    async with postgres_databases.lent() as url:
        connection = await asyncpg.connect(url)
        await connection.execute(change)
        await connection.close()

    async with postgres_databases.lent() as again:
        assert again != url
