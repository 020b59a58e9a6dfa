"""Keys on websockets: accepted by payload or cookie, and closed soon after revocation."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from pigeonhole.access import keys, sessions
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.choices import signing_secret
from pigeonhole.services.services import Services
from pigeonhole.tables import ApiKey
from server import ids
from server.app import create_app
from server.auth.sessions import Sessions
from tests.client import Client
from tests.pigeonhole.running import WITHIN_S, bounded, loopback

CHANGES = "subscription ($id: ID!) { functionChanged(id: $id) { name } }"


@asynccontextmanager
async def serving(services: Services) -> AsyncIterator[str]:
    """Run a real server in this process; yield its address."""
    config = uvicorn.Config(
        create_app(services.settings, services), log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with loopback() as listening:
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


@pytest.fixture
async def addresses(services: Services) -> AsyncIterator[tuple[str, str]]:
    """Two servers of one database."""
    async with serving(services) as one, serving(services) as other:
        yield one, other


async def send(ws: ClientConnection, **message: object) -> None:
    await ws.send(json.dumps(message))


async def receive(ws: ClientConnection) -> Any:
    async with asyncio.timeout(WITHIN_S):
        while True:
            message = json.loads(await ws.recv())
            if message["type"] not in ("ping", "pong"):
                return message


async def hear_out(ws: ClientConnection) -> None:
    """Receive until the server closes the socket."""
    while True:
        await receive(ws)


async def begin(address: str, stack: AsyncExitStack, payload: object, **how: Any) -> Any:
    """Open a websocket and send `connection_init`."""
    ws = await stack.enter_async_context(
        connect(f"ws://{address}/graphql", subprotocols=["graphql-transport-ws"], **how)  # type: ignore[list-item]
    )
    await send(ws, type="connection_init", payload=payload)
    return ws


async def subscribed(ws: ClientConnection, function_id: str) -> Any:
    assert await receive(ws) == {"type": "connection_ack"}
    asked = {"query": CHANGES, "variables": {"id": function_id}}
    await send(ws, type="subscribe", id="1", payload=asked)
    return await receive(ws)


async def cookie_of(key: ApiKey) -> str:
    """Begin a session; return its cookie."""
    cookies = Sessions(await signing_secret("session_secret"))
    return f"{cookies.cookie}={cookies.value(await sessions.begin(key))}"


async def log_out(address: str, cookie: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}") as http:
        headers = {"Cookie": cookie, "Origin": f"http://{address}"}
        assert (await http.delete("/login", headers=headers)).status_code == 204


@pytest.mark.parametrize("end", ["log-out", "revoked", "deleted", "expired"])
async def test_the_end_of_a_session_ends_its_websockets_and_streams_on_every_server(
    client: Client, addresses: tuple[str, str], end: str
) -> None:
    function = await client.create_function()
    key, _ = await keys.create(name="lost", scopes={ApiKeyScope.READ})
    cookie, kept = await cookie_of(key), await cookie_of(await ApiKey.get(name="tests"))
    asked = {"query": CHANGES, "variables": {"id": function["id"]}}

    async def follow(address: str, cookie: str) -> list[str]:
        headers = {"Cookie": cookie, "Origin": f"http://{address}", "Accept": "text/event-stream"}
        async with (
            httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as http,
            http.stream("POST", "/graphql", json=asked, headers=headers) as response,
        ):
            lines = response.aiter_lines()
            begun = [await bounded(anext(lines)) for _ in range(2)]
            followed.put_nowait(address)
            async for _ in lines:  # until the server ends it
                pass
            return begun

    followed: asyncio.Queue[str] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        sockets = []
        for address in addresses:
            own = {"additional_headers": {"Cookie": cookie}, "origin": f"http://{address}"}
            sockets.append(await begin(address, stack, {}, **own))
            await subscribed(sockets[-1], function["id"])
        other = await begin(
            addresses[1],
            stack,
            {},
            additional_headers={"Cookie": kept},
            origin=f"http://{addresses[1]}",
        )
        await subscribed(other, function["id"])
        streams = [asyncio.create_task(follow(address, cookie)) for address in addresses]
        assert {await bounded(followed.get()) for _ in addresses} == set(addresses)

        if end == "log-out":
            await log_out(addresses[0], cookie)
        elif end == "revoked":
            await keys.revoke(key.id)
        elif end == "deleted":
            await ApiKey.filter(id=key.id).delete()
        else:
            await ApiKey.filter(id=key.id).update(expires_at=datetime.now(UTC))
        closed = []
        for ws in sockets:
            with pytest.raises(ConnectionClosed) as caught:
                await hear_out(ws)
            assert caught.value.rcvd is not None
            closed.append(caught.value.rcvd.code)
        begun = await bounded(asyncio.gather(*streams))
        await send(other, type="subscribe", id="2", payload={"query": "{ __typename }"})
        said = await receive(other)

    assert closed == [4403, 4403]
    assert [line for line, _ in begun] == ["event: next", "event: next"]
    assert said["id"] == "2"


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
async def test_a_revoked_key_is_closed_on_every_server_and_open_socket(
    client: Client, addresses: tuple[str, str], name: str
) -> None:
    function = await client.create_function()
    key, secret = await keys.create(name="lost", scopes={ApiKeyScope.READ})
    async with AsyncExitStack() as stack:
        sockets = [await begin(address, stack, {name: f"Bearer {secret}"}) for address in addresses]
        first = [await subscribed(ws, function["id"]) for ws in sockets]

        await keys.revoke(key.id)
        closed = []
        for ws in sockets:
            with pytest.raises(ConnectionClosed) as caught:
                await receive(ws)
            assert caught.value.rcvd is not None
            closed.append((caught.value.rcvd.code, caught.value.rcvd.reason))

    assert [message["payload"]["data"] for message in first] == 2 * [
        {"functionChanged": {"name": "Recipes"}}
    ]
    assert closed == 2 * [(4403, "API key is not valid. It may have been revoked or have expired.")]


async def test_a_socket_with_the_cookie_of_the_page_is_accepted_only_from_its_own_origin(
    client: Client, addresses: tuple[str, str]
) -> None:
    function = await client.create_function()
    key = await ApiKey.get(name="tests")
    address, _ = addresses
    headers = {"Cookie": await cookie_of(key)}
    async with AsyncExitStack() as stack:
        ws = await begin(address, stack, {}, additional_headers=headers, origin=f"http://{address}")
        answer = await subscribed(ws, function["id"])
        with pytest.raises(Exception, match=r"403"):
            await receive(
                await begin(
                    address, stack, {}, additional_headers=headers, origin="http://127.0.0.1:1"
                )
            )
        closed = []
        for origin in (f"https://{address}", None):  # another scheme, and no origin at all
            ws = await begin(address, stack, {}, additional_headers=headers, origin=origin)
            with pytest.raises(ConnectionClosed) as caught:
                await receive(ws)
            assert caught.value.rcvd is not None
            closed.append(caught.value.rcvd.code)

    assert answer["payload"]["data"] == {"functionChanged": {"name": "Recipes"}}
    assert closed == [4403, 4403]


async def test_a_socket_without_a_key_gets_an_error_and_one_with_a_wrong_key_is_closed(
    client: Client, addresses: tuple[str, str]
) -> None:
    function = await client.create_function()
    address, _ = addresses
    async with AsyncExitStack() as stack:
        answer = await subscribed(await begin(address, stack, {}), function["id"])
        with pytest.raises(ConnectionClosed) as caught:
            await receive(await begin(address, stack, {"Authorization": "Bearer ph_0_0"}))

    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4403


async def test_a_restricted_key_subscribes_only_to_its_own_functions(
    client: Client, addresses: tuple[str, str]
) -> None:
    function = await client.create_function()
    other = await client.create_function(name="Other")
    parsed = ids.parse(function["id"])
    assert parsed is not None
    _, secret = await keys.create(
        name="restricted", scopes={ApiKeyScope.READ}, function_ids=[parsed[1]]
    )
    payload = {"Authorization": f"Bearer {secret}"}
    async with AsyncExitStack() as stack:
        own = await subscribed(await begin(addresses[0], stack, payload), function["id"])
        foreign = await subscribed(await begin(addresses[0], stack, payload), other["id"])

    assert own["payload"]["data"] == {"functionChanged": {"name": "Recipes"}}
    told = foreign["payload"]
    errors = told["errors"] if isinstance(told, dict) else told
    assert errors[0]["extensions"]["code"] == "NOT_FOUND"
