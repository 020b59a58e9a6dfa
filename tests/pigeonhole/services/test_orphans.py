"""Stored pictures without a row are found, and deleted after a grace period."""

import hashlib
from datetime import UTC, datetime

from pigeonhole.services import orphans
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind
from pigeonhole.tables import Orphan
from tests import build, make

STRAY = hashlib.sha256(b"stray").hexdigest()


async def test_a_picture_without_a_row_is_recorded_and_deleted_after_an_hour(
    services: Services,
) -> None:
    function = await build.function(services)
    [sample] = await build.add(services, function, [make.picture(1)])
    await services.storage.put(STRAY, b"stray")
    await services.storage.put(STRAY, b"stray", Kind.THUMBNAIL)

    noted = [await orphans.look(services, prefixes=64) for _ in range(4)]

    assert sum(noted) == 1
    assert [row.sha256 for row in await Orphan.all()] == [STRAY]
    assert await orphans.sweep(services) == 0
    await Orphan.all().update(since=datetime(2026, 1, 1, tzinfo=UTC))
    assert await orphans.sweep(services) == 1
    assert not await services.storage.exists(STRAY)
    assert not await services.storage.exists(STRAY, Kind.THUMBNAIL)
    assert await services.storage.exists(sample.sha256)


async def test_a_search_continues_where_the_last_one_ended(services: Services) -> None:
    await services.storage.put(STRAY, b"stray")
    folder = int(STRAY[:2], 16)
    await services.redis.set(orphans.LOOKED, folder - 2)

    assert await orphans.look(services, prefixes=1) == 0
    assert await orphans.look(services, prefixes=1) == 1
    assert await orphans.look(services, prefixes=1) == 0
