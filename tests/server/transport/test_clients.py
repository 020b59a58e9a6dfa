"""The Python GraphQL client `gql`, with each of its transports."""

import asyncio
import io
from typing import Any

from gql import Client, FileVar, GraphQLRequest
from gql.transport.httpx import HTTPXTransport
from gql.transport.websockets import WebsocketsTransport

from tests.server.transport.conftest import Server


def test_gql_queries_mutates_and_uploads_over_http(server: Server) -> None:
    transport = HTTPXTransport(
        url=f"http://{server.url}/", headers={"Apollo-Require-Preflight": "1"}
    )

    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        asked = session.execute(GraphQLRequest("{ hello }"))
        changed = session.execute(GraphQLRequest("mutation { change }"))
        uploaded = session.execute(
            GraphQLRequest(
                "mutation ($file: Upload!) { upload(file: $file) }",
                variable_values={"file": FileVar(io.BytesIO(b"Ahoy"), filename="a.txt")},
            ),
            upload_files=True,
        )

    assert (asked, changed, uploaded) == (
        {"hello": "Hello, world!"},
        {"change": 1},
        {"upload": "a.txt: Ahoy"},
    )


def test_gql_subscribes_over_a_websocket(server: Server) -> None:
    async def counted() -> list[dict[str, Any]]:
        transport = WebsocketsTransport(url=f"ws://{server.url}/")
        async with Client(transport=transport) as session:
            request = GraphQLRequest("subscription { count(to: 3) }")
            return [event async for event in session.subscribe(request)]

    assert asyncio.run(counted()) == [{"count": 1}, {"count": 2}, {"count": 3}]
