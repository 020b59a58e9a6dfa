from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0001_initial')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Function',
            name='answer_revision',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Function',
            name='answered_revision',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.RemoveIndex(
            model_name='Sample',
            name=None,
            fields=['function_id', 'embedded'],
        ),
        ops.AddField(
            model_name='Sample',
            name='answer_version',
            field=fields.IntField(null=True),
        ),
        ops.AddIndex(
            model_name='Sample',
            index=Index(fields=['function_id', 'embedded', 'answer_version']),
        ),
        ops.RunSQL(
            'UPDATE "function" SET answer_revision = 1 WHERE active_model_id IS NOT NULL',
            reverse_sql='UPDATE "function" SET answer_revision = 0',
        ),
    ]
