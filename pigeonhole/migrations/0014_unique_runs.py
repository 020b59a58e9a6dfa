"""Give SQLite's training runs their unique constraints back.

Migration 0006 altered a field, for which tortoise copies an SQLite table without its unique
constraints. PostgreSQL kept them.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

RENAMED_RUNS = """
UPDATE training_run SET
    replaces = -rowid,
    state = CASE WHEN state IN ('queued', 'running') THEN 'canceled' ELSE state END
WHERE EXISTS (SELECT 1 FROM training_run AS newer
    WHERE newer.function_id = training_run.function_id
        AND newer.replaces = training_run.replaces AND newer.rowid > training_run.rowid)
"""
FORGOTTEN_MODELS = """
UPDATE training_run SET model_id = NULL
WHERE EXISTS (SELECT 1 FROM training_run AS newer
    WHERE newer.model_id = training_run.model_id AND newer.rowid > training_run.rowid)
"""
CREATED = (
    "CREATE UNIQUE INDEX uid_training_run_replaces ON training_run (function_id, replaces)",
    "CREATE UNIQUE INDEX uid_training_run_model ON training_run (model_id)",
)
DROPPED = ("DROP INDEX uid_training_run_replaces", "DROP INDEX uid_training_run_model")


async def add(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Keep the newest of several runs as it is, and the others as canceled ones."""
    if editor.client.capabilities.dialect == "sqlite":
        for statement in (RENAMED_RUNS, FORGOTTEN_MODELS, *CREATED):
            await editor.client.execute_query(statement)


async def remove(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Drop the constraints."""
    if editor.client.capabilities.dialect == "sqlite":
        for statement in DROPPED:
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """The constraints."""

    dependencies = [("pigeonhole", "0013_encoder_changes")]

    initial = False

    operations = [ops.RunPython(add, remove)]
