"""What a function's active model says of its samples."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from tortoise.transactions import in_transaction

from pigeonhole import database
from pigeonhole.errors import NotTrainedError
from pigeonhole.models import Function, Sample
from pigeonhole.predictions import HeldOut, Prediction, label_ids
from pigeonhole.revisions import lock
from pigeonhole.services import Services

MOVED = 0.005
"""A change of confidence that is worth writing to a sample's row."""
BATCH = 1_000
"""Samples whose answers are written in one transaction."""


async def of_samples(services: Services, samples: Sequence[Sample]) -> dict[UUID, Prediction]:
    """Each sample's prediction: held out if the model learned from it, else the model's own.

    Samples without one are left out: their function has no model, or they are not embedded yet.
    """
    answers: dict[UUID, Prediction] = {}
    by_function = defaultdict(list)
    for sample in samples:
        by_function[sample.function_id].append(sample)
    for function in await Function.filter(id__in=list(by_function)):
        if function.active_model_id is not None:
            answers |= await _of_function(services, function, by_function[function.id])
    return answers


async def refresh(services: Services, function_id: UUID, ids: Sequence[UUID]) -> None:
    """Keep what the active model says of samples, which so far have another model's answer."""
    waiting = list(ids)
    while waiting:
        function = await Function.get_or_none(id=function_id)
        if function is None or function.active_model_id is None:
            return
        rows = await Sample.filter(id__in=waiting[:BATCH], embedded=True)
        said = await _of_function(services, function, rows)
        held_out = (await services.predictors.active(function)).held_out
        async with in_transaction():
            now = (await lock([function_id])).get(function_id)
            if now is None or now.active_model_id != function.active_model_id:
                continue  # it was replaced meanwhile: what it said is of no use
            answered = {id: (answer.label_id, answer.confidence) for id, answer in said.items()}
            await keep(rows, answered, held_out, await label_ids(function_id))
        del waiting[:BATCH]


async def keep(
    rows: Sequence[Sample],
    said: Mapping[UUID, tuple[UUID, float]],
    held_out: HeldOut,
    existing: frozenset[UUID],
) -> None:
    """Write what a model says of each sample with the sample, for filters and orders.

    In a transaction that has locked the function. Labels that are not ``existing`` are no answers.
    """
    moved = []
    for row in rows:
        label, confidence = said.get(row.id, (None, None))
        if label not in existing:
            label = confidence = None
        score = held_out.mistake_score(row.id)
        if (
            row.predicted_id != label
            or _differ(row.confidence, confidence)
            or _differ(row.mistake_score, score)
        ):
            moved.append([label and str(label), confidence, score, str(row.id)])
    await database.update_many(
        "UPDATE sample SET predicted_id = ?, confidence = ?, mistake_score = ? WHERE id = ?", moved
    )


def _differ(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(before - after) > MOVED


async def _of_function(
    services: Services, function: Function, samples: Sequence[Sample]
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
    vectors = await services.encoding.known(encoder, [sample.sha256 for sample in unseen])
    unseen = [sample for sample in unseen if sample.sha256 in vectors]
    if unseen:
        stacked = np.stack([vectors[sample.sha256] for sample in unseen]).astype(np.float32)
        try:
            predictions = predictor.predict(
                stacked, existing=existing, max_error_rate=function.max_error_rate
            )
        except NotTrainedError:  # its labels were deleted
            return answers
        answers |= {s.id: prediction for s, prediction in zip(unseen, predictions, strict=True)}
    return answers
