"""Columns that tortoise does not have."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class AnyJSONField(fields.JSONField[Any]):
    """Any JSON value, a text too; it is given to the model as JSON text.

    tortoise takes a text for JSON that is encoded already, when it is assigned and again when it
    is written: `"1"` would come back as a number, and `"one"` could not be written at all.
    """

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> str | None:
        """Encode a value, whatever it is."""
        self.validate(value)
        return None if value is None else self.encoder(value)
