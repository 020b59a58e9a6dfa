from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0009_near_duplicate_groups')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Function',
            name='raced_revision',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.RunSQL(
            'UPDATE "function" SET raced_revision = trained_revision',
            reverse_sql='UPDATE "function" SET raced_revision = 0',
        ),
    ]
