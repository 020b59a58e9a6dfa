"""Annotations, samples and labels that change while a run is under way."""

import asyncio

import asyncpg
import pytest

from pigeonhole import functions, invocation, labels
from pigeonhole.errors import NotTrainedError
from pigeonhole.functions import FunctionState
from pigeonhole.kinds import TrainingState
from pigeonhole.services.services import Services
from pigeonhole.tables import Model, Sample, TrainingRun
from pigeonhole.training import answers, runs, train
from tests import build, make
from tests.conftest import RunJobs
from tests.pigeonhole.running import bounded
from worker import tasks
from worker.waits import Waits

WAITING = """SELECT count(*) FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def test_a_run_that_is_canceled_during_training_writes_nothing(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    publish = train.publish

    async def cancel_first(*arguments: object) -> None:
        await runs.cancel(services, (await TrainingRun.get()).id)
        await publish(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(train, "publish", cancel_first)
    await run_jobs()

    await function.refresh_from_db()
    assert await build.run_states() == [TrainingState.CANCELED]
    assert await Model.all().count() == 0
    assert function.active_model_id is None
    assert function.trained_revision == function.revision


async def test_with_all_but_one_label_deleted_nothing_is_predicted_and_no_run_fails(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    await run_jobs()
    load = services.encoding.load

    async def delete_a_label(spec: str) -> object:  # after the run was found ready
        monkeypatch.undo()
        await labels.delete(services, (await build.label(function, "0")).id)
        return await load(spec)

    await runs.start(services, function.id)
    monkeypatch.setattr(type(services.encoding), "load", lambda _, spec: delete_a_label(spec))
    await run_jobs()

    assert await build.run_states() == [TrainingState.SUCCEEDED, TrainingState.CANCELED]
    with pytest.raises(NotTrainedError):
        await invocation.invoke(services, function.id, make.picture(1))
    await function.refresh_from_db()
    assert function.trained_revision == function.revision
    assert function.active_model_id is None
    assert await functions.state(function) == FunctionState.COLLECTING


async def test_samples_added_during_training_get_a_prediction_of_the_new_model(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    publish = train.publish

    async def upload_first(*arguments: object) -> None:
        await build.add(services, function, [make.picture(1)])
        await tasks.embed({"services": services, "waits": Waits()}, str(function.id))
        await publish(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(train, "publish", upload_first)
    await tasks.train({"services": services, "waits": Waits()}, str(function.id))

    assert await Sample.filter(predicted_id__isnull=False, confidence__gt=0).count() == 1


async def test_an_annotation_waits_while_a_model_is_published(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    [sample] = await build.add(services, function, [make.picture(1)])
    await tasks.embed({"services": services, "waits": Waits()}, str(function.id))
    published, keep = asyncio.Event(), answers.keep

    async def annotate() -> None:
        await bounded(published.wait())
        await build.annotate(services, (sample, "0"))

    async def begin_to_annotate(*arguments: object) -> None:
        published.set()
        await _until_it_waits(services)
        await keep(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(answers, "keep", begin_to_annotate)
    annotating = asyncio.create_task(annotate())  # outside the transaction that it waits for
    await tasks.train({"services": services, "waits": Waits()}, str(function.id))
    await annotating
    monkeypatch.undo()
    await run_jobs()

    assert set(await build.run_states()) == {TrainingState.SUCCEEDED}
    assert await Sample.filter(label_id__isnull=False, predicted_id__isnull=False).count() == 1


async def _until_it_waits(services: Services) -> None:
    """Return once a connection waits for a lock, or at once on SQLite, which locks everything."""
    if services.settings.database_url.startswith("sqlite"):
        return
    connection = await asyncpg.connect(services.settings.database_url)
    try:
        async with asyncio.timeout(30):
            while not await connection.fetchval(WAITING):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
    finally:
        await connection.close()
