"""Mutations of API keys."""

from datetime import datetime

import strawberry

from pigeonhole import keys
from pigeonhole.models import ApiKeyScope
from server import ids
from server.access import find, find_all
from server.context import Info
from server.mutations.payload import Payload, answering
from server.permissions import ADMIN, ANYONE
from server.types.api_key import ApiKey


@strawberry.input(description="A new API key.")
class CreateApiKeyInput:
    name: str = strawberry.field(description="What it is for.")
    scopes: list[ApiKeyScope] = strawberry.field(description="What it allows; at least one.")
    function_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Restrict it to these, at most 100: others do not exist for it. A key with "
        "ADMIN can't be restricted.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="From when it lets nobody in; never if unsaid."
    )


@strawberry.input(description="Which key to revoke.")
class RevokeApiKeyInput:
    id: strawberry.ID = strawberry.field(description="Which one.")


@strawberry.type(description="Answer of `createApiKey`.", directives=ANYONE)
class CreateApiKeyPayload(Payload):
    api_key: ApiKey | None = strawberry.field(default=None, description="The new key.")
    secret: str | None = strawberry.field(
        default=None, description="What to send as `Authorization: Bearer ...`; shown this once."
    )


@strawberry.type(description="Answer of `revokeApiKey`.", directives=ANYONE)
class RevokeApiKeyPayload(Payload):
    api_key: ApiKey | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class ApiKeyMutations:
    @strawberry.mutation(
        description="Makes a key. Its secret is in this answer and nowhere else.", directives=ADMIN
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
        )
        return CreateApiKeyPayload(api_key=ApiKey.of(row), secret=secret)

    @strawberry.mutation(
        description="Revokes a key, for good: within a second it lets nobody in, and its open "
        "websockets are closed.",
        directives=ADMIN,
    )
    @answering(RevokeApiKeyPayload)
    async def revoke_api_key(self, info: Info, input: RevokeApiKeyInput) -> RevokeApiKeyPayload:
        id = await find(info.context.viewer, ids.Kind.API_KEY, input.id, ("input", "id"))
        return RevokeApiKeyPayload(api_key=ApiKey.of(await keys.revoke(id)))
