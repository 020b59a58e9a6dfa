"""Jobs are hints: lost, duplicate, late or stale ones cost time but never an annotation."""

import threading
from pathlib import Path
from subprocess import Popen
from typing import Any
from uuid import UUID, uuid4

import ormsgpack
import pytest
from arq.utils import timestamp_ms

from pigeonhole import functions
from pigeonhole.deployment.valkey import Valkey
from pigeonhole.encoders import Encoder
from pigeonhole.functions import FunctionState
from pigeonhole.kinds import TrainingState
from pigeonhole.samples import annotations
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services import events, jobs
from pigeonhole.services.services import Services, open_services
from pigeonhole.services.vectors import Encoding
from pigeonhole.settings import Settings
from pigeonhole.tables import Function, Model, Sample, TrainingRun
from pigeonhole.training import runs, train, vectors_learned
from pigeonhole.training.learning import Learned, learn
from tests import build, make
from tests.backends import wait_for_redis
from tests.conftest import RunJobs, run_dry
from tests.pigeonhole.running import WITHIN_S
from worker import tasks
from worker.waits import Waits


async def revisions(function: Function) -> tuple[int, int]:
    """Return the revision of a function, and the revision that was trained."""
    await function.refresh_from_db()
    return function.revision, function.trained_revision


async def test_a_burst_of_annotations_is_one_training_run(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    added = await build.add_digits(services, function, 5, annotated=False)
    await run_jobs()

    for index, sample in enumerate(added):
        await build.annotate(services, (sample, build.TWO[index % 2]))

    assert await run_jobs() == 1
    assert await revisions(function) == (11, 11)
    assert [run.sample_count for run in await TrainingRun.all().order_by("id")] == [0, 10]


async def test_an_annotation_during_a_training_run_is_trained_by_the_next_run(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    added = await build.add(services, function, [make.picture(seed) for seed in range(5)])
    await run_jobs()
    waiting = added[1:]
    publish = train.publish

    async def annotate_and_publish(*arguments: object) -> None:
        if waiting:  # after the run has read its samples and before it writes its model
            await build.annotate(services, (waiting.pop(), "1"))
        await publish(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(train, "publish", annotate_and_publish)
    await build.annotate(services, (added[0], "0"))

    await run_jobs()
    assert await revisions(function) == (6, 6)
    counts = [run.sample_count for run in await TrainingRun.all().order_by("id")]
    assert counts == [0, 1, 2, 3, 4, 5]


async def test_jobs_lost_with_the_queue_are_requested_again_by_the_sweep(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await build.add(services, function, [make.picture(1), make.picture(2)], ["0", None])
    await services.redis.flushdb()
    assert await run_jobs() == 0

    await tasks.request_owed({"services": services, "waits": Waits()})

    assert await run_jobs() == 2
    assert await revisions(function) == (2, 2)
    assert await Sample.filter(embedded=True).count() == 2
    await tasks.request_owed({"services": services, "waits": Waits()})
    assert await run_jobs() == 0


async def test_a_duplicate_job_changes_nothing(services: Services, run_jobs: RunJobs) -> None:
    function = await build.function(services)
    await build.add(services, function, [make.picture(1)], ["0"])
    await tasks.request_owed({"services": services, "waits": Waits()}, salt="again")
    assert await run_jobs() == 4

    await jobs.request_training(services.redis, function.id, delay_s=0, salt="again")
    await jobs.request_embedding(services.redis, function.id, salt="again")

    assert await run_jobs() == 2
    assert await TrainingRun.all().count() == await Model.all().count() == 1


async def test_two_workers_on_the_same_run_make_one_model(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    publish = train.publish

    async def be_overtaken(*arguments: object) -> None:
        monkeypatch.setattr(train, "publish", publish)
        await train.train_function(services, function.id)
        await publish(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(train, "publish", be_overtaken)

    assert await run_jobs() == 1
    assert [run.state for run in await TrainingRun.all()] == [TrainingState.SUCCEEDED]
    assert [model.version for model in await Model.all()] == [1]
    assert await revisions(function) == (1, 1)


async def test_a_worker_that_is_overtaken_leaves_the_finished_run_as_it_is(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    [sample] = await build.add(services, function, [make.picture(1)])
    load = Encoding.load

    async def be_overtaken(self: Encoding, spec: str) -> Encoder:  # it has read its samples
        monkeypatch.setattr(Encoding, "load", load)
        await build.annotate(services, (sample, "0"))
        await train.train_function(services, function.id)
        return await load(self, spec)

    monkeypatch.setattr(Encoding, "load", be_overtaken)
    await train.train_function(services, function.id)

    assert [(run.state, run.sample_count) for run in await TrainingRun.all()] == [
        (TrainingState.SUCCEEDED, 1)
    ]
    assert await revisions(function) == (2, 2)
    assert await run_jobs() == 2


async def test_an_error_in_a_run_that_another_worker_has_finished_leaves_later_work_owed(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    [sample] = await build.add(services, function, [make.picture(1)])
    await run_jobs()
    await build.annotate(services, (sample, "0"))
    await function.refresh_from_db()

    await runs.fail(services, function, await TrainingRun.get(), "An error.")

    assert await build.run_states() == [TrainingState.SUCCEEDED]
    assert await revisions(function) == (2, 1)
    await run_jobs()
    assert await build.run_states() == [TrainingState.SUCCEEDED] * 2


async def test_the_job_of_a_dead_worker_is_taken_over_at_start(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    run = await TrainingRun.create(
        function_id=function.id, replaces=0, state=TrainingState.RUNNING, progress=0.75
    )
    await services.redis.set(f"arq:in-progress:train:{function.id}:0", b"1", ex=1_000)
    await tasks.request_owed({"services": services, "waits": Waits()}, salt="again")

    # Without this, the test would wait for the delay of that job.
    await services.redis.zrem("arq:queue", f"train:{function.id}:0")
    assert await run_jobs() == 1
    await run.refresh_from_db()
    assert (run.state, run.progress) == (TrainingState.SUCCEEDED, 1.0)
    assert await TrainingRun.all().count() == 1


async def test_the_progress_of_a_run_that_is_taken_over_never_decreases(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    run = await TrainingRun.create(
        function_id=function.id, replaces=0, state=TrainingState.RUNNING, progress=0.9
    )
    seen = []

    def look(*arguments: object, **named: object) -> Learned:
        learned = learn(*arguments, **named)  # type: ignore[arg-type]
        reported.wait(30)
        return learned

    reported = threading.Event()
    publish: Any = events.publish

    async def note(*arguments: object) -> None:
        await publish(*arguments)
        await run.refresh_from_db()
        seen.append(run.progress)
        reported.set()

    monkeypatch.setattr(vectors_learned, "learn", look)
    monkeypatch.setattr(events, "publish", note)
    await run_jobs()

    assert seen[0] == 0.9
    assert seen[-1] == 1.0
    assert seen == sorted(seen)


async def test_without_redis_an_annotation_is_stored_and_is_trained_when_redis_is_back(
    settings: Settings, tmp_path: Path
) -> None:
    valkey = Valkey.within(tmp_path)
    words = valkey.command().words
    process = start(words)
    wait_for_redis(valkey.url)
    async with open_services(settings.model_copy(update={"redis_url": valkey.url})) as services:
        function = await build.function(services)
        [sample] = await build.add(services, function, [make.picture(1)])
        process.kill()
        process.wait(WITHIN_S)

        choice = LabelChoice(name="0")
        [annotated] = await annotations.annotate(services, [(sample.id, choice, ())])
        assert annotated.sample.label_id == (await build.label(function, "0")).id

        process = start(words)
        wait_for_redis(valkey.url)
        try:
            await services.redis.flushdb()
            await tasks.request_owed({"services": services, "waits": Waits()})
            assert await run_dry(services) == 2
        finally:
            process.terminate()
            process.wait(WITHIN_S)
        assert await revisions(function) == (2, 2)
        assert [run.sample_count for run in await TrainingRun.all()] == [1]


def start(words: tuple[str, ...]) -> Popen[bytes]:
    return Popen(words)


async def test_a_job_is_msgpack_with_a_function_and_a_delay(
    services: Services,
) -> None:
    function = await build.function(services)

    data = await services.redis.get(f"arq:job:train:{function.id}:0")

    job = ormsgpack.unpackb(data)
    assert (job["f"], job["a"], job["k"]) == ("train", [str(function.id), 0.01], {})


async def test_a_job_for_a_function_that_was_deleted_does_nothing(
    services: Services, run_jobs: RunJobs
) -> None:
    for job in (jobs.TRAIN, jobs.EMBED):
        await services.redis.enqueue_job(job, str(uuid4()), _queue_name=jobs.QUEUES[job])

    assert await run_jobs() == 2
    assert await TrainingRun.all().count() == 0


async def test_a_job_from_a_machine_whose_clock_is_ahead_runs_at_once(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arq.connections.timestamp_ms", lambda: timestamp_ms() + 120_000)
    function = await build.function(services)
    monkeypatch.setattr("arq.connections.timestamp_ms", timestamp_ms)

    assert await run_jobs() == 1
    assert await revisions(function) == (1, 1)


async def test_the_last_run_is_that_of_the_newest_revision_whatever_its_date(
    services: Services,
) -> None:
    function = await build.function(services)
    await TrainingRun.create(
        id=UUID("7fffffff-ffff-7000-8000-000000000000"),  # made by a clock far ahead
        function_id=function.id,
        replaces=0,
        state=TrainingState.FAILED,
    )
    await TrainingRun.create(function_id=function.id, replaces=1)

    assert await functions.state(function) is FunctionState.TRAINING
