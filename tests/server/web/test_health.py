"""The health endpoints: whether the server is alive and ready, and what it lacks."""

import asyncio
from pathlib import Path
from subprocess import Popen
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from pigeonhole.deployment.valkey import Valkey
from pigeonhole.services import database
from pigeonhole.services.services import Services, open_services
from pigeonhole.services.storage import Storage, open_storage
from pigeonhole.settings import Settings
from server.app import create_app
from server.web import health
from tests.backends import wait_for_redis
from tests.client import Client
from tests.pigeonhole.running import WITHIN_S, bounded

NOTHING = {"functions": 0, "jobs": 0, "oldest_s": None}
OK = {
    "database": "ok",
    "redis": "ok",
    "storage": "ok",
    "encoder": "ok",
    "work": {
        "state": "No worker has been seen.",
        "workers": 0,
        "waiting": {"train": NOTHING, "embed": NOTHING, "answer": NOTHING},
    },
}

FAILED = "failed: ConnectionError"
GONE = OK | {"redis": FAILED, "work": {"state": FAILED}}


async def test_a_server_with_all_its_services_is_alive_and_ready(anonymous: Client) -> None:
    alive = await anonymous.http.get("/healthz")
    ready = await anonymous.http.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, OK)
    assert ready.headers["cache-control"] == "no-store"


async def test_storage_that_fails_is_named(
    anonymous: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Storage) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Storage, "check", fail)

    ready = await anonymous.http.get("/readyz")

    assert (ready.status_code, ready.json()) == (503, OK | {"storage": "failed: OSError"})
    assert (await anonymous.http.get("/healthz")).status_code == 200


async def test_a_process_whose_database_does_not_answer_for_a_minute_is_not_alive(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    app = create_app(services.settings, services)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
    ):
        monkeypatch.setattr(health, "PATIENCE_S", 0.01)
        monkeypatch.setattr(database, "check", hang)
        pulse = health.Pulse()
        app.state.pulse = pulse
        watching = asyncio.create_task(pulse.watch(look_s=0.01))
        within = await http.get("/healthz")
        monkeypatch.setattr(health, "LOST_S", 0.0)
        lost = await http.get("/healthz")
        watching.cancel()

    assert (within.status_code, within.json()) == (200, {"status": "alive"})
    assert (lost.status_code, lost.json()) == (503, {"status": "the database does not answer"})


async def test_redis_that_is_away_is_named(settings: Settings, tmp_path: Path) -> None:
    valkey = Valkey.within(tmp_path)
    process = start(valkey.command().words)
    wait_for_redis(valkey.url)
    settings = settings.model_copy(update={"redis_url": valkey.url})
    async with open_services(settings) as services:
        app = create_app(settings, services)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
        ):
            process.kill()
            process.wait(WITHIN_S)

            ready = await http.get("/readyz")

    assert (ready.status_code, ready.json()) == (503, GONE)


def start(words: tuple[str, ...]) -> Popen[bytes]:
    return Popen(words)


async def test_there_is_at_most_one_probe_per_second(
    anonymous: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = 0
    check = Storage.check

    async def counted(storage: Storage) -> None:
        nonlocal probes
        probes += 1
        await check(storage)

    monkeypatch.setattr(Storage, "check", counted)
    monkeypatch.setattr(health, "PROBE_S", 3_600.0)

    answers = await asyncio.gather(*(anonymous.http.get("/readyz") for _ in range(10)))

    assert [answer.json() for answer in answers] == [OK] * 10
    assert probes == 1


async def test_a_cancelled_probe_of_the_storage_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    stored = asyncio.Event()

    store = open_storage(tmp_path.as_uri()).store

    async def hang(_: str) -> None:
        stored.set()
        await asyncio.Event().wait()

    staged: Any = SimpleNamespace(
        put_async=store.put_async, get_async=hang, delete_async=store.delete_async
    )
    probing = asyncio.create_task(Storage(staged).check())
    await bounded(stored.wait())
    assert len(list((tmp_path / "check").iterdir())) == 1

    probing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probing

    assert list((tmp_path / "check").iterdir()) == []
