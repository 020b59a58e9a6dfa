"""A database that goes away and comes back during open websockets and requests."""

import asyncio
import json
import shutil
from typing import Any

import pytest
import structlog
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from pigeonhole import functions
from pigeonhole.services import events
from server import ids
from tests import build
from tests.faults import backing
from tests.server.api.own_postgres import Deployment, deployment

__all__ = ["deployment"]  # a fixture

CHANGED = """subscription ($id: ID!) { functionChanged(id: $id) {
  name labels(first: 10) { nodes { name } } } }"""
PROGRESS = "subscription ($id: ID!) { trainingProgress(functionId: $id) { state } }"
QUERY = {"query": "{ functions(first: 1) { nodes { id } } }"}
CREATE = {
    "query": 'mutation { createFunction(input: {name: "New"}) { errors { code } } }',
}

pytestmark = [
    pytest.mark.skipif(
        backing.postgres_programs() is None, reason="PostgreSQL is not installed here."
    ),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="Redis is not installed here."),
]


async def say(opened: ClientConnection, **message: Any) -> None:
    await opened.send(json.dumps(message))


async def hear(opened: ClientConnection) -> Any:
    async with asyncio.timeout(30):
        return json.loads(await opened.recv())


async def begin(opened: ClientConnection) -> None:
    await say(opened, type="connection_init")
    assert await hear(opened) == {"type": "connection_ack"}


async def test_subscriptions_continue_when_the_database_comes_back(deployment: Deployment) -> None:
    services = deployment.services
    function = await build.function(services, ["Soups"], auto_train=False)
    variables = {"id": ids.encode(ids.Kind.FUNCTION, function.id)}
    with structlog.testing.capture_logs() as logs:
        async with deployment.socket() as opened:
            await begin(opened)
            for id, query in (("changed", CHANGED), ("progress", PROGRESS)):
                payload = {"query": query, "variables": variables}
                await say(opened, id=id, type="subscribe", payload=payload)
                assert (await hear(opened))["type"] == "next"

            deployment.postgres.kill()
            late = {"query": CHANGED, "variables": variables}
            await say(opened, id="late", type="subscribe", payload=late)
            # So that all subscriptions read the database again:
            await events.publish(services.broadcast, function.id)
            async with asyncio.timeout(30):
                while sum(entry["event"] == "waiting" for entry in logs) < 3:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await deployment.come_back()
            await functions.update(services, function.id, {"name": "Dishes"})

            told: dict[str, Any] = {}
            while told.keys() < {"changed", "late"} or {
                found["functionChanged"]["name"] for found in told.values()
            } != {"Dishes"}:
                message = await hear(opened)
                assert message["type"] == "next", message
                assert "errors" not in message["payload"], message
                if message["id"] != "progress":
                    told[message["id"]] = message["payload"]["data"]

    expected = {"functionChanged": {"name": "Dishes", "labels": {"nodes": [{"name": "Soups"}]}}}
    assert told == {"changed": expected, "late": expected}
    assert [entry for entry in logs if entry.get("exc_info")] == []


async def test_requests_that_need_the_database_are_told_to_retry_and_logged_in_one_line(
    deployment: Deployment,
) -> None:
    function = await build.function(deployment.services, auto_train=False)
    path = f"/v1/functions/{ids.encode(ids.Kind.FUNCTION, function.id)}/invoke"
    async with deployment.http as http:
        assert (await http.post("/graphql", json=QUERY)).status_code == 200
        deployment.postgres.kill()
        with structlog.testing.capture_logs() as logs:
            query = await http.post("/graphql", json=QUERY)
            mutation = await http.post("/graphql", json=CREATE)
            rest = await http.post(path, content=b"", headers={"Content-Type": "image/png"})
            new_key = await http.get(
                "/graphql",
                params={"query": "{ viewer { scopes } }"},
                headers={"Authorization": "Bearer ph_0_0"},
            )
        await deployment.come_back()
        again = await http.post("/graphql", json=QUERY)

    for response in (query, mutation, rest, new_key):
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
    for response in (query, mutation, new_key):
        [error] = response.json()["errors"]
        assert error["extensions"] == {"code": "UNAVAILABLE", "retryAfter": "5"}
    assert rest.json()["code"] == "UNAVAILABLE"
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == []
    assert sum(entry["event"] == "unavailable" for entry in logs) == 4
    assert all("exc_info" not in entry for entry in logs)
    assert again.status_code == 200


async def test_a_websocket_that_cannot_be_opened_now_is_told_to_retry(
    deployment: Deployment,
) -> None:
    deployment.postgres.kill()

    async with deployment.socket() as opened:
        await say(opened, type="connection_init")
        with pytest.raises(ConnectionClosed) as closed:
            await hear(opened)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013
