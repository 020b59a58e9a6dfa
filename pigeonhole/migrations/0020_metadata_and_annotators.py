"""Samples have metadata, strings by keys, and the name of who annotated them."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from pigeonhole.tables.columns import AnyJSONField


class Migration(migrations.Migration):
    """The new columns, also in the trash."""

    dependencies = [("pigeonhole", "0019_filters_in_an_index")]

    initial = False

    operations = [
        ops.AddField(model_name=table, name=name, field=field)
        for table in ("Sample", "DeletedSample")
        for name, field in (
            ("metadata", AnyJSONField(null=True)),
            ("annotated_by", fields.CharField(null=True, max_length=100)),
        )
    ]
