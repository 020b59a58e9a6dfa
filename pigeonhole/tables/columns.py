"""Columns of a type of their own."""

from typing import Any

from tortoise import fields
from tortoise.models import Model as Row


class AnyJSONField(fields.JSONField[Any]):
    """A column of any JSON value, strings included; a row is given the value as JSON text.

    tortoise treats a string as JSON that is already encoded, both when it is assigned and when it
    is written: `"1"` would come back as a number, and `"one"` could not be written at all.
    """

    def to_db_value(self, value: Any, instance: type[Row] | Row) -> str | None:
        """Encode a value of any JSON type."""
        self.validate(value)
        return None if value is None else self.encoder(value)
