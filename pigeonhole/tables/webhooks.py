"""The tables of who is told of changes, and of what they are told."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7

from pigeonhole.kinds import DeliveryState, WebhookEvent


class Webhook(Row):
    """A URL that is told of changes to one function, or to all."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "pigeonhole.Function", null=True, on_delete=fields.CASCADE
    )
    function_id: UUID | None
    url = fields.TextField()
    events: Any = fields.JSONField()  # values of `WebhookEvent`
    secret = fields.CharField(max_length=100)  # deliveries are signed with it, so it is kept whole
    previous_secret = fields.CharField(max_length=100, null=True)
    previous_secret_until = fields.DatetimeField(null=True)  # when it ends
    enabled = fields.BooleanField(default=True)
    note: str | None = fields.TextField(null=True)  # why it was disabled
    claimed_by = fields.CharField(max_length=40, null=True)  # the job that delivers now
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "webhook"


class WebhookDelivery(Row):
    """An event for one webhook, written in the transaction of the change that it tells of."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    webhook: fields.ForeignKeyRelation[Webhook] = fields.ForeignKeyField(
        "pigeonhole.Webhook", on_delete=fields.CASCADE
    )
    webhook_id: UUID
    function_id: UUID | None = fields.UUIDField(null=True)  # null for a test
    number = fields.IntField()  # counts those of a webhook and a function, in their order
    event = fields.CharEnumField(WebhookEvent, max_length=40)
    body = fields.TextField()  # what is sent, byte for byte
    state = fields.CharEnumField(DeliveryState, max_length=20, default=DeliveryState.PENDING)
    attempts = fields.IntField(default=0)
    first_tried_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(auto_now_add=True)  # of the next attempt
    status = fields.IntField(null=True)  # HTTP status of the latest response
    failure = fields.TextField(null=True)  # why the latest attempt failed
    delivered_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "webhook_delivery"
        indexes = (
            Index(fields=("webhook_id", "function_id", "number")),
            Index(fields=("state", "due_at")),
            Index(fields=("webhook_id", "id")),
        )
