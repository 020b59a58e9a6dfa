"""Images on their way to become samples: decoded, and stored before their rows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import structlog

from pigeonhole import images, names
from pigeonhole.errors import PigeonholeError
from pigeonhole.kinds import AnnotationSource, CaptureReason, SampleSource
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services import orphans
from pigeonhole.services.refusals import reason, refusal_of
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind
from pigeonhole.tables import Sample

THUMBNAIL_SIDE = 256
"""Pixels a side that suffice for a thumbnail."""

log = structlog.get_logger(__name__)


class DuplicatePolicy(StrEnum):
    """What to do with an image or external ID that the function already has."""

    MERGE = "merge"
    SKIP = "skip"
    REJECT = "reject"


@dataclass(frozen=True)
class NewSample:
    """An image to add; ``path`` is its place in the caller's arguments."""

    data: bytes | PigeonholeError
    path: tuple[str, ...]
    external_id: str | None = None
    file_name: str | None = None
    label: LabelChoice | None = None
    label_field: str = "annotation"  # the field of the label below ``path``
    source: SampleSource = SampleSource.UPLOAD
    capture_reason: CaptureReason | None = None
    annotation_source: AnnotationSource = AnnotationSource.IMPORT
    most_a_day: int | None = None  # captures a day, beyond which the image is not added
    invocation_id: UUID | None = None  # the invocation of the image, which is linked to the sample
    metadata: object = None  # as the caller gave it


@dataclass
class Added:
    """The result of one entry: a sample or an error."""

    sample: Sample | None = None
    duplicate: bool = False
    error: PigeonholeError | None = None


@dataclass(frozen=True)
class Stored:
    """An image whose bytes have been decoded."""

    entry: NewSample
    picture: images.Picture
    external_id: str | None
    metadata: dict[str, str] | None
    data: Mapping[Kind, bytes]
    result: Added = field(default_factory=Added)


async def read(services: Services, entry: NewSample) -> Stored | Added:
    """Decode an image and make its thumbnail, or return the error."""
    try:
        if isinstance(entry.data, PigeonholeError):
            raise entry.data
        external_id = names.clean_text(
            entry.external_id, (*entry.path, "externalId"), longest=names.MAX_EXTERNAL_ID
        )
        metadata = names.clean_metadata(entry.metadata, (*entry.path, "metadata"))
        picture, thumbnail = await services.decoding.decode(
            entry.data, _with_thumbnail, at_least=THUMBNAIL_SIDE
        )
    except (MemoryError, PigeonholeError) as error:
        refusal = error if isinstance(error, PigeonholeError) else refusal_of(error)
        assert refusal is not None  # too little memory is a temporary problem
        refusal.path = refusal.path or (*entry.path, "image")
        return Added(error=refusal)
    return Stored(
        entry,
        picture,
        external_id,
        metadata,
        {Kind.FULL: entry.data, Kind.THUMBNAIL: thumbnail},
    )


async def store(services: Services, items: Sequence[Stored]) -> list[Stored]:
    """Store the bytes of images; return those stored, and set the error of the others."""
    await orphans.hold([item.picture.sha256 for item in items])

    async def put(item: Stored) -> None:
        try:
            await asyncio.gather(
                *(
                    services.storage.put(item.picture.sha256, data, kind)
                    for kind, data in item.data.items()
                )
            )
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            log.warning("image_not_kept", code=refusal.code, reason=reason(error))
            refusal.path = (*item.entry.path, "image")
            item.result.error = refusal

    await asyncio.gather(*(put(item) for item in items))
    return [item for item in items if item.result.error is None]


def _with_thumbnail(picture: images.Picture) -> tuple[images.Picture, bytes]:
    """Return a picture without its pixels, which a batch would hold, and its thumbnail."""
    return picture.without_pixels(), images.thumbnail(picture)
