"""Uploads: pictures become samples, each by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole import events, functions, images, jobs, names, pictures
from pigeonhole.errors import LimitReachedError, NotFoundError, PigeonholeError, TakenError
from pigeonhole.models import AnnotationSource, Function, Sample, SampleSource
from pigeonhole.revisions import bump, lock, training_set_changed
from pigeonhole.samples import ANNOTATION, LabelChoice, annotate_row, resolve
from pigeonhole.services import Services
from pigeonhole.storage import Kind

THUMBNAIL_SIDE = 256
"""Pixels that are enough to make a thumbnail of."""


class DuplicatePolicy(StrEnum):
    """What to do with a picture or external id that the function has already."""

    MERGE = "merge"
    SKIP = "skip"
    REJECT = "reject"


@dataclass(frozen=True)
class NewSample:
    """A picture to add; ``path`` is where it stands in the caller's arguments."""

    data: bytes | PigeonholeError
    path: tuple[str, ...]
    external_id: str | None = None
    label: LabelChoice | None = None
    label_field: str = "annotation"  # where the label stands below ``path``
    source: SampleSource = SampleSource.UPLOAD
    annotation_source: AnnotationSource = AnnotationSource.IMPORT
    most_a_day: int | None = None  # captures, beyond which it is not added


@dataclass
class Added:
    """What became of one entry: a sample, or an error."""

    sample: Sample | None = None
    duplicate: bool = False
    error: PigeonholeError | None = None


@dataclass(frozen=True)
class _Stored:
    entry: NewSample
    picture: images.Picture
    external_id: str | None
    result: Added = field(default_factory=Added)


async def add(
    services: Services,
    function_id: UUID,
    entries: Sequence[NewSample],
    *,
    duplicates: DuplicatePolicy = DuplicatePolicy.MERGE,
) -> list[Added]:
    """Add pictures, each by itself: one that fails does not stop the others.

    Raises:
        NotFoundError: There is no such function.
    """
    await functions.get(function_id)
    stored = await asyncio.gather(*(_store(services, entry) for entry in entries))
    good = [item for item in stored if isinstance(item, _Stored)]
    for attempt in (1, 2):
        try:
            async with in_transaction():
                await lock([function_id])
                function = await functions.get(function_id)
                changed = await _insert_all(services, function, good, duplicates)
                refused = {item.picture.sha256 for item in good if item.result.sample is None}
                await pictures.forget(refused)
                if any(changed):
                    await bump(function_id)
                await Function.filter(id=function_id).update(
                    upload_revision=F("upload_revision") + 1
                )
            break
        except NotFoundError:  # the function was deleted meanwhile
            await pictures.forget({item.picture.sha256 for item in good})
            raise
        except IntegrityError:  # someone else added one of them meanwhile: it is there now
            if attempt == 2:
                raise
    await jobs.request_embedding(services.redis, function_id)
    if any(changed):
        await training_set_changed(services, function_id)
    else:
        await events.publish(services.broadcast, function_id)
    return [item.result if isinstance(item, _Stored) else item for item in stored]


async def _store(services: Services, entry: NewSample) -> _Stored | Added:
    """Decode a picture and keep its bytes and thumbnail; or say why not."""
    try:
        if isinstance(entry.data, PigeonholeError):
            raise entry.data
        external_id = names.clean_text(
            entry.external_id, (*entry.path, "externalId"), longest=names.MAX_EXTERNAL_ID
        )
        picture, thumbnail = await asyncio.to_thread(_decode, services, entry.data)
    except PigeonholeError as error:
        error.path = error.path or (*entry.path, "image")
        return Added(error=error)
    await pictures.hold([picture.sha256])
    await asyncio.gather(
        services.storage.put(picture.sha256, entry.data, Kind.FULL),
        services.storage.put(picture.sha256, thumbnail, Kind.THUMBNAIL),
    )
    return _Stored(entry, picture, external_id)


def _decode(services: Services, data: bytes) -> tuple[images.Picture, bytes]:
    picture = images.decode(
        data,
        max_bytes=services.settings.max_image_bytes,
        max_pixels=services.settings.max_image_pixels,
        at_least=THUMBNAIL_SIDE,
    )
    return picture, images.thumbnail(picture)


async def _insert_all(
    services: Services, function: Function, items: Sequence[_Stored], duplicates: DuplicatePolicy
) -> list[bool]:
    """Write the rows; return for each whether the training set changed."""
    most = services.settings.max_samples
    count = await Sample.filter(function_id=function.id).count()
    changed = []
    for item in items:
        changed.append(await _insert(function, item, duplicates, full=count >= most))
        count += item.result.sample is not None and not item.result.duplicate
    return changed


async def _insert(
    function: Function, item: _Stored, duplicates: DuplicatePolicy, *, full: bool
) -> bool:
    """Write one entry's row; return whether the training set changed."""
    item.result.sample = item.result.error = label = None  # of an attempt before
    try:
        same = await _same(function, item)
        if same is None and full:
            raise LimitReachedError(
                "The function has as many samples as it may have.",
                path=(*item.entry.path, "image"),
            )
        most = item.entry.most_a_day
        if same is None and most is not None and await captured_today(function.id) >= most:
            raise LimitReachedError("As many pictures were captured today as may be.")
        item.result.duplicate = same is not None
        if same is not None and duplicates == DuplicatePolicy.REJECT:
            raise TakenError(
                "The function has this picture already.", path=(*item.entry.path, "image")
            )
        if same is not None and duplicates == DuplicatePolicy.SKIP:
            item.result.sample = same
            return False
        if item.entry.label is not None:
            label = await resolve(
                function, item.entry.label, (*item.entry.path, item.entry.label_field)
            )
    except PigeonholeError as error:
        item.result.error = error
        return False
    if same is not None:
        item.result.sample = same
        if item.external_id is not None and same.external_id is None:
            same.external_id = item.external_id
            await same.save(update_fields=["external_id", "updated_at"])
        if label is None:
            return False
        changed = annotate_row(same, label, item.entry.annotation_source)
        await same.save(update_fields=ANNOTATION)
        return changed
    picture = item.picture
    item.result.sample = sample = Sample(
        function_id=function.id,
        external_id=item.external_id,
        source=item.entry.source,
        sha256=picture.sha256,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        byte_size=picture.byte_size,
    )
    if label is not None:
        annotate_row(sample, label, item.entry.annotation_source)
    await sample.save(force_create=True)
    return label is not None


async def captured_today(function_id: UUID) -> int:
    """Samples that were captured since midnight (UTC)."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    captured = Sample.filter(function_id=function_id, source=SampleSource.CAPTURE)
    return await captured.filter(created_at__gte=midnight).count()


async def _same(function: Function, item: _Stored) -> Sample | None:
    """The sample that has the same picture or external id.

    Raises:
        TakenError: The external id is that of another picture.
    """
    same = await Sample.get_or_none(function_id=function.id, sha256=item.picture.sha256)
    if item.external_id is not None:
        named = await Sample.get_or_none(function_id=function.id, external_id=item.external_id)
        if named is not None and named.sha256 != item.picture.sha256:
            raise TakenError(
                "Another picture of the function has this external id.",
                path=(*item.entry.path, "externalId"),
            )
    return same
