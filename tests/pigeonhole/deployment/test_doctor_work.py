"""The doctor's checks of workers, waiting jobs and stored pictures."""

import hashlib

from pigeonhole.deployment import doctor_work
from pigeonhole.deployment.doctor import State
from pigeonhole.services import workers
from pigeonhole.services.services import open_services
from pigeonhole.services.workers import Presence
from pigeonhole.settings import Settings
from tests import build, make

STRAY = hashlib.sha256(b"stray").hexdigest()


async def test_no_worker_is_a_warning_that_lists_the_waiting_jobs(settings: Settings) -> None:
    async with open_services(settings) as services:
        function = await build.function(services)
        await build.add(services, function, [make.picture(1)], ["0"])

    none = await doctor_work.check_workers(settings)
    async with open_services(settings) as services:
        await workers.beat(services.redis, Presence(works=True, ready=True))
    one = await doctor_work.check_workers(settings)

    waits = "Waiting: 1 functions for training, 1 functions for embedding; the oldest job for "
    assert none.state is State.WARNING
    assert none.found.startswith(f"No worker has been seen. {waits}")
    assert none.found.endswith(" Annotations and uploads are not lost meanwhile.")
    assert one.state is State.OK
    assert one.found.startswith(f"1 alive. {waits}")


async def test_stored_pictures_without_rows_and_rows_without_pictures_are_found(
    settings: Settings,
) -> None:
    async with open_services(settings) as services:
        function = await build.function(services)
        [sample] = await build.add(services, function, [make.picture(1)], ["0"])
        await services.storage.put(STRAY, b"stray")

    stray = await doctor_work.check_blobs(settings)
    await services.storage.delete(sample.sha256)
    lost = await doctor_work.check_blobs(settings)

    assert (stray.state, stray.found) == (
        State.OK,
        "All images that the database refers to are stored. 1 others are unused; a worker deletes "
        "them within hours.",
    )
    assert (lost.state, lost.found) == (
        State.PROBLEM,
        f"1 images that the database refers to are not in the storage: {sample.sha256}.",
    )
