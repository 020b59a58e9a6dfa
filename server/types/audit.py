"""The audit log as clients see it."""

from datetime import datetime
from typing import Self

import strawberry

from pigeonhole import models
from server import ids
from server.context import Info
from server.permissions import ADMIN
from server.types.api_key import ApiKey
from server.types.shared import Node, maybe


@strawberry.type(description="A change that somebody made.", directives=ADMIN)
class AuditEntry(Node):
    row: strawberry.Private[models.AuditEntry]
    at: datetime = strawberry.field(description="When.")
    actor: str = strawberry.field(
        description="Who, for a person: the key's name and prefix, and whether it was the page."
    )
    action: str = strawberry.field(description="What: the mutation, such as `annotateSamples`.")
    object_ids: list[strawberry.ID] = strawberry.field(
        description="What it was done to and what it made, in the order of the request; those that "
        "were deleted are not to be found any more."
    )

    @strawberry.field(description="The key that was used; null for the command line.")
    async def api_key(self, info: Info) -> ApiKey | None:
        if self.row.api_key_id is None:
            return None
        return maybe(ApiKey.of, await info.context.loaders.api_keys.load(self.row.api_key_id))

    @classmethod
    def of(cls, row: models.AuditEntry) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.AUDIT_ENTRY, row.id),
            at=row.at,
            actor=row.actor,
            action=row.action,
            object_ids=row.object_ids,
        )
