"""Whether the server is alive and ready, and what it lacks."""

from pathlib import Path
from subprocess import Popen

import httpx
import pytest

from pigeonhole.services import Services, open_services
from pigeonhole.settings import Settings
from pigeonhole.storage import Storage
from pigeonhole.valkey import Valkey
from server.app import create_app
from tests.backends import wait_for_redis
from tests.client import Client

OK = {"database": "ok", "redis": "ok", "storage": "ok", "encoder": "ok"}


async def test_a_server_that_has_everything_is_alive_and_ready(anonymous: Client) -> None:
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


async def test_redis_that_is_gone_is_named(settings: Settings, tmp_path: Path) -> None:
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
            process.wait()

            ready = await http.get("/readyz")

    assert (ready.status_code, ready.json()) == (503, OK | {"redis": "failed: ConnectionError"})


def start(words: tuple[str, ...]) -> Popen[bytes]:
    return Popen(words)
