"""The table of deleted samples, which can be restored."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7

from pigeonhole.kinds import AnnotationSource, CaptureReason, SampleSource
from pigeonhole.tables.columns import AnyJSONField

if TYPE_CHECKING:
    from pigeonhole.tables import Function, Label


class DeletedSample(Row):
    """A sample in the trash: what it takes to bring it back. ``id`` has the order of deletions."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation["Function"] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    sample_id: UUID = fields.UUIDField()  # which it has again when it is restored
    external_id = fields.CharField(max_length=200, null=True)
    file_name = fields.CharField(max_length=255, null=True)
    metadata: Any = AnyJSONField(null=True)
    source = fields.CharEnumField(SampleSource, max_length=20)
    capture_reason = fields.CharEnumField(CaptureReason, max_length=20, null=True)
    sha256 = fields.CharField(max_length=64)
    media_type = fields.CharField(max_length=40)
    width = fields.IntField()
    height = fields.IntField()
    byte_size = fields.IntField()
    label: fields.ForeignKeyNullableRelation["Label"] = fields.ForeignKeyField(
        "pigeonhole.Label", null=True, on_delete=fields.SET_NULL
    )
    label_id: UUID | None
    annotation_source = fields.CharEnumField(AnnotationSource, max_length=20, null=True)
    annotated_at = fields.DatetimeField(null=True)
    annotated_by = fields.CharField(max_length=100, null=True)
    confirmed = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()  # of the sample
    deleted_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "deleted_sample"
        indexes = (
            Index(fields=("function_id", "id")),
            Index(fields=("deleted_at",)),
            Index(fields=("label_id",)),
            Index(fields=("sha256",)),
        )
