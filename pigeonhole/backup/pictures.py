"""The images that rows refer to, each checked against its digest."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pigeonhole.errors import NotFoundError
from pigeonhole.services.storage import Kind, Storage

AT_ONCE = 16
"""Images that are copied concurrently."""

Progress = Callable[[int], None]


def nothing(_: int) -> None:
    """Show no progress."""


@dataclass
class Moved:
    """The numbers of rows and images moved, and the digests of images with a problem."""

    rows: int = 0
    pictures: int = 0
    missing: list[str] = field(default_factory=list)  # images that rows refer to but are not stored
    damaged: list[str] = field(default_factory=list)  # images whose bytes differ from their digest


async def each(
    wanted: list[str], do: Callable[[Kind, str], Awaitable[None]], progress: Progress
) -> None:
    """Call ``do`` for each kind of each image, ``AT_ONCE`` images concurrently."""
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        await asyncio.gather(*(do(kind, sha256) for sha256 in some for kind in Kind))
        progress(len(some))


async def found(storage: Storage, moved: Moved, kind: Kind, sha256: str) -> bytes | None:
    """Return an image's bytes, and note if they are damaged; note it and return None if missing."""
    try:
        data = await storage.get(sha256, kind)
    except NotFoundError:
        lacks(moved, kind, sha256)
        return None
    check(moved, kind, sha256, data)
    return data


def lacks(moved: Moved, kind: Kind, sha256: str) -> None:
    """Note an image that is missing."""
    if kind is Kind.FULL:  # an image that was only classified has no thumbnail
        moved.missing.append(sha256)


def check(moved: Moved, kind: Kind, sha256: str, data: bytes) -> None:
    """Note an image whose bytes do not match its digest."""
    if kind is Kind.FULL and hashlib.sha256(data).hexdigest() != sha256:
        moved.damaged.append(sha256)
