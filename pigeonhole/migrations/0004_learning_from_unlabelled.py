from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0003_what_is_embedded')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Function',
            name='learns_from_unlabelled',
            field=fields.BooleanField(default=True, db_default=True),
        ),
    ]
