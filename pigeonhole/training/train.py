"""Training: computes a new model from the current samples and activates it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog
from tortoise.expressions import F, Subquery
from tortoise.transactions import in_transaction

from pigeonhole import functions
from pigeonhole.classifier.review import Comparison
from pigeonhole.encoders import Encoder
from pigeonhole.errors import PigeonholeError
from pigeonhole.kinds import TrainingStage, TrainingState
from pigeonhole.revisions import lock
from pigeonhole.services import events, jobs, outages, tracing
from pigeonhole.services.held_out import HeldOut, pack_held_out
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Model, ModelArrays, Sample, TrainingRun
from pigeonhole.tables.teaching import TEACHES
from pigeonhole.training import answers, confusion, runs, vectors_learned
from pigeonhole.training.learning import Learned, is_worse
from pigeonhole.training.suggestions import suggest
from pigeonhole.webhooks import outbox

REPORT_S = 0.25
"""Seconds between reports of progress."""

FIT = {
    TrainingStage.SELECTING: (0.5, 0.8),
    TrainingStage.CROSS_VALIDATING: (0.8, 0.95),
    TrainingStage.FITTING: (0.95, 1.0),
}
"""A run's progress at the start and at the end of each stage of a fit."""

READ = ("id", "function_id", "sha256", "label_id", "group_id", "grouped", "embedded_for")
"""The columns that a run reads; reading all would take as long as a small fit."""

log = structlog.get_logger(__name__)


async def race_function(services: Services, function_id: UUID) -> None:
    """Train again with a full race if the last run reused an earlier one's choice; a job.

    Does nothing if annotations have changed meanwhile: their training comes first.

    Raises:
        AwayError: As in `train_function`.
        Unfinished: As in `train_function`.
    """
    async with in_transaction():
        await lock([function_id])
        owed = Function.filter(id=function_id, raced_revision__lt=F("trained_revision"))
        if not await owed.filter(revision=F("trained_revision")).update(revision=F("revision") + 1):
            return
    await train_function(services, function_id, race=True)


async def train_function(services: Services, function_id: UUID, *, race: bool = False) -> None:
    """Do the training that is owed; a job of the worker.

    Heads do not ``race`` if few samples have changed since their last race, unless it is demanded.

    Safe to run twice and at once: the newest revision wins, whoever finishes last. The run of a
    dead worker is continued by its successor. An outage of a service does not end a run.

    Raises:
        AwayError: The run waits for a service, and stays owed.
        Unfinished: There is more to do than one job should do.
    """
    function = await Function.get_or_none(id=function_id)
    if function is None or function.trained_revision == function.revision:
        return
    if not (await functions.readiness(function)).trainable:
        await runs.withdraw(function)
        await events.publish(services.broadcast, function_id)
        return
    run = await runs.run_of(function)
    try:
        await _carry_out(services, function, run, race=race or not function.auto_train)
    except runs.Canceled:
        log.info("training_canceled", function=str(function_id))
    except PigeonholeError as error:
        await runs.fail(services, function, run, error.message)
    except jobs.Unfinished:
        raise
    except Exception as error:
        away = outages.passing(error)
        if away is not None:
            await runs.wait(function, away)
            await events.publish(services.broadcast, function_id)
            raise outages.AwayError(away) from error
        if not await Function.exists(id=function_id):  # deleted meanwhile
            return
        failure = uuid4().hex[:8]
        log.exception("training_failed", function=str(function_id), error_id=failure)
        message = f"Internal server error. Report this ID to the operator: {failure}"
        await runs.fail(services, function, run, message)
    await events.publish(services.broadcast, function_id)
    await jobs.request_training_if_owed(services.redis, function_id)
    await answers.follow(services, function_id)
    await suggest(services, function_id)


async def _carry_out(
    services: Services, function: Function, run: TrainingRun, *, race: bool
) -> None:
    samples = Sample.filter(TEACHES, function_id=function.id)
    annotated = await samples.order_by("id").only(*READ)  # the order determines the folds
    claimed = await TrainingRun.filter(id=run.id, state__in=runs.OPEN).update(
        state=TrainingState.RUNNING,
        started_at=run.started_at or datetime.now(UTC),
        sample_count=len(annotated),
    )
    if not claimed:
        raise runs.Canceled
    encoder = await services.encoding.load(function.encoder)
    await vectors_learned.embed(services, encoder, function, run)
    vectors = await services.encoding.known(encoder, [row.sha256 for row in annotated], exact=True)
    unread = await vectors_learned.unread(annotated, vectors)
    labels = await Label.filter(function_id=function.id)
    if len(labels) < functions.FEWEST_LABELS:  # one was deleted a moment ago
        await runs.withdraw(function)
        return
    prototypes = await services.encoding.prototypes(encoder, labels)
    examples = vectors_learned.examples(annotated, vectors)
    known = (
        function.id,
        encoder.identity,
        prototypes,
        {example.id: example.label for example in examples},
    )
    choice = None if race else services.races.choice(*known)
    async with _reporting(services, function.id, run.id) as report:
        learned = await vectors_learned.fit(
            services, function, encoder, annotated, vectors, prototypes, report, choice
        )
    if learned.raced:
        services.races.keep(*known, learned.choice)
    old = None
    if function.active_model_id is not None:
        old = (await services.predictors.get(function.active_model_id)).held_out
    await publish(services, function, run, encoder, learned, old, unread)


class Report:
    """The progress of a fit, written by its thread and read by the event loop."""

    def __init__(self) -> None:
        self.stage, self.progress = TrainingStage.SELECTING, 0.5

    def __call__(self, stage: str, fraction: float) -> None:
        self.stage = TrainingStage(stage)
        start, end = FIT[self.stage]
        self.progress = start + (end - start) * fraction


@asynccontextmanager
async def _reporting(services: Services, function_id: UUID, run_id: UUID) -> AsyncIterator[Report]:
    """Write the progress of the fit at intervals, so that a short fit is not slowed down."""
    report = Report()

    async def write() -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            await runs.report(run_id, report.stage, report.progress)
            await events.publish(services.broadcast, function_id)

    writing = asyncio.create_task(write())
    try:
        with tracing.span("model.learn"):
            yield report
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError, runs.Canceled):
            await writing


async def publish(
    services: Services,
    function: Function,
    run: TrainingRun,
    encoder: Encoder,
    learned: Learned,
    old: HeldOut | None,
    unread: str | None = None,
) -> None:
    """Write the model, activate it unless it is worse, and finish the run, in one transaction.

    Its answers are owed from then on, and stored afterwards.
    """
    kept_back = None
    if old is not None:
        kept_back = unread or _why_kept_back(is_worse(old, learned.held_out))
    async with in_transaction():
        now = await lock([function.id])
        current = await TrainingRun.get_or_none(id=run.id)
        if not now or current is None or current.state != TrainingState.RUNNING:
            raise runs.Canceled
        if now[function.id].encoder != function.encoder:
            raise runs.Canceled  # the run stays open, and goes on with the other encoder
        model = await store(function, encoder, learned)
        await _prune(services, function, model)
        told = await outbox.model_made(now[function.id], run, model, kept_back)
        if kept_back is None:
            await Function.filter(id=function.id).update(
                active_model_id=model.id, answer_revision=F("answer_revision") + 1
            )
        await runs.settle(function, raced=learned.raced)
        await TrainingRun.filter(id=run.id).update(
            state=TrainingState.SUCCEEDED,
            stage=TrainingStage.DONE,
            progress=1.0,
            sample_count=len(learned.held_out.samples),
            accuracy=learned.metrics["accuracy"],
            model_id=model.id,
            kept_back=kept_back,
            waiting_for=None,
            finished_at=datetime.now(UTC),
        )
    await outbox.deliver_soon(services, told)


async def store(function: Function, encoder: Encoder, learned: Learned) -> Model:
    """Write a model as the next version, in a transaction that has locked the function."""
    last = await Model.filter(function_id=function.id).order_by("-version").first()
    model = await Model.create(
        function_id=function.id,
        version=last.version + 1 if last else 1,
        revision=function.revision,
        seed=learned.seed,
        encoder=encoder.name,
        encoder_identity=encoder.identity,
        classifier=learned.classifier,
        metrics=learned.metrics,
    )
    await ModelArrays.create(
        model_id=model.id, head=learned.head, held_out=pack_held_out(learned.held_out)
    )
    return model


async def _prune(services: Services, function: Function, newest: Model) -> None:
    """Delete the arrays of versions that are too old to answer again, and shrink their metrics."""
    last = newest.version - services.settings.kept_models
    old = Model.filter(function_id=function.id, version__lte=last)
    active = (await Function.get(id=function.id).only("id", "active_model_id")).active_model_id
    if active is not None:
        old = old.exclude(id=active)
    for arrays in await ModelArrays.filter(model_id__in=Subquery(old.values("id"))).only(
        "id", "model_id"
    ):
        # One at a time, because metrics may be large.
        model = await Model.get(id=arrays.model_id).only("id", "metrics")
        model.metrics = confusion.without_zeros(model.metrics)
        await model.save(update_fields=["metrics"])
        await arrays.delete()


def _why_kept_back(comparison: Comparison) -> str | None:
    if not comparison.worse:
        return None
    return (
        f"On the samples held out from both, the model before it was right on {comparison.lost} "
        f"where this one is wrong, and wrong on {comparison.gained} where this one is right "
        f"(one-sided McNemar test, p = {comparison.p_value:.3f})."
    )
