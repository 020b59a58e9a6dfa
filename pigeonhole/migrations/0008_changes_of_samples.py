from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0007_file_names')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Function',
            name='changes',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Function',
            name='deletions',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Sample',
            name='change',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddIndex(
            model_name='Sample',
            index=Index(fields=['function_id', 'change']),
        ),
    ]
