"""A server, for coroutines."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

from pigeonhole_client.api.enums import ApiKeyScope
from pigeonhole_client.api.fragments import ApiKeyFields, EncoderFields
from pigeonhole_client.api.get_viewer import GetViewerViewer
from pigeonhole_client.api.input_types import (
    CreateApiKeyInput,
    CreateFunctionInput,
    RevokeApiKeyInput,
)
from pigeonhole_client.api.list_api_keys import ListApiKeysApiKeys
from pigeonhole_client.api.list_functions import ListFunctionsFunctions
from pigeonhole_client.errors import NotFoundError
from pigeonhole_client.functions import AsyncFunction
from pigeonhole_client.pages import PAGE, nodes
from pigeonhole_client.payloads import accepted
from pigeonhole_client.transport import Transport


class AsyncPigeonhole:
    """A server and an API key.

    ``api`` has a typed method for each operation, including those without a method here.
    """

    def __init__(self, url: str, key: str | None = None, *, tries: int = 8) -> None:
        """Set the server's URL, such as ``http://127.0.0.1:8000``.

        Args:
            url: URL of the server.
            key: An API key; not needed to invoke public functions.
            tries: The most attempts of a request while the server is unavailable or asks to wait.

        Raises:
            UnreachableError: It is not the URL of a server.
        """
        self.api = Transport(url, key, tries=tries)

    async def __aenter__(self) -> "AsyncPigeonhole":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self.api.http.aclose()

    async def viewer(self) -> GetViewerViewer:
        """Return the API key and its scopes."""
        return await self.api.get_viewer()

    async def create_function(
        self, name: str, *, labels: Sequence[str] = (), **settings: Any
    ) -> AsyncFunction:
        """Create a function with labels.

        Args:
            name: A name that no other function has.
            labels: Names of labels to create with it.
            settings: Other settings, by names of ``CreateFunctionInput``, such as ``autoTrain``.

        Raises:
            InvalidError: The name is taken, or a value is invalid.
        """
        given = CreateFunctionInput(name=name, labels=list(labels), **settings)
        said = await self.api.create_function(given)
        return AsyncFunction(self.api, accepted(said.function, said.errors))

    async def function(self, wanted: str) -> AsyncFunction:
        """Return the function whose ID or name is given.

        Raises:
            NotFoundError: This key has access to no such function.
        """
        found: Any = None
        if wanted.startswith("fn_"):
            found = await self.api.get_function(wanted)
        if found is None:
            found = await self.api.get_function_by_name(wanted)
        if found is None:
            message = f"Function {wanted!r} not found at {self.api.base}."
            raise NotFoundError(message, "NOT_FOUND")
        return AsyncFunction(self.api, found)

    async def functions(
        self, name_contains: str | None = None
    ) -> AsyncGenerator[AsyncFunction, None]:
        """Iterate over the functions that the key may see, oldest first."""

        async def ask(after: str | None) -> ListFunctionsFunctions:
            return await self.api.list_functions(
                first=PAGE, after=after, name_contains=name_contains
            )

        async for fields in nodes(ask):
            yield AsyncFunction(self.api, fields)

    async def encoders(self) -> list[EncoderFields]:
        """Return encoders that are known to be good, and whether the server has their weights."""
        return await self.api.list_encoders()

    def api_keys(self) -> AsyncGenerator[ApiKeyFields, None]:
        """Iterate over all API keys, oldest first, including revoked ones."""

        async def ask(after: str | None) -> ListApiKeysApiKeys:
            return await self.api.list_api_keys(first=PAGE, after=after)

        return nodes(ask)

    async def create_key(
        self,
        name: str,
        scopes: Sequence[ApiKeyScope],
        *,
        function_ids: Sequence[str] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKeyFields, str]:
        """Create an API key; return it with its secret, which cannot be read again."""
        said = await self.api.create_api_key(
            CreateApiKeyInput(
                name=name,
                scopes=list(scopes),
                functionIds=None if function_ids is None else list(function_ids),
                expiresAt=expires_at,
            )
        )
        return accepted(said.api_key, said.errors), accepted(said.secret, said.errors)

    async def revoke_key(self, id: str) -> ApiKeyFields:
        """Revoke an API key for good."""
        said = await self.api.revoke_api_key(RevokeApiKeyInput(id=id))
        return accepted(said.api_key, said.errors)
