from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from pigeonhole.kinds import EncoderChangeState
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0012_webhooks')]

    initial = False

    operations = [
        ops.CreateModel(
            name='EncoderChange',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('encoder', fields.CharField(max_length=400)),
                ('encoder_before', fields.CharField(max_length=400)),
                ('identity', fields.CharField(null=True, max_length=400)),
                ('identity_before', fields.CharField(null=True, max_length=400)),
                ('state', fields.CharEnumField(default=EncoderChangeState.EMBEDDING, description='EMBEDDING: embedding\nCOMPARING: comparing\nWAITING: waiting\nSWITCHED: switched\nSTOPPED: stopped\nUNDONE: undone', enum_type=EncoderChangeState, max_length=20)),
                ('switches_by_itself', fields.BooleanField(default=True)),
                ('at', fields.UUIDField(null=True)),
                ('model_id', fields.UUIDField(null=True)),
                ('model_before_id', fields.UUIDField(null=True)),
                ('comparison', fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('vectors_kept', fields.BooleanField(default=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'encoder_change', 'app': 'pigeonhole', 'indexes': [Index(fields=['function_id', 'id']), Index(fields=['state'])], 'pk_attr': 'id', 'table_description': 'The way of a function from one encoder to another, which it uses once it is switched.'},
            bases=['Model'],
        ),
    ]
