"""Races of heads are reused by later training runs, and repeated on idle functions."""

import pytest

from pigeonhole import labels
from pigeonhole.kinds import TrainingState
from pigeonhole.services import jobs, races
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Model, Sample, TrainingRun
from pigeonhole.training import runs, train, vectors_learned
from pigeonhole.training.learning import Learned, learn
from tests import build
from tests.conftest import RunJobs
from worker import tasks
from worker.tasks import IdleFunctions
from worker.waits import Waits


@pytest.fixture(autouse=True)
def small_races(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reuse races of functions with few samples too."""
    monkeypatch.setattr(races, "LEAST_SAMPLES", 1)


@pytest.fixture
def raced(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Record for each fit whether it was a full race."""
    fits: list[bool] = []

    def noted(*arguments: object, **named: object) -> Learned:
        learned = learn(*arguments, **named)  # type: ignore[arg-type]
        fits.append(learned.raced)
        return learned

    monkeypatch.setattr(vectors_learned, "learn", noted)
    return fits


async def taught(services: Services, run_jobs: RunJobs) -> tuple[Function, list[Sample]]:
    """Return a function trained on 40 samples, with four more embedded ones."""
    function = await build.function(services)
    await build.add_digits(services, function, 20)
    more = await build.add_digits(services, function, 2, skip=20, annotated=False)
    await run_jobs()
    return function, more


async def owes_a_race(function: Function) -> bool:
    return [row.id for row in await jobs.owed_races()] == [function.id]


async def test_a_click_reuses_the_last_race_and_an_idle_function_races_again(
    services: Services, run_jobs: RunJobs, raced: list[bool]
) -> None:
    function, more = await taught(services, run_jobs)
    assert not await owes_a_race(function)
    raced.clear()

    await build.annotate(services, (more[0], "0"))
    await run_jobs()
    await build.annotate(services, (more[1], "1"))
    await run_jobs()

    assert raced == [False, False]
    assert await owes_a_race(function)
    idle, ctx = IdleFunctions(), {"services": services, "waits": Waits()}
    await idle.request_races(ctx)
    assert await run_jobs() == 0  # it has not been idle for long
    await idle.request_races(ctx)
    await run_jobs()
    assert raced == [False, False, True]
    assert not await owes_a_race(function)
    newest = await build.active_model(function)
    assert newest.version == await Model.all().count()
    assert [run.state for run in await TrainingRun.all()] == [TrainingState.SUCCEEDED] * 4


async def test_after_more_than_five_percent_has_changed_the_heads_race_again(
    services: Services, run_jobs: RunJobs, raced: list[bool]
) -> None:
    _, more = await taught(services, run_jobs)
    raced.clear()

    await build.annotate(services, (more[0], "0"), (more[1], "1"), (more[2], "0"))
    await run_jobs()

    assert raced == [True]


async def test_a_renamed_or_new_label_makes_the_heads_race_again(
    services: Services, run_jobs: RunJobs, raced: list[bool]
) -> None:
    function, more = await taught(services, run_jobs)
    raced.clear()

    await labels.update(services, (await build.label(function, "1")).id, {"name": "one"})
    await run_jobs()
    await labels.create(services, function.id, name="two")
    await run_jobs()
    await build.annotate(services, (more[0], "two"))
    await run_jobs()

    assert raced == [True, True, True]


async def test_a_training_that_a_person_starts_is_a_full_race(
    services: Services, run_jobs: RunJobs, raced: list[bool]
) -> None:
    function, more = await taught(services, run_jobs)
    await Function.filter(id=function.id).update(auto_train=False)
    raced.clear()

    await build.annotate(services, (more[0], "0"))
    await runs.start(services, function.id)
    await run_jobs()

    assert raced == [True]


async def test_a_new_annotation_is_trained_before_an_owed_race(
    services: Services, run_jobs: RunJobs, raced: list[bool]
) -> None:
    function, more = await taught(services, run_jobs)
    raced.clear()
    await build.annotate(services, (more[0], "0"))
    await run_jobs()
    owed = await Function.get(id=function.id)

    await build.annotate(services, (more[1], "1"))
    await jobs.request_race(services.redis, owed)
    await run_jobs()

    assert raced == [False, False]
    assert await owes_a_race(function)


async def test_a_race_whose_worker_dies_is_repeated_by_another_worker(
    services: Services, run_jobs: RunJobs, raced: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    function, more = await taught(services, run_jobs)
    await build.annotate(services, (more[0], "0"))
    await run_jobs()
    raced.clear()

    async def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "train_function", die)
    with pytest.raises(KeyboardInterrupt):
        await train.race_function(services, function.id)
    services.races.__init__()  # type: ignore[misc] # the next worker remembers nothing
    await tasks.request_owed({"services": services, "waits": Waits()})
    await run_jobs()

    assert raced == [True]
    assert not await owes_a_race(function)


async def test_a_function_with_few_samples_races_each_time(
    services: Services, run_jobs: RunJobs, raced: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(races, "LEAST_SAMPLES", 41)
    _, more = await taught(services, run_jobs)
    raced.clear()

    await build.annotate(services, (more[0], "0"))
    await run_jobs()

    assert raced == [True]
