from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0004_learning_from_unlabelled')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Session',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('key', fields.ForeignKeyField('pigeonhole.ApiKey', source_field='key_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('ends_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'session', 'app': 'pigeonhole', 'pk_attr': 'id', 'table_description': 'A browser that is logged in by a key. Without its row its cookie lets nobody in.'},
            bases=['Model'],
        ),
    ]
