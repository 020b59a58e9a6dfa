"""The trash: deleted samples, which come back with their annotations until they are purged.

A deleted sample is a row of a table of its own. So training, lists, counts and quotas leave it out
without asking, and what it named stays stored.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole import grouping, look_alikes
from pigeonhole.access import audit
from pigeonhole.errors import ConflictError, LimitReachedError, NotFoundError, PigeonholeError
from pigeonhole.revisions import bump, lock, number_change, training_set_changed
from pigeonhole.samples.annotations import existing
from pigeonhole.services import events, jobs, orphans
from pigeonhole.services.deletions import deletes
from pigeonhole.services.services import Services
from pigeonhole.tables import DeletedSample, Function, Sample

COLUMNS = (
    "function_id",
    "external_id",
    "file_name",
    "metadata",
    "source",
    "capture_reason",
    "sha256",
    "media_type",
    "width",
    "height",
    "byte_size",
    "label_id",
    "annotation_source",
    "annotated_at",
    "annotated_by",
    "confirmed",
    "created_at",
)
"""What the trash keeps of a sample. The rest is computed again."""
BATCH = 100
"""Samples purged in one transaction."""


@dataclass(frozen=True)
class Restored:
    """The result for one deleted sample: it is back, or why it is not."""

    sample: Sample | None = None
    error: PigeonholeError | None = None


@deletes
async def delete(
    services: Services,
    ids: Sequence[UUID],
    *,
    permanently: bool = False,
    record: audit.Record = audit.unrecorded,
) -> list[DeletedSample]:
    """Move samples with their annotations to the trash, all or none, and return them.

    The trash of a function holds as many samples as a function may have; the oldest make room.

    Args:
        permanently: Delete them for good, with the images that nothing else names; return nothing.

    Raises:
        NotFoundError: Sample not found.
    """
    kept: list[DeletedSample] = []
    async with in_transaction():
        rows = await existing(ids, "ids")
        trained: dict[UUID, bool] = defaultdict(bool)
        for row in rows:
            trained[row.function_id] |= row.label_id is not None
        if not permanently and services.settings.kept_deleted_days > 0:
            kept = [_kept(row) for row in rows]
            await DeletedSample.bulk_create(kept)
            for function_id in trained:
                await _make_room(function_id, services.settings.max_samples)
        await Sample.filter(id__in=[row.id for row in rows]).delete()
        await orphans.forget({row.sha256 for row in rows})
        apart: dict[UUID, bool] = {}
        for function_id in trained:
            await number_change(function_id, deletes=True)
            groups = [row.group_id for row in rows if row.function_id == function_id]
            apart[function_id] = await grouping.left(function_id, groups)
        for function_id in (id for id, changed in trained.items() if changed):
            await bump(function_id)
        await record(rows)
    for function_id, changed in trained.items():
        if apart[function_id]:
            await jobs.request_grouping(services.redis, function_id)
        if changed:
            await training_set_changed(services, function_id)
        else:
            await events.publish(services.broadcast, function_id)
    return kept


async def restore(
    services: Services, ids: Sequence[UUID], *, record: audit.Record = audit.unrecorded
) -> list[Restored]:
    """Bring samples back from the trash with their IDs and annotations, each independently.

    One whose image the function has again stays in the trash, so that no annotation is lost.

    Raises:
        NotFoundError: Deleted sample not found; nothing was restored.
    """
    results: list[Restored] = []
    async with in_transaction():
        rows = await _deleted(ids)
        learned, owning = set[UUID](), {row.function_id for row in rows}
        for index, row in enumerate(rows):
            try:
                await _check_free(row, services.settings.max_samples, ("input", "ids", str(index)))
            except PigeonholeError as error:
                results.append(Restored(error=error))
                continue
            sample = _sample(row)
            await sample.save(force_create=True)
            await row.delete()
            results.append(Restored(sample))
            if sample.label_id is not None:
                learned.add(row.function_id)
        await Function.filter(id__in=list(owning)).update(upload_revision=F("upload_revision") + 1)
        for function_id in learned:
            await bump(function_id)
        back = [one.sample for one in results if one.sample is not None]
        await orphans.claim([row.sha256 for row in back])
        if back:
            await record(back)
    for function_id in owning:
        await jobs.request_embedding(services.redis, function_id)
        if function_id in learned:
            await training_set_changed(services, function_id)
        else:
            await events.publish(services.broadcast, function_id)
    return results


@deletes
async def purge(
    services: Services, ids: Sequence[UUID], *, record: audit.Record = audit.unrecorded
) -> None:
    """Delete samples in the trash for good, all or none, with images that nothing else names.

    Raises:
        NotFoundError: Deleted sample not found.
    """
    async with in_transaction():
        rows = await _deleted(ids)
        await record(rows)
        await _purge(rows)
    for function_id in {row.function_id for row in rows}:
        await events.publish(services.broadcast, function_id)


async def sweep(days: int) -> int:
    """Purge what has been in the trash for this many days; return how many samples."""
    purged = 0
    while True:
        async with in_transaction():
            old = DeletedSample.filter(deleted_at__lte=datetime.now(UTC) - timedelta(days=days))
            rows = await old.select_for_update(skip_locked=True).limit(BATCH)
            if not rows:
                return purged
            await _purge(rows)
            purged += len(rows)


def purged_at(row: DeletedSample, days: int) -> datetime:
    """Return when a sample will have been in the trash for this many days."""
    return row.deleted_at + timedelta(days=days)


def _kept(row: Sample) -> DeletedSample:
    return DeletedSample(sample_id=row.id, **{name: getattr(row, name) for name in COLUMNS})


def _sample(row: DeletedSample) -> Sample:
    columns = {name: getattr(row, name) for name in COLUMNS}
    if row.label_id is None:  # its label may have been deleted meanwhile
        columns |= dict.fromkeys(("annotation_source", "annotated_at", "annotated_by"))
        columns["confirmed"] = False
    name = row.file_name
    return Sample(id=row.sample_id, file_name_key=name and look_alikes.folded(name), **columns)


async def _deleted(ids: Sequence[UUID]) -> list[DeletedSample]:
    """Return samples in the trash, and lock their functions until the transaction ends."""
    query = DeletedSample.filter(id__in=list(ids))
    await lock({row.function_id for row in await query.only("id", "function_id")})
    rows = {row.id: row for row in await query}
    for index, id in enumerate(ids):
        if id not in rows:
            raise NotFoundError("Deleted sample not found.", path=("input", "ids", str(index)))
    return [rows[id] for id in dict.fromkeys(ids)]


async def _check_free(row: DeletedSample, most: int, path: tuple[str, ...]) -> None:
    """Check that the function has room for a deleted sample, in a transaction with the lock.

    Raises:
        ConflictError: The function has its image or its external ID again.
        LimitReachedError: The function has as many samples as it may have.
    """
    samples = Sample.filter(function_id=row.function_id)
    if await samples.filter(sha256=row.sha256).exists():
        raise ConflictError(
            "The function has this image again. Delete that sample first.", path=path
        )
    if row.external_id is not None and await samples.filter(external_id=row.external_id).exists():
        raise ConflictError(
            f"Another sample of the function has the external ID {row.external_id!r}. Delete it "
            "first.",
            path=path,
        )
    if await samples.count() >= most:
        raise LimitReachedError(
            "Limit of samples of this function reached. Delete some first.", path=path
        )


async def _make_room(function_id: UUID, most: int) -> None:
    """Purge the oldest deleted samples of a function beyond a number."""
    rows = DeletedSample.filter(function_id=function_id)
    excess = await rows.count() - most
    if excess > 0:
        await _purge(await rows.order_by("id").limit(excess))


async def _purge(rows: Sequence[DeletedSample]) -> None:
    await DeletedSample.filter(id__in=[row.id for row in rows]).delete()
    await orphans.forget({row.sha256 for row in rows})
