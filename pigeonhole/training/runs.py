"""Training runs: starting, following and canceling them."""

from datetime import UTC, datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole import functions
from pigeonhole.access import audit
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.kinds import TrainingStage, TrainingState
from pigeonhole.revisions import lock
from pigeonhole.services import events, jobs, outages
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, TrainingRun
from pigeonhole.webhooks import outbox

OPEN = (TrainingState.QUEUED, TrainingState.RUNNING)


class Canceled(Exception):  # noqa: N818 - not an error: it was requested
    """The run was canceled while it was in progress."""


async def start(
    services: Services, function_id: UUID, *, record: audit.Record = audit.unrecorded
) -> TrainingRun:
    """Start a run, or return the one already queued or running.

    Raises:
        NotFoundError: Function not found.
        ConflictError: The function cannot be trained yet.
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
        await record([run])
    await jobs.request_training(services.redis, function_id, delay_s=0)
    await events.publish(services.broadcast, function_id)
    return run


async def cancel(
    services: Services, id: UUID, *, record: audit.Record = audit.unrecorded
) -> TrainingRun:
    """Cancel a run; the model stays unchanged until annotations change again.

    Raises:
        NotFoundError: The run does not exist.
        ConflictError: The run has ended.
    """
    run = await TrainingRun.get_or_none(id=id)
    if run is None:
        raise NotFoundError("Training run not found.", path=("input", "id"))
    async with in_transaction():
        await lock([run.function_id])
        stopped = await TrainingRun.filter(id=id, state__in=OPEN).update(
            state=TrainingState.CANCELED, waiting_for=None, finished_at=datetime.now(UTC)
        )
        if not stopped:
            raise ConflictError("The training run has already ended.", path=("input", "id"))
        function = await functions.get(run.function_id)
        await settle(function)
        await record([run])
    await events.publish(services.broadcast, run.function_id)
    return await TrainingRun.get(id=id)


async def run_of(function: Function) -> TrainingRun:
    """Return the run that replaces the function's last one, created if missing."""
    try:
        run, _ = await TrainingRun.get_or_create(
            function_id=function.id, replaces=function.trained_revision
        )
    except IntegrityError:  # another process has created it meanwhile
        run = await TrainingRun.get(function_id=function.id, replaces=function.trained_revision)
    return run


async def report(run_id: UUID, stage: TrainingStage, progress: float) -> None:
    """Write the progress of a run, which never decreases, even if another worker continues it.

    Raises:
        Canceled: The run was canceled, or finished by another worker.
    """
    running = TrainingRun.filter(id=run_id, state=TrainingState.RUNNING)
    if not await running.update(stage=stage, waiting_for=None):
        raise Canceled
    await running.filter(progress__lt=progress).update(progress=progress)


async def wait(function: Function, what: str) -> None:
    """Record in a function's open run what it waits for, unless the database is unavailable."""
    try:
        await TrainingRun.filter(function_id=function.id, state__in=OPEN).update(waiting_for=what)
    except Exception as error:
        if outages.passing(error) is None:
            raise


async def settle(function: Function, *, raced: bool = True) -> None:
    """Record that the revision which a run has seen is finished, and whether its heads raced."""
    finished = {"trained_revision": function.revision}
    if raced:
        finished["raced_revision"] = function.revision
    await Function.filter(id=function.id, trained_revision__lt=function.revision).update(**finished)


async def withdraw(function: Function) -> None:
    """Cancel the queued run, if any, of a function that has too few labels."""
    async with in_transaction():
        await lock([function.id])
        await TrainingRun.filter(function_id=function.id, state__in=OPEN).update(
            state=TrainingState.CANCELED,
            failure="Fewer than two labels were left when its turn came.",
            waiting_for=None,
            finished_at=datetime.now(UTC),
        )
        await settle(function)


async def fail(services: Services, function: Function, run: TrainingRun, failure: str) -> None:
    """End a run without a model, for a reason that a person can read.

    A run that another worker has finished stays as it is; what it has not learned from stays owed.
    """
    async with in_transaction():
        await lock([function.id])
        failed = await TrainingRun.filter(id=run.id, state__in=OPEN).update(
            state=TrainingState.FAILED,
            failure=failure,
            waiting_for=None,
            finished_at=datetime.now(UTC),
        )
        if not failed:
            return
        await settle(function)
        told = await outbox.training_failed(function, run, failure)
    await outbox.deliver_soon(services, told)
