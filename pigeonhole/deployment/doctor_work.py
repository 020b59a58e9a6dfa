"""The doctor's checks of workers, their work and the stored images."""

import asyncio

from redis.exceptions import RedisError

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.doctor import ANSWER_S, Check, State, check_database, said
from pigeonhole.settings import Settings

SHOWN = 5
"""The most images listed in a line."""


async def check_workers(settings: Settings) -> Check:
    """Check that a worker is alive, and how much work is waiting."""
    url = settings.redis_url
    if url == "":
        who = data_folder.holder(settings.resolved_data_dir)
        if who is None or who.redis_url == "":
            return Check("workers", State.OK, "`up` starts one.")
        url = who.redis_url
    if (await check_database(settings)).state is not State.OK:
        return _unknown("the database cannot be used")
    from pigeonhole.services import backlog, database
    from pigeonhole.services.redis import client

    try:
        async with (
            asyncio.timeout(ANSWER_S),
            database.connected(settings.resolved_database_url),
            client(url, settings.redis_prefix) as redis,
        ):
            found = await backlog.look(redis)
    except (RedisError, OSError, TimeoutError):
        return _unknown("Redis cannot be used")
    waiting = [
        f"{work.owed} functions for {words}"
        for work, words in zip(found.work, ("training", "embedding", "answers"), strict=True)
        if work.owed
    ]
    ages = [work.oldest_s for work in found.work if work.oldest_s is not None]
    waits = f"Waiting: {', '.join(waiting) or 'nothing'}"
    waits += f"; the oldest job for {max(ages):.0f} s." if ages else "."
    if found.warning is not None:
        return Check(
            "workers",
            State.WARNING,
            f"{found.warning} {waits} Annotations and uploads are not lost meanwhile.",
            "Start a worker with `pigeonhole work`, or check its log.",
        )
    return Check("workers", State.OK, f"{found.alive} alive. {waits}")


async def check_blobs(settings: Settings) -> Check:
    """Compare all stored images with the rows that refer to them, for ``doctor --storage``."""
    from pigeonhole.services import database, orphans, storage

    store = storage.open_storage(settings.resolved_storage_url)
    unnamed = 0
    missing: list[str] = []
    try:
        async with database.connected(settings.resolved_database_url):
            for number in range(256):
                unnamed += len(await orphans.unnamed_within(store, f"{number:02x}"))
                missing += sorted(await orphans.missing_within(store, f"{number:02x}"))
    except Exception as error:  # noqa: BLE001 - each store and driver has its own errors
        return Check(
            "pictures",
            State.PROBLEM,
            f"Images cannot be compared with the database: {said(error)}",
            "Correct the problems above first.",
        )
    if missing:
        some = ", ".join(missing[:SHOWN]) + (", ..." if len(missing) > SHOWN else "")
        return Check(
            "pictures",
            State.PROBLEM,
            f"{len(missing)} images that the database refers to are not in the storage: {some}.",
            "Restore them from a backup, or delete their samples.",
        )
    return Check(
        "pictures",
        State.OK,
        f"All images that the database refers to are stored. {unnamed} others are unused; a worker "
        "deletes them within hours.",
    )


def _unknown(why: str) -> Check:
    return Check("workers", State.WARNING, f"Unknown, because {why}.", "Correct that first.")
