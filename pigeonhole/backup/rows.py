"""The rows of a deployment as JSON Lines files, one for each table.

A value is written in a form that JSON supports (IDs and times as text, bytes as base64) and read
back by its column's type, so rows can move between SQLite and PostgreSQL. The digest of a table
depends neither on the order of its rows nor on the database.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from tortoise import fields
from tortoise.fields.relational import RelationalField
from tortoise.models import Model as Row
from tortoise.transactions import in_transaction

from pigeonhole import tables
from pigeonhole.services import database

PAGE = 100


@dataclass(frozen=True)
class Content:
    """The content of a table: its number of rows and their digest."""

    rows: int
    digest: str  # 64 hexadecimal digits


def all_tables() -> list[type[Row]]:
    """Return the tables, each after the tables that its rows refer to."""
    found = [
        table
        for table in vars(tables).values()
        if isinstance(table, type) and issubclass(table, Row) and table is not Row
    ]
    ordered: list[type[Row]] = []
    while found:
        for table in found:
            names = table._meta.fk_fields | table._meta.o2o_fields
            keys = [cast("RelationalField[Row]", table._meta.fields_map[name]) for name in names]
            needed = {key.related_model for key in keys}
            if needed - {table} <= set(ordered):
                ordered.append(table)
                found.remove(table)
                break
        else:
            raise AssertionError(f"Tables refer to each other in a cycle: {found}.")
    return ordered


@asynccontextmanager
async def snapshot(url: str, folder: Path) -> AsyncIterator[None]:
    """Open a snapshot of a database, while other processes may keep writing to it.

    Args:
        url: URL of the database.
        folder: A folder for a temporary copy of an SQLite database.
    """
    if url.startswith("sqlite://"):
        copy = folder / "snapshot.db"
        _copy(Path(url.removeprefix("sqlite://")), copy)
        try:
            async with database.connected(f"sqlite://{copy}"):
                yield
        finally:
            _remove(copy)
        return
    async with database.connected(url), in_transaction() as connection:
        await connection.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _copy(source: Path, target: Path) -> None:
    """Copy an SQLite database that other processes may write to at the same time.

    Source: https://www.sqlite.org/backup.html
    """
    with (
        contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as opened,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        opened.backup(copy)


def _remove(copy: Path) -> None:
    for path in copy.parent.glob(f"{copy.name}*"):
        path.unlink()


async def dump(table: type[Row], file: Path) -> Content:
    """Write the rows of a table of the open database to a file; return the table's content."""
    count, total = 0, 0
    with await asyncio.to_thread(file.open, "w", encoding="utf-8") as lines:
        async for row in _rows(table):
            line = json.dumps(row, ensure_ascii=False, sort_keys=True)
            lines.write(f"{line}\n")
            count, total = count + 1, total + _digest(row)
    return Content(count, _hexadecimal(total))


async def content(table: type[Row]) -> Content:
    """Return the content of a table of the open database."""
    count, total = 0, 0
    async for row in _rows(table):
        count, total = count + 1, total + _digest(row)
    return Content(count, _hexadecimal(total))


async def empty() -> None:
    """Delete all rows of all tables, in the transaction that the caller has begun."""
    for table in reversed(all_tables()):
        await table.all().delete()


async def load(table: type[Row], file: Path) -> None:
    """Add the rows of a file to a table, in the transaction that the caller has begun.

    Raises:
        ValueError: The columns of the file and of the table differ.
    """
    columns = set(table._meta.db_fields)
    with file.open(encoding="utf-8") as lines, _times_kept(table):
        page: list[Row] = []
        for line in lines:
            values: dict[str, Any] = json.loads(line)
            if set(values) != columns:
                differ = ", ".join(sorted(set(values) ^ columns))
                raise ValueError(f"The columns of {table._meta.db_table} differ: {differ}.")
            kept = {
                name: _read(table._meta.fields_map[name], value) for name, value in values.items()
            }
            page.append(table(**kept))
            if len(page) == PAGE:
                await table.bulk_create(page)
                page = []
        await table.bulk_create(page)


async def _rows(table: type[Row]) -> AsyncIterator[dict[str, Any]]:
    key = table._meta.pk_attr
    after: Any = None
    while True:
        query = table.all() if after is None else table.filter(**{f"{key}__gt": after})
        page = await query.order_by(key).limit(PAGE)
        for row in page:
            yield {name: _written(getattr(row, name)) for name in table._meta.db_fields}
        if len(page) < PAGE:
            return
        after = getattr(page[-1], key)


def _written(value: Any) -> Any:
    """Return a value of a row in a form that JSON supports."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
        case Enum():
            return value.value
    return value


def _read(field: fields.Field[Any], value: Any) -> Any:
    """Return a value read from JSON in its column's type."""
    if value is None:
        return None
    if isinstance(field, fields.BinaryField):
        return base64.b64decode(value)
    if isinstance(field, fields.JSONField):
        return value
    return field.to_python_value(value)


def _digest(row: dict[str, Any]) -> int:
    text = json.dumps(_plain(row), sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest())


def _plain(value: Any) -> Any:
    """Return a value whose numbers do not depend on the database that they come from."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _hexadecimal(total: int) -> str:
    return f"{total % (1 << 256):064x}"


@contextmanager
def _times_kept(table: type[Row]) -> Iterator[None]:
    """Keep the stored times of changes, which writing a row otherwise sets to the present."""
    touched = [
        field
        for field in table._meta.fields_map.values()
        if isinstance(field, fields.DatetimeField) and field.auto_now
    ]
    for field in touched:
        field.auto_now = False
    try:
        yield
    finally:
        for field in touched:
            field.auto_now = True
