from tortoise import migrations
from tortoise.migrations import operations as ops
from pigeonhole.kinds import AnnotationSource, SampleSource
from tortoise.fields.base import OnDelete
from uuid_utils.compat import uuid7
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0010_owed_races')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DeletedSample',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ('function', fields.ForeignKeyField('pigeonhole.Function', source_field='function_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('sample_id', fields.UUIDField()),
                ('external_id', fields.CharField(null=True, max_length=200)),
                ('file_name', fields.CharField(null=True, max_length=255)),
                ('source', fields.CharEnumField(description='UPLOAD: upload\nCAPTURE: capture', enum_type=SampleSource, max_length=20)),
                ('sha256', fields.CharField(max_length=64)),
                ('media_type', fields.CharField(max_length=40)),
                ('width', fields.IntField()),
                ('height', fields.IntField()),
                ('byte_size', fields.IntField()),
                ('label', fields.ForeignKeyField('pigeonhole.Label', source_field='label_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.SET_NULL)),
                ('annotation_source', fields.CharEnumField(null=True, description='PERSON: person\nIMPORT: import\nFEEDBACK: feedback', enum_type=AnnotationSource, max_length=20)),
                ('annotated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('confirmed', fields.BooleanField(default=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('deleted_at', fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={'table': 'deleted_sample', 'app': 'pigeonhole', 'indexes': [Index(fields=['function_id', 'id']), Index(fields=['deleted_at']), Index(fields=['label_id']), Index(fields=['sha256'])], 'pk_attr': 'id', 'table_description': 'A sample in the trash: what it takes to bring it back. ``id`` has the order of deletions.'},
            bases=['Model'],
        ),
    ]
