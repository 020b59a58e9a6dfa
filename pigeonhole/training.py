"""Training: from the samples as they are to the model that answers."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog
from tortoise.expressions import Subquery
from tortoise.transactions import in_transaction

from pigeonhole import answers, events, functions, jobs, runs
from pigeonhole.classifier.review import Comparison
from pigeonhole.embedding import embed_samples
from pigeonhole.encoders import Encoder
from pigeonhole.encoding import BATCH
from pigeonhole.errors import NotFoundError, PigeonholeError
from pigeonhole.learning import Example, Learned, is_worse, learn
from pigeonhole.models import (
    Function,
    Label,
    Model,
    ModelArrays,
    Sample,
    TrainingRun,
    TrainingStage,
    TrainingState,
)
from pigeonhole.predictions import HeldOut, label_ids, pack_held_out, too_old
from pigeonhole.revisions import lock
from pigeonhole.services import Services
from pigeonhole.suggestions import suggest

REPORT_S = 0.25
"""Seconds between reports of progress."""

FIT = {
    TrainingStage.SELECTING: (0.5, 0.8),
    TrainingStage.CROSS_VALIDATING: (0.8, 0.95),
    TrainingStage.FITTING: (0.95, 1.0),
}
"""Of each stage of a fit: a run's progress from its start to its end."""

READ = (
    "id",
    "function_id",
    "sha256",
    "label_id",
    "embedded",
    "predicted_id",
    "confidence",
    "mistake_score",
)
"""What a run reads of each sample: all columns would take as long as a small fit."""

log = structlog.get_logger(__name__)


async def activate(services: Services, id: UUID) -> Model:
    """Make a model the one that answers, an earlier one too, until a later run replaces it.

    Raises:
        NotFoundError: There is no such model.
        ConflictError: It is too old: its numbers are kept no longer.
    """
    model = await Model.get_or_none(id=id)
    if model is None:
        raise NotFoundError("There is no such model.", path=("input", "id"))
    async with in_transaction():
        await lock([model.function_id])
        if not await ModelArrays.exists(model_id=id):
            raise too_old(model)
        await Function.filter(id=model.function_id).update(active_model_id=id)
    rows = await Sample.filter(function_id=model.function_id).only("id")
    await answers.refresh(services, model.function_id, [row.id for row in rows])
    await events.publish(services.broadcast, model.function_id)
    return model


async def train_function(services: Services, function_id: UUID) -> None:
    """Do the training that is owed: the job of the worker.

    Safe to run twice and at once: the newest revision wins, whoever finishes last. A run whose
    worker died goes on where its successor finds it.
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
        await _carry_out(services, function, run)
    except runs.Canceled:
        log.info("training_canceled", function=str(function_id))
    except PigeonholeError as error:
        await runs.fail(function, run, error.message)
    except (jobs.Unfinished, asyncio.CancelledError):
        raise
    except Exception:
        failure = uuid4().hex[:8]
        log.exception("training_failed", function=str(function_id), error_id=failure)
        await runs.fail(function, run, f"Something went wrong here; the log knows it as {failure}.")
    await events.publish(services.broadcast, function_id)
    await jobs.request_training_if_owed(services.redis, function_id)
    await suggest(services, function_id)


async def _carry_out(services: Services, function: Function, run: TrainingRun) -> None:
    samples = Sample.filter(function_id=function.id).order_by("id")  # it decides the folds
    rows = await samples.only(*READ)
    annotated = [row for row in rows if row.label_id is not None]
    claimed = await TrainingRun.filter(id=run.id, state__in=runs.OPEN).update(
        state=TrainingState.RUNNING,
        started_at=run.started_at or datetime.now(UTC),
        sample_count=len(annotated),
    )
    if not claimed:
        raise runs.Canceled
    encoder = await services.encoding.load(function.encoder)
    await _embed(services, encoder, function, run, annotated)
    vectors = await services.encoding.known(encoder, [row.sha256 for row in rows])
    labels = await Label.filter(function_id=function.id)
    if len(labels) < functions.FEWEST_LABELS:  # one was deleted a moment ago
        await runs.withdraw(function)
        return
    prototypes = await services.encoding.prototypes(encoder, labels)
    examples = [Example(row.id, row.sha256, row.label_id) for row in rows]
    async with _reporting(services, function.id, run.id) as report:
        learned = await asyncio.to_thread(
            learn, examples, vectors, prototypes, encoder.near_duplicate, report
        )
    old = None
    if function.active_model_id is not None:
        old = (await services.predictors.get(function.active_model_id)).held_out
    await _publish(services, function, run, rows, encoder, learned, old)
    embedded = Sample.filter(function_id=function.id, embedded=True)
    late = [id for (id,) in await embedded.values_list("id") if id not in learned.answers]
    await answers.refresh(services, function.id, late)


async def _embed(
    services: Services,
    encoder: Encoder,
    function: Function,
    run: TrainingRun,
    annotated: list[Sample],
) -> None:
    """Embed the annotated samples that are not embedded yet."""
    waiting = [row for row in annotated if not row.embedded]
    deadline = time.monotonic() + jobs.ENOUGH_S
    for start in range(0, len(waiting), BATCH):
        if time.monotonic() > deadline:
            raise jobs.Unfinished
        progress = 0.5 * (len(annotated) - len(waiting) + start) / len(annotated)
        await runs.report(run.id, TrainingStage.EMBEDDING, progress)
        await events.publish(services.broadcast, function.id)
        await embed_samples(services, encoder, waiting[start : start + BATCH])


class Report:
    """Where a fit is, written by its thread and read by the loop."""

    def __init__(self) -> None:
        self.stage, self.progress = TrainingStage.SELECTING, 0.5

    def __call__(self, stage: str, fraction: float) -> None:
        self.stage = TrainingStage(stage)
        start, end = FIT[self.stage]
        self.progress = start + (end - start) * fraction


@asynccontextmanager
async def _reporting(services: Services, function_id: UUID, run_id: UUID) -> AsyncIterator[Report]:
    """Write where the fit is now and then, so that a short fit is not slowed by it at all."""
    report = Report()

    async def write() -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            await runs.report(run_id, report.stage, report.progress)
            await events.publish(services.broadcast, function_id)

    writing = asyncio.create_task(write())
    try:
        yield report
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError, runs.Canceled):
            await writing


async def _publish(
    services: Services,
    function: Function,
    run: TrainingRun,
    rows: list[Sample],
    encoder: Encoder,
    learned: Learned,
    old: HeldOut | None,
) -> None:
    """Write the model, make it the active one unless it is worse, and settle the run.

    All of it or nothing.
    """
    kept_back = None if old is None else _why_kept_back(is_worse(old, learned.held_out))
    async with in_transaction():
        now = await lock([function.id])
        current = await TrainingRun.get_or_none(id=run.id)
        if not now or current is None or current.state != TrainingState.RUNNING:
            raise runs.Canceled
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
        await _prune(services, function, model)
        if kept_back is None:
            await Function.filter(id=function.id).update(active_model_id=model.id)
            existing = await label_ids(function.id)
            await answers.keep(rows, learned.answers, learned.held_out, existing)
        await runs.settle(function)
        await TrainingRun.filter(id=run.id).update(
            state=TrainingState.SUCCEEDED,
            stage=TrainingStage.DONE,
            progress=1.0,
            accuracy=learned.metrics["accuracy"],
            model_id=model.id,
            kept_back=kept_back,
            finished_at=datetime.now(UTC),
        )


async def _prune(services: Services, function: Function, newest: Model) -> None:
    """Let go of the numbers of versions that are too old to answer again."""
    last = newest.version - services.settings.kept_models
    old = Model.filter(function_id=function.id, version__lte=last)
    active = (await Function.get(id=function.id).only("id", "active_model_id")).active_model_id
    if active is not None:
        old = old.exclude(id=active)
    await ModelArrays.filter(model_id__in=Subquery(old.values("id"))).delete()


def _why_kept_back(comparison: Comparison) -> str | None:
    if not comparison.worse:
        return None
    return (
        f"On the samples held out from both, the model before it was right on {comparison.lost} "
        f"where this one is wrong, and wrong on {comparison.gained} where this one is right "
        f"(one-sided McNemar test, p = {comparison.p_value:.3f})."
    )
