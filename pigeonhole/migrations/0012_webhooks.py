from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from pigeonhole.kinds import DeliveryState, WebhookEvent
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0011_trash')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Webhook',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('url', fields.TextField(unique=False)),
                ('events', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('secret', fields.CharField(max_length=100)),
                ('enabled', fields.BooleanField(default=True)),
                ('note', fields.TextField(null=True, unique=False)),
                ('claimed_by', fields.CharField(null=True, max_length=40)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'webhook', 'app': 'pigeonhole', 'pk_attr': 'id', 'table_description': 'A URL that is told of changes to one function, or to all.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('webhook', fields.ForeignKeyField('pigeonhole.Webhook', source_field='webhook_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('function_id', fields.UUIDField(null=True)),
                ('number', fields.IntField()),
                ('event', fields.CharEnumField(description='TRAINING_SUCCEEDED: training.succeeded\nTRAINING_FAILED: training.failed\nMODEL_ACTIVATED: model.activated\nMODEL_KEPT_BACK: model.kept_back\nACCURACY_DROPPED: accuracy.dropped\nSAMPLE_CAPTURED: sample.captured\nTEST: webhook.test', enum_type=WebhookEvent, max_length=40)),
                ('body', fields.TextField(unique=False)),
                ('state', fields.CharEnumField(default=DeliveryState.PENDING, description='PENDING: pending\nDELIVERED: delivered', enum_type=DeliveryState, max_length=20)),
                ('attempts', fields.IntField(default=0)),
                ('first_tried_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('status', fields.IntField(null=True)),
                ('failure', fields.TextField(null=True, unique=False)),
                ('delivered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'webhook_delivery', 'app': 'pigeonhole', 'indexes': [Index(fields=['webhook_id', 'function_id', 'number']), Index(fields=['state', 'due_at']), Index(fields=['webhook_id', 'id'])], 'pk_attr': 'id', 'table_description': 'An event for one webhook, written in the transaction of the change that it tells of.'},
            bases=['Model'],
        ),
    ]
