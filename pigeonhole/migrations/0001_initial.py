from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from pigeonhole.models import AnnotationSource, Decision, FunctionVisibility, SampleSource, TrainingStage, TrainingState
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Choice',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ('value', fields.TextField(unique=False)),
            ],
            options={'table': 'choice', 'app': 'pigeonhole', 'pk_attr': 'name', 'table_description': 'A decision made once for this deployment, such as what `auto` stands for.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Embedding',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('sha256', fields.CharField(max_length=64)),
                ('encoder', fields.CharField(max_length=400)),
                ('vector', fields.BinaryField()),
            ],
            options={'table': 'embedding', 'app': 'pigeonhole', 'unique_together': (('sha256', 'encoder'),), 'pk_attr': 'id', 'table_description': 'A picture as an encoder sees it: computed once, kept for every function that has it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Function',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=100)),
                ('name_key', fields.CharField(unique=True, max_length=200)),
                ('description', fields.TextField(null=True, unique=False)),
                ('visibility', fields.CharEnumField(default=FunctionVisibility.PRIVATE, description='PRIVATE: private\nPUBLIC: public', enum_type=FunctionVisibility, max_length=20)),
                ('auto_train', fields.BooleanField(default=True)),
                ('max_error_rate', fields.FloatField(default=0.05)),
                ('capture_enabled', fields.BooleanField(default=False)),
                ('capture_below', fields.FloatField(default=0.8)),
                ('capture_daily_limit', fields.IntField(default=100)),
                ('encoder', fields.CharField(max_length=400)),
                ('revision', fields.IntField(default=0)),
                ('trained_revision', fields.IntField(default=0)),
                ('upload_revision', fields.IntField(default=0)),
                ('embedded_revision', fields.IntField(default=0)),
                ('active_model_id', fields.UUIDField(null=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('updated_at', fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={'table': 'function', 'app': 'pigeonhole', 'pk_attr': 'id', 'table_description': 'A classifier that its owner teaches by example.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Label',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('name', fields.CharField(max_length=100)),
                ('name_key', fields.CharField(max_length=200)),
                ('description', fields.TextField(null=True, unique=False)),
                ('metadata', fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'label', 'app': 'pigeonhole', 'unique_together': (('function', 'name_key'),), 'pk_attr': 'id', 'table_description': 'One of the answers that a function can give.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Model',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('version', fields.IntField()),
                ('revision', fields.IntField()),
                ('encoder', fields.CharField(max_length=400)),
                ('encoder_identity', fields.CharField(max_length=400)),
                ('classifier', fields.TextField(unique=False)),
                ('metrics', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'model', 'app': 'pigeonhole', 'unique_together': (('function', 'version'),), 'pk_attr': 'id', 'table_description': 'A trained version of a function. Its row never changes.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ModelArrays',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('model', fields.OneToOneField('pigeonhole.Model', source_field='model_id', db_constraint=True, to_field='id', related_name='arrays', on_delete=OnDelete.CASCADE)),
                ('head', fields.BinaryField()),
                ('held_out', fields.BinaryField()),
            ],
            options={'table': 'model_arrays', 'app': 'pigeonhole', 'pk_attr': 'id', 'table_description': 'The numbers of a model, apart so that lists of models stay light. Both are npz files.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Orphan',
            fields=[
                ('sha256', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'orphan', 'app': 'pigeonhole', 'pk_attr': 'sha256', 'table_description': 'A picture that no row names since ``since``. Its blob goes when that is a while ago.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Sample',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('external_id', fields.CharField(null=True, max_length=200)),
                ('source', fields.CharEnumField(default=SampleSource.UPLOAD, description='UPLOAD: upload\nCAPTURE: capture', enum_type=SampleSource, max_length=20)),
                ('sha256', fields.CharField(max_length=64)),
                ('media_type', fields.CharField(max_length=40)),
                ('width', fields.IntField()),
                ('height', fields.IntField()),
                ('byte_size', fields.IntField()),
                ('embedded', fields.BooleanField(default=False)),
                ('label', fields.ForeignKeyField('pigeonhole.Label', source_field='label_id', null=True, db_constraint=True, to_field='id', related_name='samples', on_delete=OnDelete.SET_NULL)),
                ('annotation_source', fields.CharEnumField(null=True, description='PERSON: person\nIMPORT: import\nFEEDBACK: feedback', enum_type=AnnotationSource, max_length=20)),
                ('annotated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('predicted', fields.ForeignKeyField('pigeonhole.Label', source_field='predicted_id', null=True, db_constraint=True, to_field='id', related_name='predicted', on_delete=OnDelete.SET_NULL)),
                ('confidence', fields.FloatField(null=True)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('updated_at', fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={'table': 'sample', 'app': 'pigeonhole', 'unique_together': (('function', 'sha256'), ('function', 'external_id')), 'indexes': [Index(fields=['function_id', 'id']), Index(fields=['function_id', 'confidence', 'id']), Index(fields=['function_id', 'label_id']), Index(fields=['function_id', 'embedded']), Index(fields=['sha256'])], 'pk_attr': 'id', 'table_description': 'One picture of a function, what a person says it is, and what the active model says.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Invocation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('model', fields.ForeignKeyField('pigeonhole.Model', source_field='model_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('external_id', fields.CharField(null=True, max_length=200)),
                ('sha256', fields.CharField(max_length=64)),
                ('media_type', fields.CharField(max_length=40)),
                ('width', fields.IntField()),
                ('height', fields.IntField()),
                ('byte_size', fields.IntField()),
                ('ranking', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('decision', fields.CharEnumField(description='ACCEPT: accept\nREVIEW: review\nNONE_OF_THESE: none_of_these', enum_type=Decision, max_length=20)),
                ('model_time_ms', fields.FloatField()),
                ('sample', fields.ForeignKeyField('pigeonhole.Sample', source_field='sample_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.SET_NULL)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'invocation', 'app': 'pigeonhole', 'indexes': [Index(fields=['created_at']), Index(fields=['sha256'])], 'pk_attr': 'id', 'table_description': 'An answer of `invoke`, kept for a while so that feedback can name it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TrainingRun',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('replaces', fields.IntField()),
                ('state', fields.CharEnumField(default=TrainingState.QUEUED, description='QUEUED: queued\nRUNNING: running\nSUCCEEDED: succeeded\nFAILED: failed\nCANCELED: canceled', enum_type=TrainingState, max_length=20)),
                ('stage', fields.CharEnumField(default=TrainingStage.WAITING, description='WAITING: waiting\nEMBEDDING: embedding\nSELECTING: selecting\nCROSS_VALIDATING: cross_validating\nFITTING: fitting\nPUBLISHING: publishing\nDONE: done', enum_type=TrainingStage, max_length=20)),
                ('progress', fields.FloatField(default=0.0)),
                ('failure', fields.TextField(null=True, unique=False)),
                ('sample_count', fields.IntField(default=0)),
                ('accuracy', fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('queued_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('model', fields.OneToOneField('pigeonhole.Model', source_field='model_id', null=True, db_constraint=True, to_field='id', related_name='training_run', on_delete=OnDelete.SET_NULL)),
            ],
            options={'table': 'training_run', 'app': 'pigeonhole', 'unique_together': (('function', 'replaces'),), 'pk_attr': 'id', 'table_description': 'One attempt to make a model. ``replaces`` is the ``trained_revision`` it moves on from.'},
            bases=['Model'],
        ),
    ]
