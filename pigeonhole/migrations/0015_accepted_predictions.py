"""Annotations may come from accepted predictions.

The columns hold any text, so no table changes: altering a column would copy an SQLite table without
its unique constraints, as migration 0006 did.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from pigeonhole.kinds import AnnotationSource


class AlterKnown(ops.AlterField):
    """Change what later migrations know of a column, and nothing in the database."""

    async def database_forward(self, *_: object) -> None:
        """Leave the column as it is."""

    async def database_backward(self, *_: object) -> None:
        """Leave the column as it is."""


SOURCES = "PERSON: person\nIMPORT: import\nFEEDBACK: feedback\nACCEPTED: accepted"


class Migration(migrations.Migration):
    """The new source of annotations."""

    dependencies = [("pigeonhole", "0014_unique_runs")]

    initial = False

    operations = [
        AlterKnown(
            model_name=name,
            name="annotation_source",
            field=fields.CharEnumField(
                null=True, description=SOURCES, enum_type=AnnotationSource, max_length=20
            ),
        )
        for name in ("Sample", "DeletedSample")
    ]
