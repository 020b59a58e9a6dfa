"""Filters and orders of lists of samples."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import F, Q, RawSQL, Subquery
from tortoise.queryset import QuerySet

from pigeonhole import look_alikes
from pigeonhole.errors import NotFoundError
from pigeonhole.kinds import AnnotationSource, CaptureReason, SampleSource
from pigeonhole.paging import Order
from pigeonhole.services.held_out import HeldOut
from pigeonhole.services.predictors import Predictor
from pigeonhole.services.services import Services
from pigeonhole.tables import Model, Sample
from pigeonhole.tables.teaching import ANNOTATED


@dataclass(frozen=True)
class Conditions:
    """Conditions that all must hold; None is no condition. Ranges include their lower end only."""

    annotated: bool | None = None
    disputed: bool | None = None
    label_ids: Sequence[UUID] | None = None
    predicted_label_ids: Sequence[UUID] | None = None
    confidence: tuple[float | None, float | None] = (None, None)
    source: SampleSource | None = None
    capture_reasons: Sequence[CaptureReason] | None = None
    annotation_sources: Sequence[AnnotationSource] | None = None
    created_at: tuple[datetime | None, datetime | None] = (None, None)
    file_name: str | None = None  # a part of the file name, in any case


def listed(function_id: UUID, conditions: Conditions) -> QuerySet[Sample]:
    """Return a query for the samples of a function that meet conditions."""
    query = Sample.filter(function_id=function_id)
    if conditions.annotated is not None:
        query = query.filter(ANNOTATED if conditions.annotated else Q(label_id=None))
    if conditions.disputed is not None:
        both = query.filter(
            label_id__isnull=False,
            predicted_id__isnull=False,
            mistake_score__gte=0.0,
            confirmed=False,
        )
        query = (
            both.exclude(label_id=F("predicted_id"))
            if conditions.disputed
            else query.exclude(
                id__in=Subquery(both.exclude(label_id=F("predicted_id")).values("id"))
            )
        )
    if conditions.label_ids is not None:
        query = query.filter(label_id__in=list(conditions.label_ids))
    if conditions.predicted_label_ids is not None:
        query = query.filter(predicted_id__in=list(conditions.predicted_label_ids))
    if conditions.file_name is not None:
        query = query.filter(file_name_key__contains=look_alikes.folded(conditions.file_name))
    if conditions.source is not None:
        query = query.filter(source=conditions.source)
    if conditions.capture_reasons is not None:
        # Only captured samples have a reason, and the index starts with the source.
        query = query.filter(
            source=SampleSource.CAPTURE, capture_reason__in=list(conditions.capture_reasons)
        )
    if conditions.annotation_sources is not None:
        query = query.filter(annotation_source__in=list(conditions.annotation_sources))
    for column, (gte, lt) in (
        ("confidence", conditions.confidence),
        ("created_at", conditions.created_at),
    ):
        if gte is not None:
            query = query.filter(**{f"{column}__gte": gte})
        if lt is not None:
            query = query.filter(**{f"{column}__lt": lt})
    return query


def ordered(field: str, descending: bool) -> Order:
    """Return the order of pages; rows without the field come last.

    A confirmed annotation counts as one that is not suspected to be a mistake.
    """
    if field == "id":
        return Order(None, descending)
    # All values are at least 0. Indexes of rows that have one are used for a range, but by SQLite
    # not for "NOT ... IS NULL".
    at_least: dict[str, Any] = {f"{field}__gte": 0.0}
    absent: dict[str, Any] = {field: None}
    valued, others = Q(**at_least), Q(**absent)
    if field == "mistake_score":
        valued, others = valued & Q(confirmed=False), others | Q(confirmed=True)
    return Order(field, descending, (valued, others))


def disputed(sample: Sample) -> bool:
    """Return the condition that annotation and model disagree and nobody has confirmed either.

    An annotation that the model cannot judge, as while its label is the only one with samples, is
    not disputed.
    """
    both = sample.label_id is not None and sample.predicted_id is not None
    judged = sample.mistake_score is not None and not sample.confirmed
    return both and judged and sample.label_id != sample.predicted_id


async def behind(predictor: Predictor, annotated: UUID, predicted: UUID) -> QuerySet[Sample]:
    """Return the samples behind one cell of a model's confusion matrix."""
    ids = await asyncio.to_thread(_behind, predictor.held_out, annotated, predicted)
    return among(predictor.model.function_id, ids)


def _behind(held_out: HeldOut, annotated: UUID, predicted: UUID) -> list[UUID]:
    if annotated not in held_out.labels or predicted not in held_out.labels:
        return []
    truth, top = held_out.labels.index(annotated), held_out.labels.index(predicted)
    rows = (held_out.truth == truth) & (held_out.top[:, 0] == top)
    return [id for id, row in held_out.samples.items() if rows[row]]


async def changed(services: Services, model: Model, version: int) -> QuerySet[Sample]:
    """Return the samples that two versions predict differently, each held out from both.

    Raises:
        NotFoundError: The function has no such version.
    """
    other = await Model.get_or_none(function_id=model.function_id, version=version)
    if other is None:
        raise NotFoundError(f"Version {version} not found.", path=("version",))
    now = (await services.predictors.get(model.id)).held_out
    then = (await services.predictors.get(other.id)).held_out
    return among(model.function_id, await asyncio.to_thread(_changed, now, then))


def _changed(now: HeldOut, then: HeldOut) -> list[UUID]:
    answers = [now.labels[index] for index in now.top[:, 0].tolist()]
    before = [then.labels[index] for index in then.top[:, 0].tolist()]
    return [
        id
        for id, row in now.samples.items()
        if id in then.samples and answers[row] != before[then.samples[id]]
    ]


def among(function_id: UUID, ids: Collection[UUID]) -> QuerySet[Sample]:
    """Return a query for the samples of a function with any of these IDs, of any number.

    The IDs are part of the statement, because databases accept some 32,000 parameters at most.
    """
    if not ids:
        return Sample.filter(id__in=[])
    literals = ", ".join(f"'{id}'" for id in ids)
    return Sample.filter(function_id=function_id, id__in=RawSQL(f"({literals})"))
