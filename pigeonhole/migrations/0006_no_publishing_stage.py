from tortoise import migrations
from tortoise.migrations import operations as ops
from pigeonhole.kinds import TrainingStage
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pigeonhole', '0005_sessions')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='TrainingRun',
            name='stage',
            field=fields.CharEnumField(default=TrainingStage.WAITING, description='WAITING: waiting\nEMBEDDING: embedding\nSELECTING: selecting\nCROSS_VALIDATING: cross_validating\nFITTING: fitting\nDONE: done', enum_type=TrainingStage, max_length=20),
        ),
    ]
