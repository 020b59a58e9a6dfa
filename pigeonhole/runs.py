"""Training runs: asked for, followed, stopped."""

from datetime import UTC, datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole import events, functions, jobs
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.models import Function, TrainingRun, TrainingStage, TrainingState
from pigeonhole.revisions import lock
from pigeonhole.services import Services

OPEN = (TrainingState.QUEUED, TrainingState.RUNNING)


class Canceled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The run was canceled while it went."""


async def start(services: Services, function_id: UUID) -> TrainingRun:
    """Start a run, or give back the one already queued or running.

    Raises:
        NotFoundError: There is no such function.
        ConflictError: It cannot be trained yet.
    """
    function = await functions.get(function_id)
    readiness = await functions.readiness(function)
    if not readiness.trainable:
        raise ConflictError(" ".join(readiness.missing), path=("input", "functionId"))
    async with in_transaction():
        await lock([function_id])
        run = await TrainingRun.filter(function_id=function_id, state__in=OPEN).first()
        if run is None:
            await Function.filter(id=function_id, revision=F("trained_revision")).update(
                revision=F("revision") + 1
            )
            function = await functions.get(function_id)
            run = await run_of(function)
    await jobs.request_training(services.redis, function_id, delay_s=0)
    await events.publish(services.broadcast, function_id)
    return run


async def cancel(services: Services, id: UUID) -> TrainingRun:
    """Stop a run; the model stays as it was until annotations change again.

    Raises:
        NotFoundError: There is no such run.
        ConflictError: It has ended.
    """
    run = await TrainingRun.get_or_none(id=id)
    if run is None:
        raise NotFoundError("There is no such training run.", path=("input", "id"))
    async with in_transaction():
        await lock([run.function_id])
        stopped = await TrainingRun.filter(id=id, state__in=OPEN).update(
            state=TrainingState.CANCELED, finished_at=datetime.now(UTC)
        )
        if not stopped:
            raise ConflictError("The run has ended already.", path=("input", "id"))
        function = await functions.get(run.function_id)
        await settle(function)
    await events.publish(services.broadcast, run.function_id)
    return await TrainingRun.get(id=id)


async def run_of(function: Function) -> TrainingRun:
    """The run that replaces the function's last one, made if it is not there."""
    try:
        run, _ = await TrainingRun.get_or_create(
            function_id=function.id, replaces=function.trained_revision
        )
    except IntegrityError:  # another process made it meanwhile
        run = await TrainingRun.get(function_id=function.id, replaces=function.trained_revision)
    return run


async def report(run_id: UUID, stage: TrainingStage, progress: float) -> None:
    """Write how far a run is; its progress never goes back, also when a worker takes it over.

    Raises:
        Canceled: It has been stopped, or carried out by someone else.
    """
    running = TrainingRun.filter(id=run_id, state=TrainingState.RUNNING)
    if not await running.update(stage=stage):
        raise Canceled
    await running.filter(progress__lt=progress).update(progress=progress)


async def settle(function: Function) -> None:
    """Note that the revision that a run saw has been dealt with."""
    await Function.filter(id=function.id, trained_revision__lt=function.revision).update(
        trained_revision=function.revision
    )


async def withdraw(function: Function) -> None:
    """There are too few labels: a queued run, if there is one, will not be carried out."""
    async with in_transaction():
        await lock([function.id])
        await TrainingRun.filter(function_id=function.id, state__in=OPEN).update(
            state=TrainingState.CANCELED,
            failure="Fewer than two labels were left when its turn came.",
            finished_at=datetime.now(UTC),
        )
        await settle(function)


async def fail(function: Function, run: TrainingRun, failure: str) -> None:
    """End a run without a model, for a reason that a person can read."""
    async with in_transaction():
        await lock([function.id])
        await TrainingRun.filter(id=run.id, state__in=OPEN).update(
            state=TrainingState.FAILED, failure=failure, finished_at=datetime.now(UTC)
        )
        await settle(function)
