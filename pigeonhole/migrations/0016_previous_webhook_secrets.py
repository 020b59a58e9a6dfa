from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """A replaced secret of a webhook signs beside the new one for a while."""

    dependencies = [("pigeonhole", "0015_accepted_predictions")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Webhook",
            name="previous_secret",
            field=fields.CharField(null=True, max_length=100),
        ),
        ops.AddField(
            model_name="Webhook",
            name="previous_secret_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
