"""A change and its audit entry are both stored or neither, wherever the process ends."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import httpx
import pytest

import server.app
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.tables import AuditEntry
from server.app import create_app
from server.transport.shielded import Shielded
from tests.client import Client
from tests.conftest import RunJobs
from tests.cuts import Steps, stepwise
from tests.server.api.every_mutation import INPUTS, UNAUDITED, document, rows
from tests.server.api.ground import prepare

T = TypeVar("T")

MOST_STEPS = 300


class Ending(Shielded):
    """Ends each mutation at its ``last_step``-th wait, as if the process ended."""

    last_step = 0
    has_ended = False

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        def at_step(number: int) -> None:
            if number == self.last_step:
                self.has_ended = True
                task.cancel()

        async def step() -> T:
            return await stepwise(work(), Steps(), at_step)

        task = asyncio.create_task(step())
        return await task


@pytest.mark.parametrize("name", sorted(set(INPUTS) - UNAUDITED))
async def test_a_change_and_its_audit_entry_are_both_stored_or_neither_wherever_the_process_ends(
    name: str, services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = Ending(1_000)
    monkeypatch.setattr(server.app, "Shielded", lambda most: ending)
    ground = await prepare(services, run_jobs)
    app = create_app(services.settings, services)
    _, secret = await keys.create(name="ends", scopes={ApiKeyScope.ADMIN})
    outcomes = set()
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as http,
    ):
        client = Client(http, secret)
        for step in range(1, MOST_STEPS):
            given = await INPUTS[name](ground)
            before, entries = await rows(), await AuditEntry.all().count()
            ending.last_step, ending.has_ended = step, False

            with suppress(asyncio.CancelledError):
                await client.answer(document(name), input=given)

            has_changed = await rows() != before
            written = await AuditEntry.all().count() - entries
            outcomes.add((has_changed, written))
            if not ending.has_ended:
                break
        else:
            raise AssertionError("The mutation has no end.")

    assert outcomes == {(False, 0), (True, 1)}
    entry = await AuditEntry.all().order_by("-id").first()
    assert entry is not None
    assert entry.action == name
    assert entry.actor.startswith("ends (ph_")
