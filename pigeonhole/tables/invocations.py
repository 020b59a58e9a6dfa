"""The table of invocations."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7

from pigeonhole.kinds import Decision

if TYPE_CHECKING:
    from pigeonhole.tables import Function, Model, Sample


class Invocation(Row):
    """An answer of `invoke`, kept for a while so that feedback can name it.

    ``label_id`` and ``confidence`` are those of the first label of ``ranking``, for monitoring.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation["Function"] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    model: fields.ForeignKeyRelation["Model"] = fields.ForeignKeyField("pigeonhole.Model")
    model_id: UUID
    external_id = fields.CharField(max_length=200, null=True)
    file_name = fields.CharField(max_length=255, null=True)
    sha256 = fields.CharField(max_length=64)
    media_type = fields.CharField(max_length=40)
    width = fields.IntField()
    height = fields.IntField()
    byte_size = fields.IntField()
    ranking: Any = fields.JSONField()  # [[label id, confidence], ...], most likely first
    label_id: UUID | None = fields.UUIDField(null=True)
    confidence = fields.FloatField(null=True)
    decision = fields.CharEnumField(Decision, max_length=20)
    model_time_ms = fields.FloatField()
    sample: fields.ForeignKeyNullableRelation["Sample"] = fields.ForeignKeyField(
        "pigeonhole.Sample", null=True, on_delete=fields.SET_NULL
    )
    sample_id: UUID | None
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "invocation"
        indexes = (
            Index(fields=("created_at",)),
            Index(fields=("sha256",)),
            Index(  # monitoring reads no rows
                fields=("function_id", "created_at", "decision", "label_id", "confidence")
            ),
        )
