"""A database and a Redis that start after the processes that need them."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pigeonhole.deployment import starting
from pigeonhole.settings import Settings
from tests.faults import backing


async def waiting(logs: Sequence[Mapping[str, Any]], what: str) -> None:
    """Return once a process logs what it waits for."""
    for _ in range(3_000):
        if any(line["event"] == "waiting" and line["waits_for"] == what for line in logs):
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(logs)


def address(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return a free port, for the service that the test starts next."""
    port = backing.free_port()
    monkeypatch.setattr(backing, "free_port", lambda: port)
    return port


async def test_processes_wait_for_a_redis_that_starts_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("redis-server") is None and shutil.which("valkey-server") is None:
        pytest.skip("neither Redis nor Valkey is installed")
    port = address(monkeypatch)
    settings = Settings(data_dir=tmp_path, redis_url=f"redis://127.0.0.1:{port}", start_wait_s=300)

    with capture_logs() as logs:
        started = asyncio.create_task(starting.until_started(settings))
        await waiting(logs, "Redis: connection refused")
        with backing.redis(tmp_path):
            await started

    assert [line["event"] for line in logs] == ["waiting", "resumed"]


async def test_processes_wait_for_a_postgresql_that_starts_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valkey_url: str
) -> None:
    if backing.postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed")
    port = address(monkeypatch)
    settings = Settings(
        data_dir=tmp_path,
        database_url=f"postgres://pigeonhole@127.0.0.1:{port}/postgres",
        redis_url=valkey_url,
        start_wait_s=300,
    )

    with capture_logs() as logs:
        started = asyncio.create_task(starting.until_started(settings))
        await waiting(logs, "the database: connection refused")
        with backing.postgres(tmp_path):
            await started

    assert (logs[0]["event"], logs[-1]["event"]) == ("waiting", "resumed")


async def test_the_wait_for_a_wrong_address_ends(tmp_path: Path) -> None:
    port = backing.free_port()
    settings = Settings(data_dir=tmp_path, redis_url=f"redis://127.0.0.1:{port}", start_wait_s=0)

    with capture_logs() as logs:
        await starting.until_started(settings)

    assert logs == []
