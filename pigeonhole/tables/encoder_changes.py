"""The table of changes from one encoder to another."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7

from pigeonhole.kinds import EncoderChangeState

if TYPE_CHECKING:
    from pigeonhole.tables import Function


class EncoderChange(Row):
    """The way of a function from one encoder to another, which it uses once it is switched."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: "fields.ForeignKeyRelation[Function]" = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    encoder = fields.CharField(max_length=400)  # what `encoders.load` takes
    encoder_before = fields.CharField(max_length=400)
    identity = fields.CharField(max_length=400, null=True)  # of the vectors that it has made
    identity_before = fields.CharField(max_length=400, null=True)
    state = fields.CharEnumField(
        EncoderChangeState, max_length=20, default=EncoderChangeState.EMBEDDING
    )
    switches_by_itself = fields.BooleanField(default=True)  # unless the new model is worse
    at: UUID | None = fields.UUIDField(null=True)  # the last sample that it has looked at
    model_id: UUID | None = fields.UUIDField(null=True)  # made with the new encoder
    model_before_id: UUID | None = fields.UUIDField(null=True)
    comparison: Any = fields.JSONField(null=True)  # of the two models
    vectors_kept = fields.BooleanField(default=True)  # those that its end makes needless
    created_at = fields.DatetimeField(auto_now_add=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "encoder_change"
        indexes = (Index(fields=("function_id", "id")), Index(fields=("state",)))
