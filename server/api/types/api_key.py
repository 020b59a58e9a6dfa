"""API keys, and whom a request speaks for, as clients see them."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from pigeonhole import tables
from pigeonhole.access import viewers
from pigeonhole.kinds import ApiKeyScope
from server import ids
from server.api.context import Info
from server.api.types.function import Function
from server.api.types.rate_limit import RateLimit
from server.api.types.shared import Node, maybe
from server.auth.permissions import ANYONE
from server.transport.costs import Cost


@strawberry.type(
    description="An API key, which identifies a program or a person. Its secret is shown only "
    "when it is created.",
    directives=ANYONE,
)
class ApiKey(Node):
    row: strawberry.Private[tables.ApiKey]
    name: str = strawberry.field(description="Name that tells what the key is used for.")
    prefix: str = strawberry.field(
        description="First characters of the secret, to tell keys apart."
    )
    scopes: list[ApiKeyScope] = strawberry.field(
        description="Scopes that the key was created with."
    )
    created_at: datetime = strawberry.field(description="When the key was created.")
    expires_at: datetime | None = strawberry.field(
        description="Time from which the key is refused; null if it never expires."
    )
    last_used_at: datetime | None = strawberry.field(
        description="When the key was last used, to the minute; null if it never was."
    )
    revoked_at: datetime | None = strawberry.field(
        description="When the key was revoked; null if it was not."
    )

    @strawberry.field(
        description="Functions that the key is restricted to, without those deleted since; null "
        "if it is not restricted.",
        directives=(Cost(points=5),),
    )
    async def functions(self, info: Info) -> list[Function] | None:
        if self.row.function_ids is None:
            return None
        named = [UUID(id) for id in self.row.function_ids]
        found = await info.context.loaders.functions.load_many(named)
        return [Function.of(row) for row in found if row is not None]

    @classmethod
    def of(cls, row: tables.ApiKey) -> Self:
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


@strawberry.type(description="The caller of the API.", directives=ANYONE)
class Viewer:
    api_key: ApiKey | None = strawberry.field(
        description="API key of the caller; null without one."
    )
    scopes: list[ApiKeyScope] = strawberry.field(
        description="Scopes of the caller, including those implied by others."
    )

    @strawberry.field(description="State of the caller's rate limit; null if there is none.")
    def rate_limit(self, info: Info) -> RateLimit | None:
        return maybe(RateLimit.of, info.context.meter.allowance)

    @classmethod
    def of(cls, viewer: viewers.Viewer) -> Self:
        return cls(
            api_key=maybe(ApiKey.of, viewer.key),
            scopes=[scope for scope in ApiKeyScope if viewer.may(scope)],
        )
