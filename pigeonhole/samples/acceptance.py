"""Accepting the model's predictions as annotations, many at once, and taking them back.

An accepted annotation counts in lists, counts and exports. Models neither learn from it nor are
measured on it (see `tables.teaching`) until a person annotates the sample. All annotations of one
acceptance have the same time, by which it is continued and undone. Each call is one transaction of
bounded size, so a caller that stops halfway leaves a smaller acceptance, which can be undone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import F
from tortoise.functions import Count, Sum
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from pigeonhole import grouping
from pigeonhole.access import audit
from pigeonhole.classifier.intervals import Estimate
from pigeonhole.errors import ConflictError, InvalidError, NotFoundError
from pigeonhole.kinds import AnnotationSource
from pigeonhole.revisions import lock
from pigeonhole.samples.listing import Conditions, listed
from pigeonhole.services import events
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Model, Sample

BATCH = 500
"""The most samples of one transaction, which blocks other writes to their function."""
CONTINUED = timedelta(days=1)
"""How long an acceptance can be continued."""
CLOCKS = timedelta(minutes=1)
"""By how much the clocks of servers may differ."""


@dataclass(frozen=True)
class Acceptable:
    """What would be accepted, and the errors to expect."""

    version: int | None = None  # of the active model
    count: int = 0
    expected_errors: float = 0.0  # by the predictions' confidences
    error_rate: Estimate | None = None  # measured on held-out samples; None if on too few


@dataclass(frozen=True)
class Batch:
    """The samples that one call has accepted, or taken back, and whether more are left."""

    count: int
    more: bool
    at: datetime


async def preview(
    services: Services, function: Function, least: float, conditions: Conditions
) -> Acceptable:
    """Return what `accept` would accept.

    Raises:
        InvalidError: ``least`` is not from 0 to 1.
    """
    _check_share(least, ("minConfidence",))
    if function.active_model_id is None:
        return Acceptable()
    predictor = await services.predictors.active(function)
    version = predictor.model.version
    waiting = _waiting(function.id, version, least, conditions)
    counted: Any = waiting.annotate(count=Count("id"), sure=Sum("confidence"))
    [(count, sure)] = await counted.values_list("count", "sure")
    measured = predictor.held_out.error_rate(least)
    return Acceptable(
        version,
        count,
        count - (sure or 0.0),
        None if measured.too_early else measured,
    )


async def accept(
    services: Services,
    function_id: UUID,
    version: int,
    least: float,
    conditions: Conditions,
    *,
    at: datetime | None = None,
    record: audit.Record = audit.unrecorded,
) -> Batch:
    """Annotate the next samples with their predictions, the surest first.

    Args:
        version: The version of the active model as the caller knows it.
        least: The least confidence, 0 to 1.
        conditions: Which samples.
        at: The acceptance to continue. None: a new one.

    Raises:
        NotFoundError: Function not found.
        ConflictError: Another model is active.
        InvalidError: ``least`` is not from 0 to 1, or ``at`` is no time of a recent acceptance.
    """
    _check_share(least, ("input", "minConfidence"))
    now = datetime.now(UTC)
    if at is None:
        at = now.replace(microsecond=now.microsecond // 1_000 * 1_000)  # as precise as in the API
    elif not now - CONTINUED < at < now + CLOCKS:
        raise InvalidError(
            "`acceptedAt` must be a time of the last 24 hours that `acceptPredictions` returned.",
            path=("input", "acceptedAt"),
        )
    async with in_transaction():
        function = await _locked(function_id)
        active = await Model.get_or_none(id=function.active_model_id).only("version")
        if active is None or active.version != version:
            raise ConflictError(
                "The predictions are not of the active model. Read `acceptablePredictions` again.",
                path=("input", "version"),
            )
        waiting = _waiting(function_id, version, least, conditions)
        found = await _ids(waiting.order_by("-confidence", "id"))
        accepted: dict[str, Any] = {
            "label_id": F("predicted_id"),
            "annotation_source": AnnotationSource.ACCEPTED,
            "annotated_at": at,
            "annotated_by": record.by,
            "confirmed": False,
            "mistake_score": None,
            "informativeness": None,
            "updated_at": now,
        }
        await _write(found[:BATCH], accepted)
        if found:
            await record([function])
    await events.publish(services.broadcast, function_id)
    return Batch(len(found[:BATCH]), len(found) > BATCH, at)


async def undo(
    services: Services,
    function_id: UUID,
    at: datetime,
    *,
    record: audit.Record = audit.unrecorded,
) -> Batch:
    """Clear the next annotations of an acceptance, but none that a person has made since.

    Raises:
        NotFoundError: Function not found.
    """
    async with in_transaction():
        function = await _locked(function_id)
        accepted = Sample.filter(function_id=function_id, annotated_at=at)
        accepted = accepted.filter(annotation_source=AnnotationSource.ACCEPTED)
        found = await _ids(accepted.order_by("id"))
        await _clear(found[:BATCH])
        if found:
            await record([function])
    await events.publish(services.broadcast, function_id)
    return Batch(len(found[:BATCH]), len(found) > BATCH, at)


async def reject(ids: Collection[UUID]) -> None:
    """Clear those of these annotations that are accepted ones, in a transaction with the lock."""
    wrong = Sample.filter(id__in=list(ids), annotation_source=AnnotationSource.ACCEPTED)
    await _clear(await _ids(wrong))


def _waiting(
    function_id: UUID, version: int, least: float, conditions: Conditions
) -> QuerySet[Sample]:
    """Return a query for the samples without an annotation that this model is so sure of."""
    return listed(function_id, conditions).filter(
        label_id=None, predicted_id__isnull=False, confidence__gte=least, answer_version=version
    )


Found = Sequence[tuple[UUID, UUID | None]]
"""Samples and their groups of near-duplicates."""


async def _ids(samples: QuerySet[Sample]) -> Found:
    """Return a batch of samples, and one more if there are more."""
    rows: Any = samples.limit(BATCH + 1)
    found: Found = await rows.values_list("id", "group_id")
    return found


async def _write(found: Found, columns: dict[str, Any]) -> None:
    """Set columns of samples.

    No cache of samples needs to know: what models and searches keep in memory has none of these
    annotations (see `services.galleries`).
    """
    await Sample.filter(id__in=[id for id, _ in found]).update(**columns)
    await grouping.recount(group for _, group in found)


async def _clear(found: Found) -> None:
    cleared: dict[str, Any] = {
        "label_id": None,
        "annotation_source": None,
        "annotated_at": None,
        "annotated_by": None,
        "confirmed": False,
        "updated_at": datetime.now(UTC),
    }
    await _write(found, cleared)


async def _locked(function_id: UUID) -> Function:
    function = (await lock([function_id])).get(function_id)
    if function is None:
        raise NotFoundError("Function not found.", path=("input", "functionId"))
    return function


def _check_share(least: float, path: tuple[str, ...]) -> None:
    if not 0 <= least <= 1:
        raise InvalidError("Confidence must be between 0 and 1.", path=path)
