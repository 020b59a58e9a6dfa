"""Versions of a function's model: which one is active, and going back to another."""

import pytest

from pigeonhole.classifier.review import Comparison
from pigeonhole.errors import ConflictError
from pigeonhole.kinds import TrainingState
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Model, ModelArrays, Sample, TrainingRun
from pigeonhole.training import activation, confusion, runs, train
from tests import build
from tests.conftest import RunJobs
from worker import tasks
from worker.waits import Waits

WORSE = Comparison(gained=0, lost=5, p_value=0.03125, worse=True)


async def test_a_worse_model_is_not_activated_and_the_run_says_why(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 3)
    await run_jobs()
    before = await Sample.all().order_by("id").values("predicted_id", "confidence")

    monkeypatch.setattr(train, "is_worse", lambda *_: WORSE)
    await runs.start(services, function.id)
    await run_jobs()

    [good, bad] = await TrainingRun.all().order_by("id")
    assert good.kept_back is None
    assert bad.state is TrainingState.SUCCEEDED
    assert bad.kept_back == (
        "On the samples held out from both, the model before it was right on 5 where this one is "
        "wrong, and wrong on 0 where this one is right (one-sided McNemar test, p = 0.031)."
    )
    assert (await build.active_model(function)).version == 1
    assert await Sample.all().order_by("id").values("predicted_id", "confidence") == before


async def test_an_earlier_model_that_is_activated_again_also_updates_samples(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    added = await build.add_digits(services, function, 6)
    await run_jobs()
    before = [row.predicted_id for row in await Sample.all().order_by("id")]
    first = await build.active_model(function)
    await build.annotate(
        services, *((row, build.TWO[(index + 1) % 2]) for index, row in enumerate(added))
    )
    await run_jobs()
    swapped = [row.predicted_id for row in await Sample.all().order_by("id")]
    assert before != swapped

    await activation.activate(services, first.id)
    assert await run_jobs() == 1

    assert [row.predicted_id for row in await Sample.all().order_by("id")] == before
    assert (await build.active_model(function)).id == first.id
    await tasks.request_owed({"services": services, "waits": Waits()})
    assert await run_jobs() == 0


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"kept_models": 3})


async def test_of_old_versions_only_the_metrics_are_kept(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    for skip in range(4):  # each makes a new version
        await build.add_digits(services, function, 1, skip=skip)
        await run_jobs()

    metrics = [row.metrics for row in await Model.all().order_by("version")]
    kept = [row.model.version for row in await ModelArrays.all().select_related("model")]
    first = await Model.get(function_id=function.id, version=1)

    assert sorted(kept) == [2, 3, 4]
    assert ["confusion" in found for found in metrics] == [False, True, True, True]
    assert ["confusion_cells" in found for found in metrics] == [True, False, False, False]
    assert confusion.counts_of(metrics[0]) == [[0, 0], [0, 0]]
    assert metrics[0].keys() - {"confusion_cells"} == metrics[1].keys() - {"confusion"}
    assert await Model.filter(function_id=function.id).count() == 4
    with pytest.raises(
        ConflictError, match="Version 1 can no longer be activated: only its metrics"
    ):
        await activation.activate(services, first.id)
