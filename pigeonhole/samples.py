"""Samples: the pictures of a function, and what people say they show."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from pigeonhole import events, labels, pictures
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.models import AnnotationSource, Function, Label, Sample
from pigeonhole.revisions import bump, lock, training_set_changed
from pigeonhole.services import Services

ANNOTATION = (
    "label_id",
    "annotation_source",
    "annotated_at",
    "confirmed",
    "mistake_score",
    "informativeness",
    "updated_at",
)
"""The columns that an annotation sets."""

NOTHING_CONFIRMED: Mapping[UUID, bool] = {}


@dataclass(frozen=True)
class LabelChoice:
    """A label by its id, or by its name, which is made if it is not there."""

    id: UUID | None = None
    name: str | None = None


async def get(id: UUID, path: Sequence[str]) -> Sample:
    """A sample by its id.

    Raises:
        NotFoundError: There is none.
    """
    sample = await Sample.get_or_none(id=id)
    if sample is None:
        raise NotFoundError("There is no such sample.", path=path)
    return sample


async def annotate(
    services: Services,
    annotations: Sequence[tuple[UUID, LabelChoice, tuple[str, ...]]],
    *,
    source: AnnotationSource = AnnotationSource.PERSON,
    confirmed: Mapping[UUID, bool] = NOTHING_CONFIRMED,
) -> list[Sample]:
    """Say what samples show; all of them or none. Their functions learn from it.

    Args:
        annotations: Sample, label, and where they stand in the caller's arguments.
        confirmed: Samples of which somebody holds to the label whatever the model says, or no
            longer does. The others are as they were if they keep their label, and else are not.

    Raises:
        NotFoundError: There is no such sample or label.
        ConflictError: A label is another function's.
        RequiredError, TooLongError, InvalidError, LimitReachedError: A new label's name.
    """
    async with in_transaction():
        found, changed = await write(annotations, source, confirmed)
    for function_id in changed:
        await training_set_changed(services, function_id)
    return found


async def write(
    annotations: Sequence[tuple[UUID, LabelChoice, tuple[str, ...]]],
    source: AnnotationSource,
    confirmed: Mapping[UUID, bool] = NOTHING_CONFIRMED,
) -> tuple[list[Sample], set[UUID]]:
    """What `annotate` does within its transaction; also return whose training sets changed."""
    found, changed = [], set()
    rows, owning = await _locked([id for id, _, _ in annotations])
    for id, choice, path in annotations:
        if id not in rows:
            raise NotFoundError("There is no such sample.", path=(*path, "sampleId"))
        sample = rows[id]
        label = await resolve(owning[sample.function_id], choice, (*path, "label"))
        if annotate_row(sample, label, source):
            changed.add(sample.function_id)
        sample.confirmed = confirmed.get(id, sample.confirmed)
        await sample.save(update_fields=ANNOTATION)
        found.append(sample)
    for function_id in changed:
        await bump(function_id)
    return found, changed


async def clear(services: Services, ids: Sequence[UUID]) -> list[Sample]:
    """Take annotations away; all of them or none.

    Raises:
        NotFoundError: There is no such sample.
    """
    async with in_transaction():
        rows = await _existing(ids, "sampleIds")
        changed = {row.function_id for row in rows if row.label_id is not None}
        for row in rows:
            row.label_id = row.annotated_at = row.mistake_score = None
            row.confirmed = False
            row.annotation_source = None  # type: ignore[assignment] # tortoise types it as not null
            await row.save(update_fields=ANNOTATION)
        for function_id in changed:
            await bump(function_id)
    for function_id in changed:
        await training_set_changed(services, function_id)
    return rows


async def delete(services: Services, ids: Sequence[UUID]) -> None:
    """Remove samples, their annotations, and pictures that nothing else names; all or none.

    Raises:
        NotFoundError: There is no such sample.
    """
    async with in_transaction():
        rows = await _existing(ids, "ids")
        trained: dict[UUID, bool] = defaultdict(bool)
        for row in rows:
            trained[row.function_id] |= row.label_id is not None
        await Sample.filter(id__in=[row.id for row in rows]).delete()
        await pictures.forget({row.sha256 for row in rows})
        for function_id in (id for id, changed in trained.items() if changed):
            await bump(function_id)
    for function_id, changed in trained.items():
        if changed:
            await training_set_changed(services, function_id)
        else:
            await events.publish(services.broadcast, function_id)


async def _locked(ids: Sequence[UUID]) -> tuple[dict[UUID, Sample], dict[UUID, Function]]:
    """Samples and their functions, which nobody else writes until the transaction ends."""
    samples = Sample.filter(id__in=list(ids))
    owning = await lock({row.function_id for row in await samples.only("function_id")})
    return {row.id: row for row in await samples}, owning


async def _existing(ids: Sequence[UUID], field: str) -> list[Sample]:
    rows, _ = await _locked(ids)
    for index, id in enumerate(ids):
        if id not in rows:
            raise NotFoundError("There is no such sample.", path=("input", field, str(index)))
    return [rows[id] for id in dict.fromkeys(ids)]


async def resolve(function: Function, choice: LabelChoice, path: tuple[str, ...]) -> Label:
    """The label that a choice means, made if it is named and not there; within a transaction.

    Raises:
        NotFoundError: There is no label of this id.
        ConflictError: It is another function's.
        RequiredError, TooLongError, InvalidError, LimitReachedError: A new label's name.
    """
    if choice.name is not None:
        return await labels.named(function, choice.name, (*path, "labelName"))
    assert choice.id is not None
    label = await labels.get(choice.id, (*path, "labelId"))
    if label.function_id != function.id:
        raise ConflictError("The label is another function's.", path=(*path, "labelId"))
    return label


def annotate_row(sample: Sample, label: Label, source: AnnotationSource) -> bool:
    """Set a row's annotation, without saving it; return whether the label is another."""
    changed = sample.label_id != label.id
    if changed:  # these are of the annotation before
        sample.mistake_score = sample.informativeness = None
        sample.confirmed = False
    sample.label_id = label.id
    sample.annotation_source = source
    sample.annotated_at = datetime.now(UTC)
    return changed
