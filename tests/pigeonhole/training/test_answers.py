"""Stored predictions are updated in batches after a new model, and each has its version."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from tortoise.functions import Count

from pigeonhole.services import events, looked_at
from pigeonhole.services.predictors import Predictor
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Model, Sample
from pigeonhole.training import activation, answers
from tests import build
from tests.conftest import RunJobs
from tests.pigeonhole.running import bounded
from worker import tasks
from worker.waits import Waits


async def versions() -> dict[int | None, int]:
    """Return the number of samples with a prediction of each version."""
    counted = Sample.all().annotate(count=Count("id")).group_by("answer_version")
    return dict(await counted.values_list("answer_version", "count"))


async def owed(function: Function) -> bool:
    await function.refresh_from_db()
    return function.answer_revision != function.answered_revision


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    """Sixteen samples, two of them annotated, and two models, the second of them active."""
    function = await build.function(services)
    rows = await build.add_digits(services, function, 8, annotated=False)
    await run_jobs()
    await build.annotate(services, (rows[0], "0"), (rows[1], "1"))
    await run_jobs()
    return function


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "BATCH", 5)


async def test_a_model_is_published_before_its_predictions_and_the_first_batch_needs_no_job(
    services: Services, function: Function, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await Model.get(version=1)
    seen = []
    keep = answers.keep

    async def look_and_keep(rows: Sequence[Sample], *arguments: object) -> None:
        seen.append((await versions(), len(rows)))
        await keep(rows, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(answers, "keep", look_and_keep)
    await Function.filter(id=function.id).update(
        active_model_id=first.id, answer_revision=function.answer_revision + 1
    )
    await answers.follow(services, function.id)

    assert seen == [({2: 16}, 5)]
    assert await versions() == {1: 5, 2: 11}
    assert await owed(function)


async def test_a_job_stores_the_remaining_predictions_and_then_notifies_subscribers(
    services: Services, function: Function, small_batches: None, run_jobs: RunJobs
) -> None:
    await activation.activate(services, (await Model.get(version=1)).id)
    assert await owed(function)

    async with events.changes(services.broadcast, function.id, poll_s=60) as changes:
        await bounded(anext(changes))
        assert await run_jobs() == 1
        await bounded(anext(changes))

    assert await versions() == {1: 16}
    assert not await owed(function)


async def test_a_sweep_resumes_the_work_of_a_killed_worker(
    services: Services, function: Function, small_batches: None, run_jobs: RunJobs
) -> None:
    await activation.activate(services, (await Model.get(version=1)).id)
    await answers.catch_up(services, function.id, batches=2)
    await services.redis.flushdb()
    assert await versions() == {1: 10, 2: 6}

    await tasks.request_owed({"services": services, "waits": Waits()})

    assert await run_jobs() == 1
    assert await versions() == {1: 16}
    assert not await owed(function)


async def test_with_frequent_new_models_every_sample_is_updated_in_time(
    services: Services, function: Function, small_batches: None
) -> None:
    rows = await Sample.filter(label_id=None)
    before = {row.id for row in rows}
    # Each click makes a model, and only one batch of its predictions is stored.
    for row in rows[:3]:
        await build.annotate(services, (row, "0"))
        await tasks.train({"services": services, "waits": Waits()}, str(function.id))

    assert await versions() == {2: 1, 3: 5, 4: 5, 5: 5}
    assert await Sample.filter(id__in=before, answer_version=2).count() <= 1


async def test_samples_that_somebody_looks_at_are_updated_first(
    services: Services, function: Function, small_batches: None
) -> None:
    looked = await Sample.all().order_by("-id").limit(3)
    await looked_at.note(services.redis, function.id, [row.id for row in looked])
    await activation.activate(services, (await Model.get(version=1)).id)

    await answers.follow(services, function.id)

    assert await versions() == {1: 8, 2: 8}
    assert await Sample.filter(id__in=[row.id for row in looked], answer_version=1).count() == 3


async def test_a_batch_of_a_model_that_was_replaced_meanwhile_is_not_written(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    await function.refresh_from_db()
    second = function.active_model_id
    assert second is not None
    await activation.activate(services, (await Model.get(version=1)).id)
    most_likely = answers.most_likely

    async def replace_first(
        services: Services, function: Function, predictor: Predictor, *arguments: object
    ) -> object:
        if predictor.model.version == 1:
            await activation.activate(services, second)
        return await most_likely(services, function, predictor, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(answers, "most_likely", replace_first)
    await answers.answer_function(services, function.id)

    assert await versions() == {2: 16}
    assert not await owed(function)


async def test_only_predictions_that_changed_are_written_completely(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Sample.all().update(answer_version=None)
    written = []

    async def note(statement: str, rows: Sequence[object]) -> None:
        written.append(len(rows))

    monkeypatch.setattr("pigeonhole.services.database.update_many", note)
    await answers.answer_function(services, function.id)

    assert written == [0]
    assert await versions() == {2: 16}


async def test_the_samples_that_somebody_looked_at_last_are_remembered(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looked_at, "MOST", 2)
    function, ids = uuid4(), sorted(uuid4() for _ in range(3))
    for id in ids:
        await looked_at.note(services.redis, function, [id])
    await looked_at.note(services.redis, function, [])

    assert await looked_at.recall(services.redis, function) == ids[:0:-1]
