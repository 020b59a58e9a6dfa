"""Samples with their vectors, in batches of rows: images that were read and embedded elsewhere."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole import look_alikes, names
from pigeonhole.errors import NotFoundError
from pigeonhole.revisions import lock
from pigeonhole.services import events, jobs, orphans
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind
from pigeonhole.tables import Embedding, Function, Sample

NAMED_AT_ONCE = 500
"""External IDs that one query looks for."""


@dataclass(frozen=True)
class Embedded:
    """An image that is stored, with its vector."""

    external_id: str
    sha256: str
    media_type: str
    width: int
    height: int
    byte_size: int
    vector: bytes  # float16


@dataclass(frozen=True)
class Inserted:
    """What became of a batch.

    Attributes:
        added: How many images became samples.
        known: How many the function had already, by content or external ID.
        expired: External IDs of images that waited so long for their rows that they were deleted.
        full: Whether there was no room for all, by the quota of samples.
    """

    added: int
    known: int
    expired: list[str]
    full: bool


async def store(services: Services, sha256: str, data: bytes, thumbnail: bytes) -> None:
    """Store an image, which is deleted unless its row is inserted within an hour."""
    await orphans.hold([sha256])
    await asyncio.gather(
        services.storage.put(sha256, data),
        services.storage.put(sha256, thumbnail, Kind.THUMBNAIL),
    )


async def insert(
    services: Services, function_id: UUID, identity: str, images: Sequence[Embedded]
) -> Inserted:
    """Insert stored images as samples, with their vectors of an encoder, in one transaction.

    Workers take them over like uploads, but have nothing to compute for an encoder of the same
    identity. Safe to run twice and at once with the same images.

    Raises:
        NotFoundError: Function not found.
    """
    by_content = {each.sha256: each for each in reversed(images)}  # the first of equal ones
    async with in_transaction():
        if function_id not in await lock([function_id]):
            raise NotFoundError("Function not found.")
        stored = await orphans.hold_again(by_content)
        mine = Sample.filter(function_id=function_id)
        rows = await mine.filter(sha256__in=list(by_content)).only("sha256")
        contents = {row.sha256 for row in rows}
        taken_names = await named(function_id, [each.external_id for each in images])
        new = [
            each
            for each in by_content.values()
            if each.sha256 not in contents and each.external_id not in taken_names
        ]
        expired = [each.external_id for each in new if each.sha256 not in stored]
        new = [each for each in new if each.sha256 in stored]
        room = max(0, services.settings.max_samples - await mine.count())
        taken = new[:room]
        await Embedding.bulk_create(
            [Embedding(sha256=each.sha256, encoder=identity, vector=each.vector) for each in taken],
            ignore_conflicts=True,
        )
        await Sample.bulk_create([_row(function_id, each) for each in taken])
        await orphans.claim({each.sha256 for each in taken} | contents)
        if taken:
            more = {"upload_revision": F("upload_revision") + 1}
            await Function.filter(id=function_id).update(**more)
    if taken:
        await jobs.request_embedding(services.redis, function_id)
        await events.publish(services.broadcast, function_id)
    known = len(images) - len(expired) - len(new)
    return Inserted(len(taken), known, expired, full=len(new) > room)


async def named(function_id: UUID, external_ids: Collection[str]) -> set[str]:
    """Return which external IDs samples of a function have already."""
    wanted, found = list(external_ids), set[str]()
    for start in range(0, len(wanted), NAMED_AT_ONCE):
        some = wanted[start : start + NAMED_AT_ONCE]
        rows = Sample.filter(function_id=function_id, external_id__in=some)
        found.update(row.external_id for row in await rows.only("external_id") if row.external_id)
    return found


def _row(function_id: UUID, image: Embedded) -> Sample:
    name = names.file_name(image.external_id)
    return Sample(
        function_id=function_id,
        external_id=image.external_id,
        file_name=name,
        file_name_key=name and look_alikes.folded(name),
        sha256=image.sha256,
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        byte_size=image.byte_size,
    )
