"""Export of all tables of a database to files of rows, and import from them."""

import json
from pathlib import Path

from tortoise.transactions import in_transaction

from pigeonhole.backup import rows
from pigeonhole.backup.rows import Content
from pigeonhole.services import database
from pigeonhole.settings import OperatorError
from pigeonhole.tables import Function


async def dump(url: str, folder: Path) -> dict[str, Content]:
    """Write each table of a database to a file with the table's name; return their contents.

    Raises:
        OperatorError: The database lacks migrations.
    """
    if await database.pending(url):
        raise OperatorError("The database lacks migrations. Run `pigeonhole migrate` first.")
    found: dict[str, Content] = {}
    async with rows.snapshot(url, folder):
        for table in rows.all_tables():
            name = table._meta.db_table
            found[name] = await rows.dump(table, folder / name)
    return found


async def check_empty(url: str, *, replace: bool) -> None:
    """Apply pending migrations to a database, and check that it has no functions.

    Raises:
        OperatorError: It has functions, and ``replace`` is not set.
    """
    await database.migrate(url)
    async with database.connected(url):
        if not replace and await Function.exists():
            raise OperatorError(
                "The target already has functions. Choose an empty one, or pass --replace to "
                "delete everything there first."
            )


async def load(url: str, folder: Path, expected: dict[str, Content], *, replace: bool) -> None:
    """Fill a database from files in one transaction, and check its contents.

    Raises:
        OperatorError: The target has functions, the files were written by another release, or a
            table differs from what is expected.
    """
    await check_empty(url, replace=replace)
    tables = rows.all_tables()
    async with database.connected(url), in_transaction():
        await rows.empty()
        for table in tables:
            name = table._meta.db_table
            if name not in expected:
                raise _other_release(f"there is no table {name}")
            try:
                await rows.load(table, folder / name)
            except ValueError as error:
                raise _other_release(str(error)) from None
        for table in tables:
            name = table._meta.db_table
            if await rows.content(table) != expected[name]:
                raise OperatorError(
                    f"The copy of table {name} is incomplete or differs. Nothing was changed."
                )


def _other_release(reason: str) -> OperatorError:
    return OperatorError(
        f"The rows were written by another release ({reason}). Restore with the release that made "
        "the backup, then upgrade."
    )


def named(folder: Path) -> list[str]:
    """Return the sorted SHA-256 digests of the images that the rows in the files refer to."""
    found: set[str] = set()
    for table in ("sample", "deleted_sample", "invocation"):
        with (folder / table).open(encoding="utf-8") as lines:
            found.update(json.loads(line)["sha256"] for line in lines)
    return sorted(found)
