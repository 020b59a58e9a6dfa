"""Indexes for each order and filter of lists of samples, and for samples that are not compared."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from pigeonhole.tables.columns import PresentIndex

REPLACED = ("id", "confidence id", "label_id", "grouped embedded")
ADDED = (
    "id label_id",
    "confidence id label_id",
    "label_id confidence id",
    "predicted_id confidence id",
    "source label_id id",
    "grouped embedded id",
)
"""Columns of indexes, after that of the function."""
RATES = {"informativeness": "informativeness id", "mistake_score": "confirmed mistake_score id"}
"""The same of indexes of samples that have a rate."""


def fields(columns: str) -> list[str]:
    """Return the names of an index's columns."""
    return ["function_id", *columns.split()]


class Migration(migrations.Migration):
    """The indexes."""

    dependencies = [("pigeonhole", "0016_previous_webhook_secrets")]

    initial = False

    operations = [
        *(ops.RemoveIndex(model_name="Sample", fields=fields(columns)) for columns in REPLACED),
        *(
            ops.AddIndex(model_name="Sample", index=Index(fields=fields(columns)))
            for columns in ADDED
        ),
        *(
            ops.AddIndex(
                model_name="Sample", index=PresentIndex(fields=fields(columns), of=rate)
            )
            for rate, columns in RATES.items()
        ),
    ]
