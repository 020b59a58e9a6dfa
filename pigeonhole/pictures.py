"""Pictures that rows name: kept before the first row, let go after the last."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from tortoise.transactions import in_transaction

from pigeonhole.models import Embedding, Invocation, Orphan, Sample
from pigeonhole.services import Services
from pigeonhole.storage import Kind

GRACE = timedelta(hours=1)
"""How long a picture that no row names stays, so that an upload under way never loses it."""


async def hold(sha256s: Collection[str]) -> None:
    """Before pictures are stored for new rows: whoever sweeps shall leave them alone.

    Waits for a sweep that is just now deleting one of them; what is stored afterwards stays.
    """
    await Orphan.filter(sha256__in=list(sha256s)).delete()


async def forget(sha256s: Collection[str]) -> None:
    """After rows were deleted, in their transaction: pictures that no row names may go later."""
    unnamed = set(sha256s) - await _named(sha256s)
    await Orphan.bulk_create([Orphan(sha256=sha256) for sha256 in unnamed], ignore_conflicts=True)


async def sweep(services: Services) -> int:
    """Delete what has been without a row for a while; return how many pictures went."""
    deleted = 0
    old = Orphan.filter(since__lt=datetime.now(UTC) - GRACE)
    for sha256 in [row.sha256 for row in await old.limit(1_000)]:
        async with in_transaction():
            orphan = await Orphan.select_for_update().get_or_none(sha256=sha256)
            if orphan is None:
                continue
            if not await _named([sha256]):
                for kind in Kind:
                    await services.storage.delete(sha256, kind)
                await Embedding.filter(sha256=sha256).delete()
                deleted += 1
            await orphan.delete()
    return deleted


async def _named(sha256s: Collection[str]) -> set[str]:
    wanted, named = list(sha256s), set[str]()
    for start in range(0, len(wanted), 1_000):  # databases bound the values of one query
        some = wanted[start : start + 1_000]
        for table in (Sample, Invocation):
            named.update(row.sha256 for row in await table.filter(sha256__in=some).only("sha256"))
    return named
