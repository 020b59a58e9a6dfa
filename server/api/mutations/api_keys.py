"""Mutations of API keys."""

from datetime import datetime

import strawberry

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import deletions
from server import ids
from server.api.context import Info
from server.api.mutations.payload import Payload, answering, recorder
from server.api.types.api_key import ApiKey
from server.auth.permissions import ADMIN, ANYONE
from server.auth.visibility import find, find_all
from server.transport.costs import Cost


@strawberry.input(description="API key to create.")
class CreateApiKeyInput:
    name: str = strawberry.field(
        description="Name that tells what the key is used for, at most 100 characters."
    )
    scopes: list[ApiKeyScope] = strawberry.field(
        description="What the key allows; at least one scope."
    )
    function_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Functions that the key is restricted to, at most 100; all others do not "
        "exist for it. Default: not restricted. A key with the scope ADMIN cannot be "
        "restricted.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Time from which the key is refused. Default: it never expires."
    )


@strawberry.input(description="API key to revoke.")
class RevokeApiKeyInput:
    id: strawberry.ID = strawberry.field(description="ID of the API key to revoke.")


@strawberry.type(description="Result of `createApiKey`.", directives=ANYONE)
class CreateApiKeyPayload(Payload):
    api_key: ApiKey | None = strawberry.field(
        default=None, description="The new API key; null if there are errors."
    )
    secret: str | None = strawberry.field(
        default=None,
        description="Secret to send as `Authorization: Bearer ...`. It is returned this once "
        "and cannot be read again.",
    )


@strawberry.type(description="Result of `revokeApiKey`.", directives=ANYONE)
class RevokeApiKeyPayload(Payload):
    api_key: ApiKey | None = strawberry.field(
        default=None, description="The revoked API key; null if there are errors."
    )


@strawberry.type
class ApiKeyMutations:
    @strawberry.mutation(
        description="Creates an API key. Only this response contains its secret.",
        directives=(*ADMIN, Cost(points=100, per_entry=2, entries="input.functionIds")),
    )
    @answering(CreateApiKeyPayload)
    async def create_api_key(self, info: Info, input: CreateApiKeyInput) -> CreateApiKeyPayload:
        function_ids = None
        if input.function_ids is not None:
            named = [
                (id, ("input", "functionIds", str(index)))
                for index, id in enumerate(input.function_ids)
            ]
            function_ids = await find_all(info.context.viewer, ids.Kind.FUNCTION, named)
        row, secret = await keys.create(
            name=input.name,
            scopes=input.scopes,
            function_ids=function_ids,
            expires_at=input.expires_at,
            record=recorder(info, input),
        )
        return CreateApiKeyPayload(api_key=ApiKey.of(row), secret=secret)

    @strawberry.mutation(
        description="Revokes an API key for good. Within a second it is refused and its open "
        "websockets are closed.",
        directives=(*ADMIN, Cost(points=100)),
    )
    @answering(RevokeApiKeyPayload)
    async def revoke_api_key(self, info: Info, input: RevokeApiKeyInput) -> RevokeApiKeyPayload:
        id = await find(info.context.viewer, ids.Kind.API_KEY, input.id, ("input", "id"))
        row = await deletions.carry_out(
            info.context.services, lambda: keys.revoke(id, record=recorder(info, input))
        )
        return RevokeApiKeyPayload(api_key=ApiKey.of(row))
