from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0008_changes_of_samples')]

    initial = False

    operations = [
        ops.CreateModel(
            name='NearDuplicateGroup',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('size', fields.IntField(default=0)),
                ('contradictory', fields.BooleanField(default=False)),
                ('rank', fields.FloatField(default=0.0)),
            ],
            options={'table': 'near_duplicate_group', 'app': 'pigeonhole', 'indexes': [Index(fields=['function_id', 'rank', 'id'])], 'pk_attr': 'id', 'table_description': 'Samples of a function that show almost the same picture, and what these lead to.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Function',
            name='group_revision',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Function',
            name='grouped_revision',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Sample',
            name='group_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Sample',
            name='grouped',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddIndex(
            model_name='Sample',
            index=Index(fields=['function_id', 'grouped', 'embedded']),
        ),
        ops.AddIndex(
            model_name='Sample',
            index=Index(fields=['group_id', 'id']),
        ),
        ops.RunSQL(
            'UPDATE "function" SET group_revision = 1 WHERE upload_revision > 0',
            reverse_sql='UPDATE "function" SET group_revision = 0',
        ),
    ]
