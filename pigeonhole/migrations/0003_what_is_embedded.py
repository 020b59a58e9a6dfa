from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0002_stored_answers')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Function',
            name='embedded_for',
            field=fields.CharField(null=True, max_length=400),
        ),
        ops.AddField(
            model_name='Sample',
            name='claimed_by',
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddField(
            model_name='Sample',
            name='embedded_for',
            field=fields.CharField(null=True, max_length=400),
        ),
        ops.AddField(
            model_name='Sample',
            name='unreadable',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddIndex(
            model_name='Sample',
            index=Index(fields=['function_id', 'embedded_for']),
        ),
        ops.AddField(
            model_name='TrainingRun',
            name='waiting_for',
            field=fields.TextField(null=True, unique=False),
        ),
        # A sample that is embedded has a vector of some identity. It is the newest model's where
        # that vector is there; the others are looked at again, and computed only where missing.
        ops.RunSQL(
            'UPDATE sample SET embedded_for = (SELECT m.encoder_identity FROM model m '
            'WHERE m.function_id = sample.function_id ORDER BY m.version DESC LIMIT 1) '
            'WHERE embedded AND EXISTS (SELECT 1 FROM embedding e WHERE e.sha256 = sample.sha256 '
            'AND e.encoder = (SELECT m.encoder_identity FROM model m '
            'WHERE m.function_id = sample.function_id ORDER BY m.version DESC LIMIT 1))',
            reverse_sql='UPDATE sample SET embedded_for = NULL',
        ),
        ops.RunSQL(
            'UPDATE "function" SET embedded_for = (SELECT m.encoder_identity FROM model m '
            'WHERE m.function_id = "function".id ORDER BY m.version DESC LIMIT 1) '
            'WHERE NOT EXISTS (SELECT 1 FROM sample s WHERE s.function_id = "function".id '
            'AND s.embedded_for IS NULL)',
            reverse_sql='UPDATE "function" SET embedded_for = NULL',
        ),
    ]
