"""Which samples of a function, in which order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Case, F, RawSQL, Subquery, When
from tortoise.functions import Coalesce
from tortoise.queryset import QuerySet

from pigeonhole.errors import NotFoundError
from pigeonhole.models import Model, Sample, SampleSource
from pigeonhole.paging import Order
from pigeonhole.predictions import Predictor
from pigeonhole.services import Services


@dataclass(frozen=True)
class Conditions:
    """What a sample must be, all at once; None asks nothing. Ranges are from, and up to below."""

    annotated: bool | None = None
    disputed: bool | None = None
    label_ids: Sequence[UUID] | None = None
    predicted_label_ids: Sequence[UUID] | None = None
    confidence: tuple[float | None, float | None] = (None, None)
    source: SampleSource | None = None
    created_at: tuple[datetime | None, datetime | None] = (None, None)


def listed(function_id: UUID, conditions: Conditions) -> QuerySet[Sample]:
    """The samples of a function that meet conditions."""
    query = Sample.filter(function_id=function_id)
    if conditions.annotated is not None:
        query = query.filter(label_id__isnull=not conditions.annotated)
    if conditions.disputed is not None:
        both = query.filter(label_id__isnull=False, predicted_id__isnull=False, confirmed=False)
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
    if conditions.source is not None:
        query = query.filter(source=conditions.source)
    for column, (gte, lt) in (
        ("confidence", conditions.confidence),
        ("created_at", conditions.created_at),
    ):
        if gte is not None:
            query = query.filter(**{f"{column}__gte": gte})
        if lt is not None:
            query = query.filter(**{f"{column}__lt": lt})
    return query


def ordered(
    query: QuerySet[Sample], field: str, descending: bool
) -> tuple[QuerySet[Sample], Order]:
    """A query with the order that pages of it are read in; rows without the field come last.

    An annotation that somebody confirmed counts as one that no mistake is suspected of.
    """
    if field == "id":
        return query, Order(None, descending)
    last = -1.0 if descending else 2.0  # beyond every rate
    rank = Coalesce(field, last)
    if field == "mistake_score":
        settled = When(confirmed=True, then=last)  # type: ignore[arg-type] # it takes numbers too
        return query.annotate(rank=Case(settled, default=rank)), Order("rank", descending)
    return query.annotate(rank=rank), Order("rank", descending)


def disputed(sample: Sample) -> bool:
    """Whether a person and the model disagree about a sample, and nobody has settled it."""
    both = sample.label_id is not None and sample.predicted_id is not None
    return both and sample.label_id != sample.predicted_id and not sample.confirmed


def behind(predictor: Predictor, annotated: UUID, predicted: UUID) -> QuerySet[Sample]:
    """The samples behind one cell of a model's confusion matrix."""
    held_out = predictor.held_out
    index = {label: position for position, label in enumerate(held_out.labels)}
    cell = (index.get(annotated), index.get(predicted))
    ids = [
        id
        for id, row in held_out.samples.items()
        if (held_out.truth[row], held_out.top[row, 0]) == cell
    ]
    return among(predictor.model.function_id, ids)


async def changed(services: Services, model: Model, version: int) -> QuerySet[Sample]:
    """The samples that two versions answer differently, each held out from both.

    Raises:
        NotFoundError: The function has no such version.
    """
    other = await Model.get_or_none(function_id=model.function_id, version=version)
    if other is None:
        raise NotFoundError(f"The function has no version {version}.", path=("version",))
    now = (await services.predictors.get(model.id)).held_out
    then = (await services.predictors.get(other.id)).held_out
    ids = [
        id
        for id, row in now.samples.items()
        if id in then.samples
        and now.labels[now.top[row, 0]] != then.labels[then.top[then.samples[id], 0]]
    ]
    return among(model.function_id, ids)


def among(function_id: UUID, ids: Collection[UUID]) -> QuerySet[Sample]:
    """The samples of a function that have one of these ids, however many they are.

    They stand in the statement itself: databases take some 32,000 parameters at most.
    """
    if not ids:
        return Sample.filter(id__in=[])
    literals = ", ".join(f"'{id}'" for id in ids)
    return Sample.filter(function_id=function_id, id__in=RawSQL(f"({literals})"))
