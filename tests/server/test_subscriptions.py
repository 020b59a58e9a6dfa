"""Subscriptions over a real server and a real websocket."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from pigeonhole import events, functions, keys, labels
from pigeonhole.models import ApiKeyScope, Function, TrainingRun, TrainingStage, TrainingState
from pigeonhole.services import Services
from server import ids
from server.app import create_app
from tests import build
from tests.conftest import RunJobs

PROGRESS = """subscription ($id: ID!) { trainingProgress(functionId: $id) {
  id state stage progress model { version } function { name } } }"""
CHANGED = """subscription ($id: ID!) { functionChanged(id: $id) {
  name labels(first: 10) { nodes { name function { name } } } } }"""


@dataclass(frozen=True)
class Live:
    """A websocket of a caller with an admin key."""

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
        """The next answer."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"][field]

    async def until(self, field: str, **expected: Any) -> list[Any]:
        """All answers up to the first one that has what is expected."""
        answers = [await self.next(field)]
        while not answers[-1] or any(answers[-1][key] != expected[key] for key in expected):
            answers.append(await self.next(field))
        return answers


@pytest.fixture
async def live(services: Services) -> AsyncIterator[Live]:
    app = create_app(services.settings, services)
    config = uvicorn.Config(
        app, log_config=None, ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    _, secret = await keys.create(name="live", scopes={ApiKeyScope.ADMIN})
    with socket.create_server(("127.0.0.1", 0)) as listening:
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


def of(function: Function) -> str:
    return ids.encode(ids.Kind.FUNCTION, function.id)


async def test_a_training_is_told_from_its_start_to_its_model(
    live: Live, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services, auto_train=False)
    await live.subscribe("1", PROGRESS, of(function))
    assert await live.next("trainingProgress") is None

    await functions.update(services, function.id, {"auto_train": True})
    working = asyncio.ensure_future(run_jobs())
    told = await live.until("trainingProgress", state="SUCCEEDED")
    await working

    assert told[-1] == {
        "id": told[-1]["id"],
        "state": "SUCCEEDED",
        "stage": "DONE",
        "progress": 1.0,
        "model": {"version": 1},
        "function": {"name": "Recipes"},
    }
    progress = [run["progress"] for run in told if run]
    assert progress == sorted(progress)


async def test_a_slow_client_gets_the_newest_state_and_not_every_one(
    live: Live, services: Services
) -> None:
    function = await build.function(services, auto_train=False)
    run = await TrainingRun.create(function_id=function.id, replaces=0, state=TrainingState.RUNNING)
    await live.subscribe("1", PROGRESS, of(function))
    assert (await live.next("trainingProgress"))["progress"] == 0.0

    for percent in range(1, 101):
        await TrainingRun.filter(id=run.id).update(
            stage=TrainingStage.EMBEDDING, progress=percent / 100
        )
    await events.publish(services.broadcast, function.id)
    told = await live.until("trainingProgress", progress=1.0)

    assert len(told) < 100
    assert [one["progress"] for one in told] == sorted(one["progress"] for one in told)


async def test_a_change_is_told_with_everything_read_anew(live: Live, services: Services) -> None:
    function = await build.function(services, ["Soups"], auto_train=False)
    await live.subscribe("1", CHANGED, of(function))
    nodes = [{"name": "Soups", "function": {"name": "Recipes"}}]
    assert await live.next("functionChanged") == {"name": "Recipes", "labels": {"nodes": nodes}}

    label = await build.label(function, "Soups")
    await labels.update(services, label.id, {"name": "Broths"})
    await functions.update(services, function.id, {"name": "Dishes"})

    [*_, told] = await live.until("functionChanged", name="Dishes")
    nodes = [{"name": "Broths", "function": {"name": "Dishes"}}]
    assert told == {"name": "Dishes", "labels": {"nodes": nodes}}


async def test_after_an_unsubscribe_nobody_listens_any_more(live: Live, services: Services) -> None:
    function = await build.function(services, auto_train=False)
    await live.subscribe("1", CHANGED, of(function))
    await live.next("functionChanged")
    channel = str(function.id)
    assert channel in services.broadcast._subscribers

    await live.send(id="1", type="complete")

    async with asyncio.timeout(30):
        while channel in services.broadcast._subscribers:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    await live.send(type="ping")
    assert await live.receive() == {"type": "pong"}


@pytest.mark.parametrize(("query", "field"), [(PROGRESS, "functionId"), (CHANGED, "id")])
@pytest.mark.parametrize("unknown", ["fn_" + "0" * 32, "lb_" + "0" * 32, "nonsense"])
async def test_a_function_that_is_not_there_is_a_typed_error(
    live: Live, query: str, field: str, unknown: str
) -> None:
    await live.subscribe("1", query, unknown)

    message = await live.receive()

    [error] = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert error["message"] == "There is no such function."


async def test_a_function_that_is_deleted_ends_what_is_told_of_it(
    live: Live, services: Services
) -> None:
    function = await build.function(services, auto_train=False)
    await live.subscribe("1", CHANGED, of(function))
    await live.next("functionChanged")

    await functions.delete(services, function.id)

    message = await live.receive()
    while message["type"] == "next" and not message["payload"].get("errors"):
        message = await live.receive()
    payload = message["payload"]
    [error] = payload if isinstance(payload, list) else payload["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
