"""Migrations run in one process at a time; a release refuses a database of a newer one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from pigeonhole.deployment import cli
from pigeonhole.deployment.doctor import State, check_database
from pigeonhole.services import database
from pigeonhole.services.migration_lock import WAITING, locked
from pigeonhole.settings import OperatorError, Settings
from tests import backends
from tests.pigeonhole.running import PIGEONHOLE, environment, run
from tests.pigeonhole.stand_ins import done

NEWER = (
    "was migrated by a newer release: this one does not know 9999_flying_cars. "
    "Install that release or a later one, or restore a backup from before the migration."
)


@pytest.fixture
async def empty_url(kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database without tables."""
    if kind == "embedded":
        yield f"sqlite://{tmp_path / 'pigeonhole.db'}"
    else:
        url = await backends.postgres_database()
        yield url
        await backends.drop_postgres_database(url)


async def of_a_newer_release(url: str) -> None:
    async with database._executor(url) as executor:
        await executor.recorder.record_applied(database.APP, "9999_flying_cars")


async def test_a_second_migrate_waits_for_the_first(empty_url: str, tmp_path: Path) -> None:
    variables = environment(PIGEONHOLE_DATABASE_URL=empty_url, PYTHONUNBUFFERED="1")

    async with AsyncExitStack() as first:
        await first.enter_async_context(locked(empty_url, lambda sentence: None))
        with run(*PIGEONHOLE, "migrate", cwd=tmp_path, env=variables) as second:
            said = await asyncio.to_thread(second.line_with, WAITING)
            meanwhile = await database.pending(empty_url)
            await first.aclose()
            status = await asyncio.to_thread(second.ended)

    assert (said, status) == (WAITING, 0)
    assert meanwhile[0] == "0001_initial"
    assert await database.pending(empty_url) == []


async def test_a_server_and_a_worker_refuse_a_database_of_a_newer_release(
    settings: Settings,
) -> None:
    await of_a_newer_release(settings.resolved_database_url)

    check = await check_database(settings)
    with pytest.raises(OperatorError) as refused:
        await asyncio.to_thread(cli._require, settings)

    assert check.state is State.PROBLEM
    assert str(refused.value) == f"{check.found} {check.fix}"
    assert str(refused.value).endswith(NEWER)


def test_up_refuses_a_database_of_a_newer_release(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    url = f"sqlite://{folder / 'pigeonhole.db'}"
    asyncio.run(database.migrate(url))
    asyncio.run(of_a_newer_release(url))

    ended = done("up", cwd=tmp_path, PORT="0")

    assert ended.returncode == 1
    assert f"error: {url} {NEWER}" in ended.stderr.splitlines()
