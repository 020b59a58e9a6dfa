"""A temporary outage ends no run, loses no picture and is no bug."""

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
import redis.exceptions
from obstore.exceptions import GenericError
from tortoise.exceptions import DBConnectionError

from pigeonhole.kinds import TrainingState
from pigeonhole.services import outages
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Storage
from pigeonhole.tables import Function, Sample, TrainingRun
from pigeonhole.training import train
from tests import build
from tests.conftest import RunJobs
from worker import tasks
from worker.waits import Waits

FAULTS: list[tuple[Exception, str]] = [
    (asyncpg.ConnectionDoesNotExistError("closed"), "the database"),
    (asyncpg.CannotConnectNowError("in recovery"), "the database"),
    (asyncpg.InterfaceError("connection is closed"), "the database"),
    (DBConnectionError("refused"), "the database"),
    (ConnectionRefusedError("refused"), "the database"),
    (redis.exceptions.ConnectionError("refused"), "Redis"),
    (MemoryError(), "memory"),
    (OSError(28, "No space left on device"), "room on the disk"),
]


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.exceptions.DataError("invalid input for query argument $1: 'x'"),
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        sqlite3.OperationalError("no such column: confirmed"),
        ValueError("a bug"),
    ],
)
def test_a_bug_is_not_treated_as_an_outage(error: Exception) -> None:
    assert outages.passing(error) is None


@pytest.mark.parametrize(("error", "what"), FAULTS)
async def test_a_run_during_an_outage_waits_and_succeeds_later(
    services: Services,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    what: str,
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 2)
    publish = train.publish

    async def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(train, "publish", fail)
    with caplog.at_level(logging.ERROR):
        await run_jobs()
    [run] = await TrainingRun.all()
    assert (run.state, run.waiting_for) == (TrainingState.RUNNING, what)

    monkeypatch.setattr(train, "publish", publish)
    await tasks.request_owed({"services": services, "waits": Waits()})
    await run_jobs()

    await run.refresh_from_db()
    assert (run.state, run.sample_count) == (TrainingState.SUCCEEDED, 4)
    assert run.waiting_for is None
    assert caplog.records == []


@pytest.mark.parametrize(
    "fault",
    [
        lambda: FileNotFoundError("gone"),
        lambda: GenericError("503 Service Unavailable"),
        lambda: ConnectionRefusedError("refused"),
        lambda: TimeoutError(),
    ],
)
async def test_pictures_are_not_marked_unreadable_while_the_storage_is_away(
    services: Services,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[], Exception],
) -> None:
    function = await build.function(services)
    await run_jobs()
    await build.add_digits(services, function, 3)

    async def get(*arguments: Any) -> bytes:
        raise fault()

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "get", get)
        await run_jobs()
        run = await TrainingRun.all().order_by("-id").first()
        assert run is not None
        assert (run.state, run.waiting_for) == (TrainingState.RUNNING, "the storage")
        await function.refresh_from_db()
        assert (function.embedded_revision, function.upload_revision) == (0, 1)
        assert await Sample.filter(embedded=False, unreadable=None).count() == 6
    await tasks.request_owed({"services": services, "waits": Waits()})
    await run_jobs()

    await run.refresh_from_db()
    assert (run.state, run.sample_count) == (TrainingState.SUCCEEDED, 6)
    assert await Sample.filter(embedded=True).count() == 6


async def test_a_run_waits_for_a_picture_missing_in_the_storage_and_names_it(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    [first, *_] = await build.add_digits(services, function, 2)
    data = await services.storage.get(first.sha256)
    await services.storage.delete(first.sha256)

    await run_jobs()

    [run] = await TrainingRun.all()
    assert run.waiting_for == f"the picture {first.sha256} in the storage"
    await services.storage.put(first.sha256, data)
    await tasks.request_owed({"services": services, "waits": Waits()})
    await run_jobs()
    await run.refresh_from_db()
    assert (run.state, run.sample_count) == (TrainingState.SUCCEEDED, 4)


async def test_stored_bytes_that_are_no_picture_are_reported_with_the_sample(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    [first, *_] = await build.add_digits(services, function, 2)
    await services.storage.put(first.sha256, b"no picture")

    await run_jobs()

    await first.refresh_from_db()
    run = await TrainingRun.all().order_by("-id").first()
    assert run is not None
    assert (first.unreadable, first.embedded) == (
        "This is a text, not an image. Send a JPEG, PNG, WebP, GIF, AVIF, HEIC, BMP or TIFF image.",
        False,
    )
    assert (run.state, run.sample_count) == (TrainingState.SUCCEEDED, 3)
    await function.refresh_from_db()
    assert function.embedded_revision == function.upload_revision


async def test_waits_grow_and_start_again_after_a_success(services: Services) -> None:
    waits, function = Waits(), await build.function(services)
    for _ in range(3):
        waits.note("train", function.id, outages.DATABASE)

    assert waits.holds("train", function.id)
    waits.over("train", function.id)
    assert not waits.holds("train", function.id)


async def test_a_function_deleted_during_a_run_is_no_bug(
    services: Services,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 2)
    load = type(services.encoding).load

    async def delete(*arguments: Any) -> Any:
        await Function.filter(id=function.id).delete()
        return await load(*arguments)

    monkeypatch.setattr(type(services.encoding), "load", delete)
    with caplog.at_level(logging.ERROR):
        await run_jobs()

    assert (await TrainingRun.all().count(), caplog.records) == (0, [])
