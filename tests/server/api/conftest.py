"""A real server and a real websocket for tests of subscriptions, and a receiver of webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.tables import Function
from server.app import create_app
from tests import build
from tests.conftest import RunJobs
from tests.pigeonhole.running import loopback
from tests.receiver import Receiver, receiving


@dataclass(frozen=True)
class Live:
    """A websocket that is authenticated by an admin key."""

    socket: ClientConnection

    async def subscribe(self, id: str, query: str, function: str) -> None:
        payload = {"query": query, "variables": {"id": function}}
        await self.send(id=id, type="subscribe", payload=payload)

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(30):
            return json.loads(await self.socket.recv())

    async def next(self, field: str) -> Any:
        """Return a field of the next result."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"][field]

    async def until(self, field: str, **expected: Any) -> list[Any]:
        """Return all results up to the first one with the expected values."""
        answers = [await self.next(field)]
        while not answers[-1] or any(answers[-1][key] != expected[key] for key in expected):
            answers.append(await self.next(field))
        return answers


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    """A function that tells two digits apart, by four annotated samples of each."""
    made = await build.function(services)
    await build.add_digits(services, made, 4)
    await run_jobs()
    await made.refresh_from_db()
    return made


@pytest.fixture
async def live(services: Services) -> AsyncIterator[Live]:
    app = create_app(services.settings, services)
    config = uvicorn.Config(
        app, log_config=None, ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    _, secret = await keys.create(name="live", scopes={ApiKeyScope.ADMIN})
    with loopback() as listening:
        serving = asyncio.create_task(server.serve([listening]))
        port = listening.getsockname()[1]
        headers = {"Authorization": f"Bearer {secret}"}
        async with connect(
            f"ws://127.0.0.1:{port}/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            additional_headers=headers,
        ) as opened:
            made = Live(opened)
            await made.send(type="connection_init")
            assert (await made.receive())["type"] == "connection_ack"
            yield made
        server.should_exit = True
        await serving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of webhooks."""
    async with receiving() as found:
        yield found
