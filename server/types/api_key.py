"""API keys, and whom a request speaks for, as clients see them."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from pigeonhole import models, viewers
from pigeonhole.models import ApiKeyScope
from server import ids
from server.context import Info
from server.permissions import ANYONE
from server.types.function import Function
from server.types.rate_limit import RateLimit
from server.types.shared import Node, maybe


@strawberry.type(
    description="A secret that stands for a program or a person. The secret itself is shown once.",
    directives=ANYONE,
)
class ApiKey(Node):
    row: strawberry.Private[models.ApiKey]
    name: str = strawberry.field(description="What it is for.")
    prefix: str = strawberry.field(
        description="The first characters of the secret, to tell keys apart."
    )
    scopes: list[ApiKeyScope] = strawberry.field(description="What it allows, as it was made.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="From when it lets nobody in; null for never."
    )
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute; null for never."
    )
    revoked_at: datetime | None = strawberry.field(
        description="When it was revoked; null if it was not."
    )

    @strawberry.field(
        description="Those of the functions it is restricted to that are still there; null when it "
        "is for all."
    )
    async def functions(self, info: Info) -> list[Function] | None:
        if self.row.function_ids is None:
            return None
        named = [UUID(id) for id in self.row.function_ids]
        found = await info.context.loaders.functions.load_many(named)
        return [Function.of(row) for row in found if row is not None]

    @classmethod
    def of(cls, row: models.ApiKey) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.API_KEY, row.id),
            name=row.name,
            prefix=row.prefix,
            scopes=[ApiKeyScope(scope) for scope in row.scopes],
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )


@strawberry.type(description="Whom the request speaks for.", directives=ANYONE)
class Viewer:
    api_key: ApiKey | None = strawberry.field(description="Its key; null without one.")
    scopes: list[ApiKeyScope] = strawberry.field(
        description="What it may do, with what its scopes imply."
    )

    @strawberry.field(description="What is left of its allowance; null where nothing is counted.")
    def rate_limit(self, info: Info) -> RateLimit | None:
        return maybe(RateLimit.of, info.context.meter.allowance)

    @classmethod
    def of(cls, viewer: viewers.Viewer) -> Self:
        return cls(
            api_key=maybe(ApiKey.of, viewer.key),
            scopes=[scope for scope in ApiKeyScope if viewer.may(scope)],
        )
