"""An index of confidences in which the other filters of lists are read too."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

REPLACED = ["function_id", "confidence", "id", "label_id"]
FILTERS = ["source", "capture_reason", "annotation_source", "created_at"]


class Migration(migrations.Migration):
    """The index."""

    dependencies = [("pigeonhole", "0018_monitoring")]

    initial = False

    operations = [
        ops.RemoveIndex(model_name="Sample", fields=REPLACED),
        ops.AddIndex(model_name="Sample", index=Index(fields=[*REPLACED, *FILTERS])),
    ]
