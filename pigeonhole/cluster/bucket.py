"""Images of a bucket or folder: listed, read, embedded and inserted as samples, batch by batch.

Ray Data runs these steps on a cluster (`pigeonhole.cluster.embedding`); they do not need it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from pigeonhole import images, names
from pigeonhole.encoders import Encoder, parts
from pigeonhole.encoders.preprocessing import squared, transformed
from pigeonhole.encoders.wire import Description, packed, unpacked
from pigeonhole.errors import PigeonholeError
from pigeonhole.samples import bulk, entries
from pigeonhole.services.services import Services

SUFFIXES = (
    ".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff",
    ".webp",
)  # fmt: skip
"""Ends of the names of images; other objects of a bucket are not read."""
LISTED = 1_000
"""Keys of a listing that are compared with the database at once."""


@dataclass(frozen=True)
class Row:
    """An image on its way through the steps.

    Attributes:
        key: Its name in the bucket, below the prefix.
        refused: Why it cannot become a sample; empty if it can.
        about: What is known of it, as JSON.
        squares: Its parts, resized and cropped, as `wire.packed` packs them; empty later.
        vector: Its vector, float16; empty before.
    """

    key: str
    refused: str = ""
    about: str = ""
    squares: bytes = b""
    vector: bytes = b""


@dataclass
class Counts:
    """What became of images.

    Attributes:
        added: They are samples now.
        known: The function had them already, by content or external ID.
        refused: Why others are none, by key.
        full: Whether the quota of samples was reached.
    """

    added: int = 0
    known: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    full: bool = False


async def missing(
    source: ObjectStore, function_id: UUID, counts: Counts
) -> AsyncIterator[list[str]]:
    """Yield the keys of images that the function does not have, and count the others."""
    async for listed in source.list(chunk_size=LISTED):
        keys = [entry["path"] for entry in listed]
        keys = [key for key in keys if key.lower().endswith(SUFFIXES)]
        known = await bulk.named(function_id, keys)
        counts.known += len(known)
        yield [key for key in keys if key not in known]


async def read(
    services: Services, source: ObjectStore, about: Description, keys: Sequence[str]
) -> list[Row]:
    """Read images, store them and their thumbnails, and prepare them for an encoder."""
    return await asyncio.gather(*(_read(services, source, about, key) for key in keys))


async def _read(services: Services, source: ObjectStore, about: Description, key: str) -> Row:
    def prepared(picture: images.Picture) -> tuple[images.Picture, bytes, bytes]:
        cut = parts.cut(picture.rgb, picture.width, picture.height, about.seen)
        squares = [
            transformed(part, lambda rgb: squared(rgb, about.steps).astype(np.float32))
            for part in cut
        ]
        rows = packed(np.stack(squares).astype(np.uint8))
        return picture.without_pixels(), images.thumbnail(picture), rows

    try:
        names.clean_text(key, ("key",), longest=names.MAX_EXTERNAL_ID)
        found = await source.get_async(key)
        data = bytes(await found.bytes_async())
        picture, thumbnail, squares = await services.decoding.decode(
            data, prepared, at_least=max(about.image_size, entries.THUMBNAIL_SIDE)
        )
    except PigeonholeError as error:
        return Row(key, refused=error.message)
    except MemoryError:
        return Row(key, refused="There was too little memory to decode it.")
    except (BaseError, OSError) as error:  # of the source; those of the storage end the command
        return Row(key, refused=f"It could not be read: {error}")
    await bulk.store(services, picture.sha256, data, thumbnail)
    columns = ("sha256", "media_type", "width", "height", "byte_size")
    known = json.dumps({name: getattr(picture, name) for name in columns})
    return Row(key, about=known, squares=squares)


def embed(encoder: Encoder, rows: Sequence[Row]) -> list[Row]:
    """Embed prepared images, as many at a time as the encoder takes at once or more."""
    waiting = [row for row in rows if not row.refused]
    if not waiting:
        return list(rows)
    squares = [unpacked(row.squares) for row in waiting]
    vectors = encoder.embed(encoder.normalise(np.concatenate(squares)))
    ends = np.cumsum([len(each) for each in squares])
    joined = (parts.joined(each) for each in np.split(vectors, ends[:-1]))
    halves = iter([each.astype(np.float16).tobytes() for each in joined])
    return [
        row if row.refused else Row(row.key, about=row.about, vector=next(halves)) for row in rows
    ]


async def insert(
    services: Services, function_id: UUID, identity: str, rows: Sequence[Row]
) -> Counts:
    """Insert embedded images as samples; say what became of the rows."""
    refused = {row.key: row.refused for row in rows if row.refused}
    ready = [
        bulk.Embedded(row.key, vector=row.vector, **json.loads(row.about))
        for row in rows
        if not row.refused
    ]
    found = await bulk.insert(services, function_id, identity, ready)
    late = "It waited for more than an hour. Run the command again."
    refused |= dict.fromkeys(found.expired, late)
    return Counts(found.added, found.known, refused, found.full)


def columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Return rows as columns, by name."""
    dicts = [asdict(row) for row in rows]
    return {name: [each[name] for each in dicts] for name in Row.__dataclass_fields__}
