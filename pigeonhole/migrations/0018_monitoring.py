"""What monitoring reads of invocations, and why samples were captured."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from pigeonhole.kinds import CaptureReason

REASONS = (
    "REQUESTED: requested\nFEEDBACK: feedback\nRANDOM: random\nSTRANGE: strange\n"
    "RARE_LABEL: rare_label\nLOW_CONFIDENCE: low_confidence"
)
FIRST_OF_RANKING = {
    "sqlite": "UPDATE invocation SET label_id = json_extract(ranking, '$[0][0]'), "
    "confidence = json_extract(ranking, '$[0][1]')",
    "postgres": "UPDATE invocation SET label_id = CAST(ranking -> 0 ->> 0 AS UUID), "
    "confidence = CAST(ranking -> 0 ->> 1 AS DOUBLE PRECISION)",
}
FEEDBACK = (
    "UPDATE sample SET capture_reason = 'feedback' "
    "WHERE source = 'capture' AND annotation_source = 'feedback'"
)


async def fill(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Copy the first label of each ranking; other reasons than feedback are not known."""
    await editor.client.execute_query(FIRST_OF_RANKING[editor.client.capabilities.dialect])
    await editor.client.execute_query(FEEDBACK)


async def leave(apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Do nothing: the columns are dropped."""


class Migration(migrations.Migration):
    """Their columns and indexes."""

    dependencies = [("pigeonhole", "0017_indexes_of_lists")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Function",
            name="capture_strange",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Function",
            name="capture_rare_below",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Function",
            name="capture_random_share",
            field=fields.FloatField(default=0.0, db_default=0.0),
        ),
        *(
            ops.AddField(
                model_name=name,
                name="capture_reason",
                field=fields.CharEnumField(
                    null=True, description=REASONS, enum_type=CaptureReason, max_length=20
                ),
            )
            for name in ("Sample", "DeletedSample")
        ),
        ops.AddField(
            model_name="Invocation", name="label_id", field=fields.UUIDField(null=True)
        ),
        ops.AddField(
            model_name="Invocation", name="confidence", field=fields.FloatField(null=True)
        ),
        ops.RunPython(fill, leave),
        ops.AddIndex(
            model_name="Sample",
            index=Index(
                fields=[
                    "function_id",
                    "source",
                    "label_id",
                    "confidence",
                    "id",
                    "capture_reason",
                ]
            ),
        ),
        ops.AddIndex(
            model_name="Invocation",
            index=Index(
                fields=["function_id", "created_at", "decision", "label_id", "confidence"]
            ),
        ),
    ]
