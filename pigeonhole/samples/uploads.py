"""Uploads: images become samples, each independently."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole import functions, grouping, look_alikes, names
from pigeonhole.access import audit
from pigeonhole.errors import ConflictError, LimitReachedError, PigeonholeError, TakenError
from pigeonhole.revisions import bump, lock, number_change, training_set_changed
from pigeonhole.samples.annotations import ANNOTATION, annotate_row, resolve
from pigeonhole.samples.captures import captured_today
from pigeonhole.samples.entries import Added as Added
from pigeonhole.samples.entries import DuplicatePolicy as DuplicatePolicy
from pigeonhole.samples.entries import NewSample as NewSample
from pigeonhole.samples.entries import Stored, read, store
from pigeonhole.services import events, jobs, orphans
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Invocation, Sample
from pigeonhole.webhooks import outbox


async def add(
    services: Services,
    function_id: UUID,
    entries: Sequence[NewSample],
    *,
    duplicates: DuplicatePolicy = DuplicatePolicy.MERGE,
    record: audit.Record = audit.unrecorded,
) -> list[Added]:
    """Add images, each independently: one that fails does not prevent the others.

    Raises:
        NotFoundError: Function not found.
    """
    await functions.get(function_id)
    decoded = await asyncio.gather(*(read(services, entry) for entry in entries))
    good = await store(services, [item for item in decoded if isinstance(item, Stored)])
    for attempt in (1, 2):
        try:
            async with in_transaction():
                await lock([function_id])
                function = await functions.get(function_id)
                changed = await _insert_all(services, function, good, duplicates, record.by)
                kept = [item for item in good if item.result.sample is not None]
                await orphans.claim([item.picture.sha256 for item in kept])
                if any(changed):
                    await bump(function_id)
                if made := [row for item in kept if (row := item.result.sample)]:
                    await record(made)
                told = await outbox.samples_captured(
                    function, [item.result.sample for item in kept if not item.result.duplicate]
                )
                await Function.filter(id=function_id).update(
                    upload_revision=F("upload_revision") + 1
                )
            break
        except IntegrityError:  # another client has added one of them meanwhile
            if attempt == 2:
                raise
    await outbox.deliver_soon(services, told)
    await jobs.request_embedding(services.redis, function_id)
    if any(changed):
        await training_set_changed(services, function_id)
    else:
        await events.publish(services.broadcast, function_id)
    return [item.result if isinstance(item, Stored) else item for item in decoded]


async def _insert_all(
    services: Services,
    function: Function,
    items: Sequence[Stored],
    duplicates: DuplicatePolicy,
    by: str | None,
) -> list[bool]:
    """Write the rows; return for each whether the training set changed."""
    most = services.settings.max_samples
    count = await Sample.filter(function_id=function.id).count()
    changed = []
    for item in items:
        changed.append(await _insert(function, item, duplicates, by, full=count >= most))
        count += item.result.sample is not None and not item.result.duplicate
        if item.entry.invocation_id is not None and item.result.sample is not None:
            invocation = Invocation.filter(id=item.entry.invocation_id)
            await invocation.update(sample_id=item.result.sample.id)
    return changed


async def _insert(
    function: Function,
    item: Stored,
    duplicates: DuplicatePolicy,
    by: str | None,
    *,
    full: bool,
) -> bool:
    """Write one entry's row; return whether the training set changed."""
    item.result.sample = item.result.error = label = None  # clear the result of an earlier attempt
    try:
        same = await _same(function, item)
        if same is None and full:
            raise LimitReachedError(
                "Limit of samples of this function reached. Delete some first.",
                path=(*item.entry.path, "image"),
            )
        most = item.entry.most_a_day
        if same is None and most is not None and await captured_today(function.id) >= most:
            raise LimitReachedError("Daily capture limit reached.")
        item.result.duplicate = same is not None
        if same is not None and duplicates == DuplicatePolicy.REJECT:
            raise TakenError(
                "The function already has this image.", path=(*item.entry.path, "image")
            )
        if same is not None and duplicates == DuplicatePolicy.SKIP:
            item.result.sample = same
            return False
        if same is not None:
            _check_external_id(same, item)
        if item.entry.label is not None:
            label = await resolve(
                function, item.entry.label, (*item.entry.path, item.entry.label_field)
            )
    except PigeonholeError as error:
        item.result.error = error
        return False
    if same is not None:
        item.result.sample = same
        missing = {
            column: value
            for column, value in _given(item).items()
            if value is not None and getattr(same, column) is None
        }
        if missing:
            await same.update_from_dict(missing).save(update_fields=[*missing, "updated_at"])
        if label is None:
            return False
        changed = annotate_row(same, label, item.entry.annotation_source, by)
        if changed:
            same.change = await number_change(function.id)
        await same.save(update_fields=ANNOTATION)
        await grouping.recount([same.group_id])
        return changed
    picture = item.picture
    item.result.sample = sample = Sample(
        function_id=function.id,
        source=item.entry.source,
        capture_reason=item.entry.capture_reason,
        sha256=picture.sha256,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        byte_size=picture.byte_size,
        **_given(item),
    )
    if label is not None:
        annotate_row(sample, label, item.entry.annotation_source, by)
    await sample.save(force_create=True)
    return label is not None


def _given(item: Stored) -> dict[str, Any]:
    """Return the names and the metadata of an image, by column."""
    name = names.file_name(item.entry.file_name)
    return {
        "external_id": item.external_id,
        "file_name": name,
        "file_name_key": name and look_alikes.folded(name),
        "metadata": item.metadata,
    }


def _check_external_id(same: Sample, item: Stored) -> None:
    """Refuse a second external ID for one image, which would be lost otherwise.

    Raises:
        ConflictError: The sample has another external ID.
    """
    if item.external_id is None or same.external_id in (None, item.external_id):
        return
    raise ConflictError(
        f"The function already has this image, with the external ID {same.external_id!r}, and "
        "nothing was changed. Omit `externalId` to use that sample.",
        path=(*item.entry.path, "externalId"),
    )


async def _same(function: Function, item: Stored) -> Sample | None:
    """Return the sample with the same image or external ID.

    Raises:
        TakenError: Another image has the external ID.
    """
    same = await Sample.get_or_none(function_id=function.id, sha256=item.picture.sha256)
    if item.external_id is not None:
        named = await Sample.get_or_none(function_id=function.id, external_id=item.external_id)
        if named is not None and named.sha256 != item.picture.sha256:
            raise TakenError(
                "Another sample of the function has this external ID.",
                path=(*item.entry.path, "externalId"),
            )
    return same
