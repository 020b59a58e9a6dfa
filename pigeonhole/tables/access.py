"""The tables of who may do what, who is logged in, and who changed what."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7


class ApiKey(Row):
    """A secret that stands for a program or a person. Only its hash is kept."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    name = fields.CharField(max_length=100)
    prefix = fields.CharField(max_length=20, unique=True)  # the secret's first characters
    secret_hash = fields.CharField(max_length=64)  # SHA-256 of the whole secret, in hexadecimal
    scopes: Any = fields.JSONField()  # values of `ApiKeyScope`
    function_ids: Any = fields.JSONField(null=True)  # restricted to these; null for all
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class Session(Row):
    """A browser that is logged in by a key. Without its row its cookie lets nobody in."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    key: fields.ForeignKeyRelation[ApiKey] = fields.ForeignKeyField(
        "pigeonhole.ApiKey", on_delete=fields.CASCADE
    )
    key_id: UUID
    ends_at = fields.DatetimeField()

    class Meta:
        table = "session"


class AuditEntry(Row):
    """A change that somebody made. Entries are never changed."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    at = fields.DatetimeField(auto_now_add=True)
    api_key_id: UUID | None = fields.UUIDField(null=True)  # null for the command line
    actor = fields.CharField(max_length=200)  # a description of the caller, for display
    action = fields.CharField(max_length=100)  # such as `annotateSamples`
    object_ids: Any = fields.JSONField()  # ids as clients see them

    class Meta:
        table = "audit_entry"
