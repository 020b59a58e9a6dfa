"""A function changes its encoder while in use; a kill at any step loses nothing."""

import asyncio
from typing import Any

import pytest

from pigeonhole.errors import ConflictError, InvalidError
from pigeonhole.kinds import EncoderChangeState
from pigeonhole.services import events, jobs
from pigeonhole.services.services import Services
from pigeonhole.tables import Embedding, EncoderChange, Function, Model, Sample
from pigeonhole.training import (
    activation,
    answers,
    encoder_change_job,
    encoder_changes,
    train,
)
from tests import build, make
from tests.conftest import RunJobs
from tests.pigeonhole.running import bounded
from worker import tasks
from worker.waits import Waits

NEW = "bundled"


class Killed(BaseException):
    """Stands for the end of the process."""


async def settled(services: Services, run_jobs: RunJobs) -> None:
    """Run the owed work that the sweep finds, until there is none."""
    for _ in range(20):
        await tasks.request_owed({"services": services, "waits": Waits()})
        if not await run_jobs():
            return
    raise AssertionError("There is always more to do.")


async def trained(services: Services, run_jobs: RunJobs) -> Function:
    function = await build.function(services)
    await build.add_digits(services, function, 5)
    await build.add(services, function, [make.picture(seed) for seed in range(3)])
    await settled(services, run_jobs)
    await function.refresh_from_db()
    return function


async def test_a_function_changes_to_another_encoder_and_back(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await trained(services, run_jobs)
    before = await build.active_model(function)

    await encoder_changes.start(services, function.id, NEW)
    with pytest.raises(ConflictError, match="already"):
        await encoder_changes.start(services, function.id, NEW)
    [late] = await build.add(services, function, [make.picture(9)])
    await settled(services, run_jobs)

    change = await encoder_changes.newest(function.id)
    assert change is not None
    model = await build.active_model(function)
    identity = (await services.encoding.load(NEW)).identity
    assert change.state is EncoderChangeState.SWITCHED
    assert (function.encoder, function.embedded_for) == (NEW, identity)
    assert model.encoder_identity == identity
    assert await Embedding.filter(encoder=identity).count() == 14
    assert await Embedding.filter(encoder=before.encoder_identity).count() == 14
    assert await Sample.filter(embedded_for=identity, grouped=True).count() == 14
    assert len(await answers.of_samples(services, await Sample.all())) == 14
    assert change.comparison["count"] == 10
    assert change.comparison["accuracy_after"] is not None
    assert change.comparison["worse"] is False
    assert late.id == change.at
    with pytest.raises(ConflictError, match="made with the encoder"):
        await activation.activate(services, before.id)

    await encoder_changes.go_back(services, function.id)
    await settled(services, run_jobs)

    model = await build.active_model(function)
    assert function.encoder != NEW
    assert model.encoder_identity == function.embedded_for == before.encoder_identity
    assert await encoder_changes.let_go() == 14
    assert await Embedding.filter(encoder=identity).count() == 0
    assert await Embedding.filter(encoder=before.encoder_identity).count() == 14


async def test_a_change_waits_for_the_decision_or_is_stopped_and_its_vectors_are_deleted(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await trained(services, run_jobs)
    old = function.encoder
    with pytest.raises(InvalidError, match="not on this machine"):
        await encoder_changes.start(services, function.id, "ViT-B-16/openai")
    with pytest.raises(ConflictError):
        await encoder_changes.switch(services, function.id)
    with pytest.raises(ConflictError):
        await encoder_changes.stop(services, function.id)

    await encoder_changes.start(services, function.id, NEW, switches_by_itself=False)
    await settled(services, run_jobs)

    await function.refresh_from_db()
    change = await encoder_changes.newest(function.id)
    assert change is not None
    assert (change.state, function.encoder) == (EncoderChangeState.WAITING, old)
    identity = (await services.encoding.load(NEW)).identity

    await encoder_changes.stop(services, function.id)

    assert await encoder_changes.let_go() == 13
    assert await Embedding.filter(encoder=identity).count() == 0
    with pytest.raises(ConflictError):
        await encoder_changes.go_back(services, function.id)
    await encoder_changes.start(services, function.id, NEW, switches_by_itself=False)
    await settled(services, run_jobs)
    await encoder_changes.switch(services, function.id)
    await settled(services, run_jobs)
    await function.refresh_from_db()
    assert (function.encoder, function.embedded_for) == (NEW, identity)


@pytest.mark.parametrize(
    "step", ["store_vectors", "_next", "compare", "_fitted", "train.store", "put_in_place"]
)
async def test_another_worker_finishes_the_work_of_one_killed_at_any_step(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    function = await trained(services, run_jobs)
    await encoder_changes.start(services, function.id, NEW)
    place: Any = encoder_change_job
    if step == "train.store":
        place, step = train, "store"
    elif step == "put_in_place":
        place = encoder_changes
    done = getattr(place, step)

    async def killed(*arguments: Any) -> None:
        await done(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(place, step, killed)
        with pytest.raises(Killed):
            await encoder_change_job.carry_on(services, function.id)
    models = await Model.all().count()
    change = await EncoderChange.get(function_id=function.id)
    if step != "compare":
        assert change.state in jobs.WORKING
        assert models == 1

    await settled(services, run_jobs)

    await function.refresh_from_db()
    change = await EncoderChange.get(function_id=function.id)
    identity = (await services.encoding.load(NEW)).identity
    assert change.state is EncoderChangeState.SWITCHED
    assert (function.encoder, function.embedded_for) == (NEW, identity)
    assert (await build.active_model(function)).encoder_identity == identity
    assert await Embedding.filter(encoder=identity).count() == 13


async def test_followers_are_told_that_the_models_are_being_compared(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    await encoder_changes.start(services, function.id, NEW)
    seen = asyncio.Event()
    compare = encoder_change_job.compare

    async def compare_once_it_was_seen(*given: Any) -> None:
        await bounded(seen.wait())
        await compare(*given)

    monkeypatch.setattr(encoder_change_job, "compare", compare_once_it_was_seen)
    async with (
        asyncio.timeout(60),
        events.changes(services.broadcast, function.id, poll_s=3_600) as ticks,
    ):
        work = asyncio.create_task(encoder_change_job.carry_on(services, function.id))
        async for _ in ticks:
            change = await EncoderChange.get(function_id=function.id)
            if change.state is EncoderChangeState.COMPARING:
                seen.set()
                break
        await work

    assert seen.is_set()
