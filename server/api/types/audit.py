"""The audit log as clients see it."""

from datetime import datetime
from typing import Self

import strawberry

from pigeonhole import tables
from server import ids
from server.api.context import Info
from server.api.types.api_key import ApiKey
from server.api.types.shared import Node, maybe
from server.auth.permissions import ADMIN
from server.transport.costs import Cost


@strawberry.type(
    description="One entry of the audit log: a change made by a mutation or by the command line.",
    directives=ADMIN,
)
class AuditEntry(Node):
    row: strawberry.Private[tables.AuditEntry]
    at: datetime = strawberry.field(description="When the change was made.")
    actor: str = strawberry.field(
        description="Who made the change, as text: name and prefix of the API key, and whether "
        "the page was used."
    )
    action: str = strawberry.field(description="Name of the mutation, such as `annotateSamples`.")
    object_ids: list[strawberry.ID] = strawberry.field(
        description="IDs of the objects that were changed or created, in the order of the "
        "request. Objects deleted since can no longer be found."
    )

    @strawberry.field(
        description="API key that was used; null for the command line.",
        directives=(Cost(points=3),),
    )
    async def api_key(self, info: Info) -> ApiKey | None:
        if self.row.api_key_id is None:
            return None
        return maybe(ApiKey.of, await info.context.loaders.api_keys.load(self.row.api_key_id))

    @classmethod
    def of(cls, row: tables.AuditEntry) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.AUDIT_ENTRY, row.id),
            at=row.at,
            actor=row.actor,
            action=row.action,
            object_ids=row.object_ids,
        )
