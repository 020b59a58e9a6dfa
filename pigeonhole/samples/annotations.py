"""Samples and their annotations: reading, annotating and clearing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from pigeonhole import grouping, labels
from pigeonhole.access import audit
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.kinds import AnnotationSource
from pigeonhole.revisions import bump, lock, number_change, training_set_changed
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Sample
from pigeonhole.tables.teaching import teaches

ANNOTATION = (
    "label_id",
    "annotation_source",
    "annotated_at",
    "annotated_by",
    "confirmed",
    "mistake_score",
    "informativeness",
    "change",
    "updated_at",
)
"""The columns that an annotation sets."""

NOTHING_CONFIRMED: Mapping[UUID, bool] = {}

Expected = Mapping[UUID, UUID | None]
"""Samples with the label that the writer expects them to have; None for no label."""

NOTHING_EXPECTED: Expected = {}


@dataclass(frozen=True)
class LabelChoice:
    """A label given by its ID, or by its name, which is created if missing."""

    id: UUID | None = None
    name: str | None = None


@dataclass(frozen=True)
class Written:
    """A sample after a write to its annotation, with the error if it was left unchanged."""

    sample: Sample
    conflict: ConflictError | None = None


async def get(id: UUID, path: Sequence[str]) -> Sample:
    """Return a sample by its ID.

    Raises:
        NotFoundError: The sample does not exist.
    """
    sample = await Sample.get_or_none(id=id)
    if sample is None:
        raise NotFoundError("Sample not found.", path=path)
    return sample


async def annotate(
    services: Services,
    annotations: Sequence[tuple[UUID, LabelChoice, tuple[str, ...]]],
    *,
    source: AnnotationSource = AnnotationSource.PERSON,
    confirmed: Mapping[UUID, bool] = NOTHING_CONFIRMED,
    expected: Expected = NOTHING_EXPECTED,
    record: audit.Record = audit.unrecorded,
) -> list[Written]:
    """Annotate samples, all or none, and request training of their functions.

    Samples that are not as expected stay unchanged and do not prevent the others.

    Args:
        annotations: Sample, label, and their path in the caller's arguments.
        confirmed: Samples whose label is confirmed against the model, or no longer is. Others
            keep this state if they keep their label; otherwise they are not confirmed.
        expected: The labels that the writer expects some of the samples to have.

    Raises:
        NotFoundError: A sample or label does not exist.
        ConflictError: A label belongs to another function.
        RequiredError, TooLongError, InvalidError, LimitReachedError: A label cannot be created.
    """
    async with in_transaction():
        written, changed = await write(annotations, source, confirmed, expected, by=record.by)
        await _record(record, written)
    for function_id in changed:
        await training_set_changed(services, function_id)
    return written


async def write(
    annotations: Sequence[tuple[UUID, LabelChoice, tuple[str, ...]]],
    source: AnnotationSource,
    confirmed: Mapping[UUID, bool] = NOTHING_CONFIRMED,
    expected: Expected = NOTHING_EXPECTED,
    *,
    by: str | None,
) -> tuple[list[Written], set[UUID]]:
    """Do the work of `annotate` in its transaction; return also whose training sets changed."""
    written, changed = [], set()
    rows, owning = await _locked([id for id, _, _ in annotations])
    numbers: dict[UUID, int] = {}
    for id, choice, path in annotations:
        if id not in rows:
            raise NotFoundError("Sample not found.", path=(*path, "sampleId"))
        sample = rows[id]
        conflict = _conflict(sample, expected, path)
        if conflict is not None:
            written.append(Written(sample, conflict))
            continue
        label = await resolve(owning[sample.function_id], choice, (*path, "label"))
        if annotate_row(sample, label, source, by):
            changed.add(sample.function_id)
            if sample.function_id not in numbers:
                numbers[sample.function_id] = await number_change(sample.function_id)
            sample.change = numbers[sample.function_id]
        sample.confirmed = confirmed.get(id, sample.confirmed)
        await sample.save(update_fields=ANNOTATION)
        written.append(Written(sample))
    await grouping.recount(one.sample.group_id for one in written)
    for function_id in changed:
        await bump(function_id)
    return written, changed


async def clear(
    services: Services,
    ids: Sequence[UUID],
    *,
    expected: Expected = NOTHING_EXPECTED,
    record: audit.Record = audit.unrecorded,
) -> list[Written]:
    """Clear annotations, all or none.

    Samples that are not as expected stay unchanged and do not prevent the others.

    Raises:
        NotFoundError: Sample not found.
    """
    async with in_transaction():
        path = ("input", "sampleIds")
        written = [
            Written(row, _conflict(row, expected, (*path, str(index))))
            for index, row in enumerate(await existing(ids, "sampleIds"))
        ]
        rows = [one.sample for one in written if one.conflict is None]
        changed = {row.function_id for row in rows if row.label_id is not None}
        numbers = {function_id: await number_change(function_id) for function_id in changed}
        for row in rows:
            row.label_id = row.annotated_at = row.annotated_by = row.mistake_score = None
            row.confirmed = False
            row.change = numbers.get(row.function_id, row.change)
            row.annotation_source = None  # type: ignore[assignment] # tortoise types it as not null
            await row.save(update_fields=ANNOTATION)
        await grouping.recount(row.group_id for row in rows)
        for function_id in changed:
            await bump(function_id)
        await _record(record, written)
    for function_id in changed:
        await training_set_changed(services, function_id)
    return written


def _conflict(sample: Sample, expected: Expected, path: tuple[str, ...]) -> ConflictError | None:
    """Return the error for a sample that somebody else has annotated meanwhile."""
    if sample.id not in expected or sample.label_id == expected[sample.id]:
        return None
    return ConflictError(
        "The sample's annotation is not the expected one, and was not changed. Read it again.",
        path=path,
    )


async def _record(record: audit.Record, written: Sequence[Written]) -> None:
    changed = [one.sample for one in written if one.conflict is None]
    if changed:
        await record(changed)


async def _locked(ids: Sequence[UUID]) -> tuple[dict[UUID, Sample], dict[UUID, Function]]:
    """Return samples, and lock their functions until the transaction ends."""
    samples = Sample.filter(id__in=list(ids))
    owning = await lock({row.function_id for row in await samples.only("function_id")})
    rows = {row.id: row for row in await samples}
    await asyncio.sleep(0)  # others run between these rows, of which 100 take 4 ms, and their use
    return rows, owning


async def existing(ids: Sequence[UUID], field: str) -> list[Sample]:
    """Return samples, and lock their functions until the transaction ends.

    Raises:
        NotFoundError: Sample not found.
    """
    rows, _ = await _locked(ids)
    for index, id in enumerate(ids):
        if id not in rows:
            raise NotFoundError("Sample not found.", path=("input", field, str(index)))
    return [rows[id] for id in dict.fromkeys(ids)]


async def resolve(function: Function, choice: LabelChoice, path: tuple[str, ...]) -> Label:
    """Return the label of a choice, created if given by a new name; within a transaction.

    Raises:
        NotFoundError: There is no label with this ID.
        ConflictError: It belongs to another function.
        RequiredError, TooLongError, InvalidError, LimitReachedError: It cannot be created.
    """
    if choice.name is not None:
        return await labels.named(function, choice.name, (*path, "labelName"))
    assert choice.id is not None
    label = await labels.get(choice.id, (*path, "labelId"))
    if label.function_id != function.id:
        raise ConflictError("Label belongs to another function.", path=(*path, "labelId"))
    return label


def annotate_row(sample: Sample, label: Label, source: AnnotationSource, by: str | None) -> bool:
    """Set a row's annotation without saving it; return whether the training set changes.

    It does with the label, and when an accepted prediction becomes a person's annotation.
    """
    changed = sample.label_id != label.id or not teaches(sample)
    if changed:  # these belong to the previous annotation
        sample.mistake_score = sample.informativeness = None
        sample.confirmed = False
    sample.label_id = label.id
    sample.annotation_source = source
    sample.annotated_at = datetime.now(UTC)
    sample.annotated_by = by
    return changed
