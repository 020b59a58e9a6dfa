"""Training runs: what they write and leave alone, and how they end."""

import asyncio

import pytest
from structlog.testing import capture_logs

from pigeonhole import functions, invocation, labels
from pigeonhole.errors import ConflictError
from pigeonhole.functions import FunctionState
from pigeonhole.kinds import Decision, TrainingState
from pigeonhole.samples import annotations
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services.services import Services
from pigeonhole.tables import Model, Sample, TrainingRun
from pigeonhole.training import answers, runs, train, vectors_learned
from tests import build, make
from tests.conftest import RunJobs
from worker import tasks
from worker.waits import Waits


async def test_a_function_predicts_from_the_names_of_its_labels_alone(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services, ["Soups", "Desserts"])

    assert await functions.state(function) is FunctionState.TRAINING
    assert await run_jobs() == 1

    model = await build.active_model(function)
    answered = await invocation.invoke(services, function.id, make.picture(1))
    assert await functions.state(function) is FunctionState.READY
    assert (model.version, model.revision, model.metrics["accuracy"]) == (1, 1, None)
    assert [label["support"] for label in model.metrics["labels"]] == [0, 0]
    assert answered.prediction.decision is Decision.REVIEW
    assert sum(confidence for _, confidence in answered.prediction.ranking) == pytest.approx(1)


async def test_accuracy_appears_with_annotations_and_versions_have_no_gaps(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    for round in range(3):
        await build.add_digits(services, function, 8, skip=8 * round)
        await run_jobs()

    models = await Model.all().order_by("id")
    runs = await TrainingRun.all().order_by("id")

    assert [model.version for model in models] == [1, 2, 3]
    assert [run.sample_count for run in runs] == [16, 32, 48]
    assert models[-1].metrics["accuracy"]["value"] > 0.9
    assert models[-1].metrics["accuracy"] == runs[-1].accuracy
    assert (await build.active_model(function)).version == 3


async def test_a_failure_has_an_id_that_is_in_the_log_and_is_not_retried(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(vectors_learned, "learn", fail)
    function = await build.function(services)

    with capture_logs() as logs:
        assert await run_jobs() == 1

    [run] = await TrainingRun.all()
    [id] = [line["error_id"] for line in logs if line["event"] == "training_failed"]
    assert run.state is TrainingState.FAILED
    assert run.failure == f"Internal server error. Report this ID to the operator: {id}"
    await function.refresh_from_db()
    assert await functions.state(function) is FunctionState.FAILED
    await tasks.request_owed({"services": services, "waits": Waits()})
    assert await run_jobs() == 0

    monkeypatch.undo()
    await runs.start(services, function.id)
    await run_jobs()
    assert await build.run_states() == [TrainingState.FAILED, TrainingState.SUCCEEDED]


async def test_a_canceled_run_in_the_queue_does_not_start(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services, auto_train=False)
    run = await runs.start(services, function.id)

    canceled = await runs.cancel(services, run.id)

    assert canceled.state is TrainingState.CANCELED
    await run_jobs()
    assert await Model.all().count() == 0
    with pytest.raises(ConflictError):
        await runs.cancel(services, run.id)
    again = await runs.start(services, function.id)
    assert again.id != run.id
    await run_jobs()
    assert await build.run_states() == [TrainingState.CANCELED, TrainingState.SUCCEEDED]


async def test_starting_training_returns_the_open_run_or_creates_one_even_without_changes(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)

    first, second = await asyncio.gather(*(runs.start(services, function.id) for _ in range(2)))
    await run_jobs()
    third = await runs.start(services, function.id)
    await run_jobs()

    assert first.id == second.id != third.id
    assert await build.run_states() == [TrainingState.SUCCEEDED] * 2


async def test_a_function_without_automatic_training_trains_on_request(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services, auto_train=False)
    await build.add(services, function, [make.picture(1)], ["0"])
    await run_jobs()
    await tasks.request_owed({"services": services, "waits": Waits()})
    await run_jobs()
    assert await build.run_states() == []

    await runs.start(services, function.id)
    await services.redis.flushdb()
    await tasks.request_owed({"services": services, "waits": Waits()})

    assert await run_jobs() == 1
    assert await build.run_states() == [TrainingState.SUCCEEDED]


async def test_turning_automatic_training_on_trains_earlier_changes_at_once(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services, auto_train=False)

    await functions.update(services, function.id, {"auto_train": True})

    assert await run_jobs() == 1
    assert await build.run_states() == [TrainingState.SUCCEEDED]


async def test_a_deleted_label_is_never_predicted(services: Services, run_jobs: RunJobs) -> None:
    function = await build.function(services, ["0", "1", "2"])
    await build.add_digits(services, function, 3, ["0", "1", "2"])
    await run_jobs()
    deleted = await build.label(function, "2")
    picture = build.digits(1, ["2"], skip=3)[0][0]
    assert (await invocation.invoke(services, function.id, picture)).prediction.label_id == (
        deleted.id
    )

    await labels.delete(services, deleted.id)

    answered = await invocation.invoke(services, function.id, picture)
    said = await answers.of_samples(services, await Sample.all())
    stored = await Sample.filter(confidence__isnull=False).values_list("predicted_id", flat=True)
    assert len(answered.prediction.ranking) == 2
    assert sum(share for _, share in answered.prediction.ranking) == pytest.approx(1)
    assert deleted.id not in {id for one in said.values() for id, _ in one.ranking}
    assert deleted.id not in {id for id, _ in answered.prediction.ranking}
    assert None not in stored


async def test_a_changed_annotation_loses_the_mistake_score_of_the_old_one(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    [first, second, *_] = await build.add_digits(services, function, 4)
    await run_jobs()
    assert await Sample.filter(mistake_score__isnull=False).count() == 8

    await build.annotate(services, (first, "1"))
    await annotations.clear(services, [second.id])
    await annotations.annotate(services, [(second.id, LabelChoice(name="1"), ())])

    assert await Sample.filter(id__in=[first.id, second.id], mistake_score=None).count() == 2
    await run_jobs()
    assert await Sample.filter(mistake_score__isnull=False).count() == 8


def test_the_progress_of_a_fit_increases_from_stage_to_stage() -> None:
    report = train.Report()
    seen = [(report.stage, report.progress)]

    for stage, fraction in (("selecting", 1.0), ("cross_validating", 0.5), ("fitting", 1.0)):
        report(stage, fraction)
        seen.append((report.stage, report.progress))

    assert [stage.value for stage, _ in seen] == [
        "selecting", "selecting", "cross_validating", "fitting",
    ]  # fmt: skip
    assert [progress for _, progress in seen] == pytest.approx([0.5, 0.8, 0.875, 1.0])
