"""Migrations create what `pigeonhole.tables` declares, including constraints and indexes.

Where a migration alters a field, tortoise copies an SQLite table without its unique constraints.
"""

from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.exceptions import IntegrityError
from tortoise.migrations.executor import MigrationTarget

from pigeonhole.kinds import TrainingState
from pigeonhole.services import database
from pigeonhole.tables import TrainingRun
from tests import backends
from tests.pigeonhole.services.test_migrations import BEFORE, FUNCTION, NOW

SQLITE_INDEXES = """
SELECT tables.name AS "table", list."unique" AS is_unique,
    (SELECT group_concat(name, ',') FROM
        (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno)) AS columns
FROM sqlite_master AS tables, pragma_index_list(tables.name) AS list
WHERE tables.type = 'table' AND tables.name <> 'tortoise_migrations'
"""
POSTGRES_INDEXES = """
SELECT tables.relname AS "table", indisunique AS is_unique,
    (SELECT string_agg(attname, ',' ORDER BY position) FROM unnest(indkey)
        WITH ORDINALITY AS keys(number, position)
        JOIN pg_attribute ON attrelid = indrelid AND attnum = number) AS columns
FROM pg_index JOIN pg_class AS tables ON tables.oid = indrelid
WHERE relnamespace = 'public'::regnamespace AND tables.relname <> 'tortoise_migrations'
"""


async def indexes(url: str, kind: str) -> list[tuple[str, bool, str]]:
    async with database.connected(url):
        _, rows = await database.connection().execute_query(
            SQLITE_INDEXES if kind == "embedded" else POSTGRES_INDEXES
        )
        return sorted((row["table"], bool(row["is_unique"]), row["columns"]) for row in rows)


async def test_a_migrated_database_has_the_indexes_that_its_tables_declare(
    empty_url: str, kind: str, tmp_path: Path
) -> None:
    declared_url = f"sqlite://{tmp_path / 'declared.db'}"
    if kind != "embedded":
        declared_url = await backends.postgres_database()
    async with database.connected(declared_url):
        await Tortoise.generate_schemas()
    declared = await indexes(declared_url, kind)
    if kind != "embedded":
        await backends.drop_postgres_database(declared_url)

    await database.migrate(empty_url)

    assert ("training_run", True, "function_id,replaces") in declared
    assert await indexes(empty_url, kind) == declared


async def test_of_duplicate_runs_the_newest_stays_and_no_other_can_be_created(
    empty_url: str, kind: str
) -> None:
    if kind != "embedded":
        pytest.skip("PostgreSQL never had such runs")
    ids = [f"00000000-0000-7000-8000-0000000001{number:02}" for number in range(3)]
    async with database._executor(empty_url) as executor:
        await executor.migrate([MigrationTarget(database.APP, "0001_initial")])
        await database.connection().execute_query(BEFORE[0])
        await executor.migrate([MigrationTarget(database.APP, "0013_encoder_changes")])
        for id, replaces in zip(ids, (1, 1, 0), strict=True):
            await database.connection().execute_query(
                f"""INSERT INTO training_run (id, function_id, replaces, state, stage, progress,
                    sample_count, queued_at) VALUES ('{id}', '{FUNCTION}', {replaces}, 'running',
                    'waiting', 0, 0, {NOW})"""
            )

    assert "0014_unique_runs" in await database.migrate(empty_url)

    async with database.connected(empty_url):
        runs = await TrainingRun.all().order_by("id")
        assert [(run.replaces, run.state) for run in runs] == [
            (-1, TrainingState.CANCELED),
            (1, TrainingState.RUNNING),
            (0, TrainingState.RUNNING),
        ]
        with pytest.raises(IntegrityError):
            await TrainingRun.create(function_id=FUNCTION, replaces=1)
