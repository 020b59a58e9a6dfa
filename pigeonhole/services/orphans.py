"""Orphans: stored images that no row names, deleted after a grace period."""

import asyncio
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from tortoise.transactions import in_transaction

from pigeonhole.services.deletions import deletes
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind, Storage
from pigeonhole.tables import DeletedSample, Embedding, Invocation, Orphan, Sample

NAMING = (Sample, DeletedSample, Invocation)
"""The tables whose rows name images."""
GRACE = timedelta(hours=1)
"""How long an image that no row names is kept, so that no running upload loses it."""
PREFIXES = 4
"""Folders of the storage, of 256, that one call compares with the rows: all within an hour."""
LOOKED = "pigeonhole:storage-looked-at"
"""Counter of the folders that have been compared."""
BATCH = 100
"""Images deleted in one transaction."""
ENOUGH_S = 60.0
"""Seconds that one sweep takes at most; the next one goes on."""


async def hold(sha256s: Collection[str]) -> None:
    """Note images as orphans before they are stored, until their rows are written.

    So an image whose row is never written is deleted after ``GRACE``, wherever the process ended,
    and not before. Waits for a sweep that is deleting one of them at the moment.
    """
    noted = [Orphan(sha256=sha256, since=datetime.now(UTC)) for sha256 in sorted(set(sha256s))]
    await Orphan.bulk_create(noted, on_conflict=["sha256"], update_fields=["since"])


async def hold_again(sha256s: Collection[str]) -> set[str]:
    """Return which stored images are still there, in the transaction that writes their rows.

    The others were deleted, because their rows came later than ``GRACE``. None of those returned is
    deleted before the transaction ends.
    """
    noted = Orphan.filter(sha256__in=list(sha256s))
    await noted.update(since=datetime.now(UTC))  # waits for a sweep that is deleting one of them
    held = {row.sha256 for row in await noted.only("sha256")}
    return held | await _named(set(sha256s) - held)


async def claim(sha256s: Collection[str]) -> None:
    """Remove images from the orphans, in the transaction that writes their rows."""
    await Orphan.filter(sha256__in=list(sha256s)).delete()


async def forget(sha256s: Collection[str]) -> None:
    """Note images that no row names any more, in the transaction that deletes the rows."""
    unnamed = set(sha256s) - await _named(sha256s)
    await Orphan.bulk_create([Orphan(sha256=sha256) for sha256 in unnamed], ignore_conflicts=True)


@deletes
async def sweep(services: Services, *, enough_s: float = ENOUGH_S) -> int:
    """Delete orphans whose grace period is over; return how many.

    Works in batches until none is left or the time is used up.
    """
    deleted, ends_at = 0, time.monotonic() + enough_s
    while time.monotonic() < ends_at:
        async with in_transaction():
            old = Orphan.filter(since__lt=datetime.now(UTC) - GRACE)
            rows = await old.select_for_update(skip_locked=True).limit(BATCH)
            if not rows:
                break
            found = [row.sha256 for row in rows]
            gone = sorted(set(found) - await _named(found))
            deletes = (services.storage.delete(sha256, kind) for sha256 in gone for kind in Kind)
            await asyncio.gather(*deletes)
            await Embedding.filter(sha256__in=gone).delete()
            await Orphan.filter(sha256__in=found).delete()
            deleted += len(gone)
    return deleted


async def look(services: Services, prefixes: int = PREFIXES) -> int:
    """Note stored images that no row names, as when a server was killed during an upload.

    Each call lists the next few of the 256 folders; Redis remembers the position. Noted images are
    deleted after the usual grace period, unless a row names them by then. Returns how many.
    """
    noted = 0
    for _ in range(prefixes):
        prefix = f"{await services.redis.incr(LOOKED) % 256:02x}"
        unnamed = await unnamed_within(services.storage, prefix)
        known = {row.sha256 for row in await Orphan.filter(sha256__startswith=prefix)}
        await Orphan.bulk_create(
            [Orphan(sha256=sha256) for sha256 in sorted(unnamed - known)], ignore_conflicts=True
        )
        noted += len(unnamed - known)
    return noted


async def unnamed_within(storage: Storage, prefix: str) -> set[str]:
    """Return the stored pictures of a prefix, two hexadecimal digits, that no row names."""
    stored = {name for kind in Kind for name in await storage.names(kind, prefix)}
    return stored - await _named(stored)


async def missing_within(storage: Storage, prefix: str) -> set[str]:
    """Return the images of a prefix that rows name but that are not stored."""
    named: set[str] = set()
    for table in NAMING:
        rows = table.filter(sha256__startswith=prefix).distinct()
        named.update(str(sha256) for (sha256,) in await rows.values_list("sha256"))
    return named - await storage.names(Kind.FULL, prefix)


async def _named(sha256s: Collection[str]) -> set[str]:
    wanted, named = list(sha256s), set[str]()
    for start in range(0, len(wanted), 1_000):  # databases limit the values of one query
        some = wanted[start : start + 1_000]
        for table in NAMING:
            named.update(row.sha256 for row in await table.filter(sha256__in=some).only("sha256"))
    return named
