from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0006_no_publishing_stage')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Invocation',
            name='file_name',
            field=fields.CharField(null=True, max_length=255),
        ),
        ops.AddField(
            model_name='Sample',
            name='file_name',
            field=fields.CharField(null=True, max_length=255),
        ),
        ops.AddField(
            model_name='Sample',
            name='file_name_key',
            field=fields.TextField(null=True, unique=False),
        ),
    ]
