"""Columns and indexes of a type of their own."""

from collections.abc import Sequence
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
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


class PresentIndex(Index):
    """An index of only those rows that have a value of one of its columns.

    Queries use it for conditions that no null meets, such as a range of the column.
    """

    def __init__(self, *, fields: Sequence[str], of: str, name: str | None = None) -> None:
        super().__init__(fields=list(fields), name=name)
        self.of = of
        self.extra = f' WHERE "{of}" IS NOT NULL'

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return how migrations make this index again."""
        path, arguments, named = super().deconstruct()
        return path, arguments, named | {"of": self.of}
