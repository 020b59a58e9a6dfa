"""Real workers during outages, and after being killed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pigeonhole.services import database, workers
from pigeonhole.services.services import Services, open_services
from pigeonhole.settings import Settings
from pigeonhole.tables import Function, Sample, TrainingRun
from tests import build, make
from tests.faults import backing
from tests.faults.processes import Process
from worker.main import SWEEP_S
from worker.queues import FLOOR_S, LEASE_S, RENEW_S

PATIENCE_S = 90.0


class Deployment:
    """A deployment with its own PostgreSQL, Redis and workers."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.postgres, self.database_url = stack.enter_context(backing.postgres(folder))
        self.redis, self.redis_url = stack.enter_context(backing.redis(folder))
        self._stack = stack

    @property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self.folder,
            database_url=self.database_url,
            redis_url=self.redis_url,
            encoder="bundled",
        )

    def worker(self, name: str) -> Process:
        """Start a worker."""
        process = Process(
            name,
            [sys.executable, "-m", "pigeonhole", "work"],
            self.folder,
            {
                **{key: value for key, value in os.environ.items() if "PIGEONHOLE" not in key},
                "PIGEONHOLE_DATA_DIR": str(self.folder),
                "PIGEONHOLE_DATABASE_URL": self.database_url,
                "PIGEONHOLE_REDIS_URL": self.redis_url,
                "PIGEONHOLE_ENCODER": "bundled",
            },
        )
        process.start()
        self._stack.callback(process.kill)
        return process


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    if backing.postgres_programs() is None:
        pytest.skip("no PostgreSQL is installed here")
    with ExitStack() as stack:
        yield Deployment(tmp_path, stack)


@pytest.fixture
async def opened(deployment: Deployment) -> AsyncIterator[Services]:
    await database.migrate(deployment.database_url)
    async with open_services(deployment.settings) as services:
        yield services


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds, also through temporary errors."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                if await condition():
                    return
            except Exception:  # noqa: BLE001 - the database may be away
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.05)


async def trained(function: Function) -> bool:
    """Return whether no work is owed."""
    await function.refresh_from_db()
    return function.revision == function.trained_revision and (
        function.upload_revision == function.embedded_revision
    )


async def ready(services: Services, count: int) -> bool:
    """Return whether ``count`` workers are alive and ready."""
    return sum(worker.ready for worker in await workers.seen(services.redis)) == count


async def test_a_worker_survives_outages_of_redis_and_of_postgresql_without_a_traceback(
    deployment: Deployment, opened: Services
) -> None:
    worker = deployment.worker("worker")
    await until(lambda: ready(opened, 1))
    function = await build.function(opened)
    await build.add(opened, function, [make.picture(1), make.picture(2)], ["0", "1"])
    await until(lambda: trained(function))

    async def waiting_for(what: str) -> bool:
        said = [line for line in worker.log.read_text().splitlines() if "waiting" in line]
        return bool(said) and what in said[-1]

    deployment.redis.kill()
    await until(lambda: waiting_for("Redis"))
    deployment.redis.start()
    await until(lambda: ready(opened, 1))
    await build.add(opened, function, [make.picture(3)], ["0"])
    await until(lambda: trained(function))

    deployment.postgres.kill()
    await until(lambda: waiting_for("database"))
    deployment.postgres.start()

    async def added() -> bool:
        return len(await build.add(opened, function, [make.picture(4)], ["0"])) == 1

    await until(added)
    await until(lambda: trained(function))
    assert {run.state.value for run in await TrainingRun.all()} == {"succeeded"}
    assert (await TrainingRun.all().order_by("-replaces").first()).sample_count == 4  # type: ignore[union-attr]

    async def gone_on() -> bool:
        return worker.log.read_text().count("resumed") == 2

    await until(gone_on)
    worker.terminate()
    log = worker.log.read_text()
    assert worker.tracebacks() == 0, log
    lines = [line for line in log.splitlines() if "waiting" in line or "resumed" in line]
    told = [("waiting" in line, "Redis" in line) for line in lines]
    assert told == [(True, True), (False, True), (True, False), (False, False)], log


def test_a_lost_worker_is_noticed_and_its_work_is_requested_again_within_twenty_seconds() -> None:
    assert workers.ALIVE_S + SWEEP_S + RENEW_S <= 20
    assert LEASE_S + FLOOR_S <= 20


async def test_the_work_of_a_killed_worker_is_taken_over_by_another(
    deployment: Deployment, opened: Services
) -> None:
    first, second = deployment.worker("first"), deployment.worker("second")
    await until(lambda: ready(opened, 2))
    function = await build.function(opened)
    pictures = [make.picture(seed) for seed in range(300)]
    for start in range(0, 300, 100):
        names = ["0", "1"] * 50
        await build.add(opened, function, pictures[start : start + 100], names)

    async def shared() -> bool:
        holders = await Sample.exclude(claimed_by=None).values_list("claimed_by", flat=True)
        return len(set(holders)) > 1

    await until(shared)
    first.kill()

    async def taken_over() -> bool:
        living = {claim for worker in await workers.seen(opened.redis) for claim in worker.claims}
        held = set(await Sample.exclude(claimed_by=None).values_list("claimed_by", flat=True))
        return len(await workers.seen(opened.redis)) == 1 and held <= living

    await until(taken_over)
    await until(lambda: trained(function))

    assert await Sample.filter(embedded=True, claimed_by=None).count() == 300
    run = await TrainingRun.all().order_by("-replaces").first()
    assert run is not None
    assert run.sample_count == 300
    assert second.tracebacks() == first.tracebacks() == 0
