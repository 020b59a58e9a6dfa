"""Stored predictions of a function's active model for its samples."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from tortoise.transactions import in_transaction

from pigeonhole.errors import NotTrainedError
from pigeonhole.revisions import lock
from pigeonhole.services import database, events, jobs, looked_at
from pigeonhole.services.predictors import Prediction, Predictor, label_ids
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Sample

MOVED = 0.005
"""Least change of confidence that is written to a sample's row."""
BATCH = 500
"""Samples whose answers are written in one transaction, which blocks other writes to them."""
TICK_S = 1.0
"""Seconds between ticks while answers are written."""

READ = (
    "id",
    "function_id",
    "sha256",
    "embedded",
    "predicted_id",
    "confidence",
    "mistake_score",
    "answer_version",
)
"""The columns that answers are computed from and compared with."""


async def of_samples(
    services: Services, samples: Sequence[Sample], *, keep: bool = True
) -> dict[UUID, Prediction]:
    """Return each sample's prediction: held out if the model learned from it, otherwise its own.

    Samples without a prediction are left out: their function has no model, or they are not
    embedded yet. The vectors that are read stay in memory unless ``keep`` is false.
    """
    answers: dict[UUID, Prediction] = {}
    by_function = defaultdict(list)
    for sample in samples:
        by_function[sample.function_id].append(sample)
    for function in await Function.filter(id__in=list(by_function)):
        if function.active_model_id is not None:
            answers |= await _of_function(services, function, by_function[function.id], keep=keep)
    return answers


async def follow(services: Services, function_id: UUID) -> None:
    """Store a new active model's answers, or request that; call it after the model has changed.

    Samples that somebody looks at come first. A job stores what exceeds a batch, so that a large
    function does not delay the caller.
    """
    await refresh(services, function_id, await looked_at.recall(services.redis, function_id))
    if not await catch_up(services, function_id, batches=1):
        await jobs.request_answers(services.redis, function_id)


async def answer_function(services: Services, function_id: UUID) -> None:
    """Store the active model's answers of all samples with another model's; a job of the worker.

    Safe to run twice and at once. A model that becomes active meanwhile is used from the next
    batch on; the oldest answers are replaced first, so that frequent models starve no sample.

    Raises:
        Unfinished: There is more to do than one job should do.
    """
    deadline = time.monotonic() + jobs.ENOUGH_S
    while not await catch_up(services, function_id, until=deadline):
        if time.monotonic() > deadline:
            raise jobs.Unfinished


async def catch_up(
    services: Services,
    function_id: UUID,
    *,
    batches: int | None = None,
    until: float | None = None,
) -> bool:
    """Store answers batch by batch, oldest first; return whether all are the active model's.

    Args:
        batches: How many to store at most.
        until: When to stop, in the seconds of `time.monotonic`.
    """
    done, told = 0, time.monotonic()
    while True:
        function = await Function.get_or_none(id=function_id)
        if function is None or function.active_model_id is None:
            return True
        predictor = await services.predictors.active(function)
        rows = await _outdated(function_id, predictor.model.version)
        if not rows:
            if await _settle(function):
                await events.publish(services.broadcast, function_id)
                return True
            continue  # another model became active meanwhile
        if done == batches or (until is not None and time.monotonic() > until):
            return False
        done += await _store(services, function, predictor, rows)
        if time.monotonic() > told + TICK_S:
            told = time.monotonic()
            await events.publish(services.broadcast, function_id)


async def refresh(services: Services, function_id: UUID, ids: Sequence[UUID]) -> None:
    """Store what the active model says of these samples, if another's answers are stored."""
    waiting = list(ids)
    while waiting:
        function = await Function.get_or_none(id=function_id)
        if function is None or function.active_model_id is None:
            return
        predictor = await services.predictors.active(function)
        asked = Sample.filter(function_id=function_id, id__in=waiting[:BATCH], embedded=True)
        rows = await asked.only(*READ)
        rows = [row for row in rows if row.answer_version != predictor.model.version]
        if await _store(services, function, predictor, rows):
            del waiting[:BATCH]


async def _outdated(function_id: UUID, version: int) -> list[Sample]:
    """Return embedded samples whose stored answer is not of this version, oldest first.

    Runs three queries, each of which uses an index.
    """
    embedded = Sample.filter(function_id=function_id, embedded=True)
    found: list[Sample] = []
    for others in (
        embedded.filter(answer_version=None),
        embedded.filter(answer_version__lt=version).order_by("answer_version"),
        embedded.filter(answer_version__gt=version).order_by("answer_version"),
    ):
        if len(found) < BATCH:
            found += await others.limit(BATCH - len(found)).only(*READ)
    return found


async def _settle(function: Function) -> bool:
    """Note that all answers are stored, unless another model has become active."""
    same = Function.filter(id=function.id, active_model_id=function.active_model_id)
    return bool(await same.update(answered_revision=function.answer_revision))


async def _store(
    services: Services, function: Function, predictor: Predictor, rows: Sequence[Sample]
) -> bool:
    """Write a model's answers with samples; return False if it is no longer the active one."""
    existing = await label_ids(function.id)
    said = await most_likely(services, function, predictor, rows, existing)
    async with in_transaction():
        now = (await lock([function.id])).get(function.id)
        if now is None or now.active_model_id != function.active_model_id:
            return False  # answers of the previous model cannot be used
        await keep(rows, said, predictor, await label_ids(function.id))
    return True


async def keep(
    rows: Sequence[Sample],
    said: Mapping[UUID, tuple[UUID | None, float | None]],
    predictor: Predictor,
    existing: frozenset[UUID],
) -> None:
    """Write a model's answer to each sample's row, for filters and orders.

    Call it in a transaction that has locked the function. Answers are among ``existing`` labels.
    """
    version, moved, same = predictor.model.version, [], []
    learned = [row.id for row in rows if row.id in predictor.held_out.samples]
    labels = dict(await Sample.filter(id__in=learned).values_list("id", "label_id"))
    for row in rows:
        label, confidence = said.get(row.id, (None, None))
        if label not in existing:
            label = confidence = None
        score = predictor.held_out.mistake_score(row.id, labels.get(row.id))
        if (
            row.predicted_id != label
            or _differ(row.confidence, confidence)
            or _differ(row.mistake_score, score)
        ):
            moved.append([label and str(label), confidence, score, version, str(row.id)])
        else:
            same.append(row.id)
    await Sample.filter(id__in=same).update(answer_version=version)
    await database.update_many(
        "UPDATE sample SET predicted_id = ?, confidence = ?, mistake_score = ?, answer_version = ? "
        "WHERE id = ?",
        moved,
    )


async def most_likely(
    services: Services,
    function: Function,
    predictor: Predictor,
    samples: Sequence[Sample],
    existing: frozenset[UUID],
) -> dict[UUID, tuple[UUID | None, float | None]]:
    """Return the most likely label of each sample and its confidence, as `of_samples` does."""
    found: dict[UUID, tuple[UUID | None, float | None]] = {}
    unseen = []
    for sample in samples:
        answer = predictor.held_out.most_likely(sample.id, existing)
        if answer is None:
            unseen.append(sample)
        else:
            found[sample.id] = answer
    encoder = await services.encoding.load(function.encoder)
    vectors = await services.encoding.known(encoder, [sample.sha256 for sample in unseen])
    unseen = [sample for sample in unseen if sample.sha256 in vectors]
    if unseen:
        stacked = np.array([vectors[sample.sha256] for sample in unseen], np.float32)
        answers = await asyncio.to_thread(predictor.most_likely, stacked, existing)
        found |= {sample.id: answer for sample, answer in zip(unseen, answers, strict=True)}
    return found


def _differ(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(before - after) > MOVED


async def _of_function(
    services: Services, function: Function, samples: Sequence[Sample], *, keep: bool
) -> dict[UUID, Prediction]:
    predictor = await services.predictors.active(function)
    existing = await label_ids(function.id)
    answers, unseen = {}, []
    for sample in samples:
        held_out = predictor.held_out_prediction(
            sample.id, existing=existing, max_error_rate=function.max_error_rate
        )
        if held_out is not None:
            answers[sample.id] = held_out
        elif sample.embedded:
            unseen.append(sample)
    encoder = await services.encoding.load(function.encoder)
    vectors = await services.encoding.known(
        encoder, [sample.sha256 for sample in unseen], keep=keep
    )
    unseen = [sample for sample in unseen if sample.sha256 in vectors]
    if unseen:
        stacked = np.stack([vectors[sample.sha256] for sample in unseen]).astype(np.float32)
        try:
            predictions = await asyncio.to_thread(
                predictor.predict,
                stacked,
                existing=existing,
                max_error_rate=function.max_error_rate,
            )
        except NotTrainedError:  # its labels were deleted
            return answers
        answers |= {s.id: prediction for s, prediction in zip(unseen, predictions, strict=True)}
    return answers
