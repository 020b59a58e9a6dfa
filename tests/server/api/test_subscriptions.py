"""Subscriptions over a real server and a real websocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from broadcaster import Broadcast

from pigeonhole import functions, labels
from pigeonhole.kinds import TrainingStage, TrainingState
from pigeonhole.services import events
from pigeonhole.services.services import Services
from pigeonhole.tables import TrainingRun
from server import ids
from tests import build
from tests.conftest import RunJobs
from tests.server.api.conftest import Live

PROGRESS = """subscription ($id: ID!) { trainingProgress(functionId: $id) {
  id state stage progress model { version } function { name } } }"""
CHANGED = """subscription ($id: ID!) { functionChanged(id: $id) {
  name labels(first: 10) { nodes { name function { name } } } } }"""


async def test_a_training_run_is_reported_from_its_start_to_its_model(
    live: Live, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services, auto_train=False)
    await live.subscribe("1", PROGRESS, ids.of_row(function))
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


async def test_a_slow_client_gets_the_newest_state_and_not_every_state(
    live: Live, services: Services
) -> None:
    function = await build.function(services, auto_train=False)
    run = await TrainingRun.create(function_id=function.id, replaces=0, state=TrainingState.RUNNING)
    await live.subscribe("1", PROGRESS, ids.of_row(function))
    assert (await live.next("trainingProgress"))["progress"] == 0.0

    for percent in range(1, 101):
        await TrainingRun.filter(id=run.id).update(
            stage=TrainingStage.EMBEDDING, progress=percent / 100
        )
    await events.publish(services.broadcast, function.id)
    told = await live.until("trainingProgress", progress=1.0)

    assert len(told) < 100
    assert [one["progress"] for one in told] == sorted(one["progress"] for one in told)


async def test_each_event_reads_everything_anew(live: Live, services: Services) -> None:
    function = await build.function(services, ["Soups"], auto_train=False)
    await live.subscribe("1", CHANGED, ids.of_row(function))
    nodes = [{"name": "Soups", "function": {"name": "Recipes"}}]
    assert await live.next("functionChanged") == {"name": "Recipes", "labels": {"nodes": nodes}}

    label = await build.label(function, "Soups")
    await labels.update(services, label.id, {"name": "Broths"})
    await functions.update(services, function.id, {"name": "Dishes"})

    [*_, told] = await live.until("functionChanged", name="Dishes")
    nodes = [{"name": "Broths", "function": {"name": "Dishes"}}]
    assert told == {"name": "Dishes", "labels": {"nodes": nodes}}


async def test_an_unsubscribe_ends_the_wait_for_changes(
    live: Live, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services, auto_train=False)
    changes, ended = events.changes, asyncio.Event()

    @asynccontextmanager
    async def noting(broadcast: Broadcast, id: UUID) -> AsyncIterator[AsyncIterator[None]]:
        try:
            async with changes(broadcast, id) as ticks:
                yield ticks
        finally:
            ended.set()

    monkeypatch.setattr(events, "changes", noting)
    await live.subscribe("1", CHANGED, ids.of_row(function))
    await live.next("functionChanged")
    assert not ended.is_set()

    await live.send(id="1", type="complete")

    async with asyncio.timeout(30):
        await ended.wait()
    await live.send(type="ping")
    assert await live.receive() == {"type": "pong"}


@pytest.mark.parametrize(("query", "field"), [(PROGRESS, "functionId"), (CHANGED, "id")])
@pytest.mark.parametrize("unknown", ["fn_" + "0" * 32, "lb_" + "0" * 32, "nonsense"])
async def test_an_unknown_function_is_a_typed_error(
    live: Live, query: str, field: str, unknown: str
) -> None:
    await live.subscribe("1", query, unknown)

    message = await live.receive()

    [error] = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert error["message"] == "Function not found."


async def test_deleting_a_function_ends_its_subscriptions(live: Live, services: Services) -> None:
    function = await build.function(services, auto_train=False)
    await live.subscribe("1", CHANGED, ids.of_row(function))
    await live.next("functionChanged")

    await functions.delete(services, function.id)

    message = await live.receive()
    while message["type"] == "next" and not message["payload"].get("errors"):
        message = await live.receive()
    payload = message["payload"]
    [error] = payload if isinstance(payload, list) else payload["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
