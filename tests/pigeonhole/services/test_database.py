"""The database: files that cannot be opened, transactions of several processes, migrations."""

import asyncio
import sys
from pathlib import Path

import pytest
from tortoise.exceptions import OperationalError
from tortoise.migrations.autodetector import MigrationAutodetector

from pigeonhole.services import database
from pigeonhole.services.services import Services
from pigeonhole.tables import Choice
from tests.pigeonhole.running import bounded

ADD_ONE = """
import asyncio, sys
from tortoise.transactions import in_transaction
from pigeonhole.services import database
from pigeonhole.tables import Choice

async def main():
    async with database.connected(sys.argv[1]):
        for _ in range(100):
            async with in_transaction():
                row = await Choice.get(name="count")
                row.value = str(int(row.value) + 1)
                await row.save()

asyncio.run(main())
"""


async def test_a_file_that_cannot_be_opened_is_reported_at_once(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'nowhere' / 'pigeonhole.db'}"

    with pytest.raises(OperationalError, match="unable to open database file"):
        await database.migrate(url)


async def test_migrations_are_applied_once(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'pigeonhole.db'}"

    before = await database.pending(url)
    applied = await database.migrate(url)
    again = await database.migrate(url)

    assert before == applied
    assert applied[0] == "0001_initial"
    assert again == await database.pending(url) == []


async def test_every_change_of_the_tables_has_its_migration(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'pigeonhole.db'}"

    async with database.connected(url) as context:
        assert context.apps is not None
        apps = database.configuration(url)["apps"]
        detected = await MigrationAutodetector(context.apps, apps).changes()

    assert [writer.operations for writer in detected] == []


async def test_processes_that_read_and_then_write_in_transactions_lose_nothing(
    services: Services,
) -> None:
    if "sqlite" not in services.settings.database_url:
        pytest.skip("PostgreSQL wants a row lock for this; the rows are guarded by revision there")
    await Choice.create(name="count", value="0")

    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", ADD_ONE, services.settings.database_url
        )
        for _ in range(3)
    ]
    codes = await bounded(asyncio.gather(*(process.wait() for process in processes)))

    assert codes == [0, 0, 0]
    assert (await Choice.get(name="count")).value == "300"
