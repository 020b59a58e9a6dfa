"""Small databases of every release: they can be migrated, and older servers can still write.

A file in ``databases`` is named after a release. Its first line names the last migration of that
release, and each other line is an INSERT as that release writes it.
"""

import re
from pathlib import Path

import pytest
from tortoise.migrations.executor import MigrationTarget

from pigeonhole.backup.rows import all_tables
from pigeonhole.services import database

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).parent / "databases"
KEPT = sorted(path.stem for path in FOLDER.glob("*.sql"))
RELEASES = re.findall(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
REMOVING = ("RemoveField", "RenameField", "DeleteModel", "RenameModel")
"""Operations that remove what servers of the previous release still use."""


def read(kept: str, kind: str) -> tuple[str, list[str]]:
    """Return the last migration and the statements of a file, with bytes in the database's form."""
    blob = r"x'\1'" if kind == "embedded" else r"'\\x\1'"
    first, *lines = (FOLDER / f"{kept}.sql").read_text(encoding="utf-8").splitlines()
    last = first.removeprefix("-- ")
    return last, [re.sub(r"\{blob:([0-9a-f]*)\}", blob, line) for line in lines]


async def counts() -> dict[str, int]:
    """Read every row of every table by the models of this release; return their number."""
    return {table._meta.db_table: len(await table.all()) for table in all_tables()}


@pytest.mark.parametrize("kept", KEPT)
async def test_an_older_database_is_migrated_and_accepts_what_older_servers_write(
    empty_url: str, kind: str, kept: str
) -> None:
    last, statements = read(kept, kind)
    tables = [re.findall(r'INSERT INTO "(\w+)"', line)[0] for line in statements]
    async with database._executor(empty_url) as executor:
        await executor.migrate([MigrationTarget(database.APP, last)])
        for statement in statements:
            await database.connection().execute_query(statement)

    await database.migrate(empty_url)

    async with database.connected(empty_url):
        migrated = await counts()
        for table in dict.fromkeys(reversed(tables)):
            await database.connection().execute_query(f'DELETE FROM "{table}"')
        emptied = await counts()
        for statement in statements:
            await database.connection().execute_query(statement)
        written = await counts()

    expected = {table: tables.count(table) for table in migrated}
    assert migrated == written == expected
    assert set(emptied.values()) == {0}


def test_there_is_a_database_of_every_release() -> None:
    assert [version for version in RELEASES if version not in KEPT] == []


async def test_no_migration_removes_what_the_previous_release_uses(tmp_path: Path) -> None:
    async with database._executor(f"sqlite://{tmp_path / 'pigeonhole.db'}") as executor:
        steps = await executor.plan(database.LATEST)
    newest = max(read(kept, "embedded")[0] for kept in KEPT)
    since = [step.migration for step in steps if step.migration.name > newest]
    taken = [
        (migration.name, type(operation).__name__)
        for migration in since
        for operation in migration.operations
        if type(operation).__name__ in REMOVING
    ]

    assert steps
    assert taken == []
