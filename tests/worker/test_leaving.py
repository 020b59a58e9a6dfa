"""The end of a worker's process: while its threads compute, or after losing its database."""

import asyncio
import os
import signal
import sys

import pytest

from pigeonhole.services import workers
from pigeonhole.services.services import Services
from tests.pigeonhole.running import bounded

LOADING = """
import sys, time
from asyncio import to_thread
from pigeonhole.settings import Settings
from worker import main

async def load(services):
    print("it loads", flush=True)
    await to_thread(time.sleep, 3_600)

main._load = load  # the models of a large encoder, for an hour
main.run(Settings.model_validate_json(sys.argv[1]))
"""

WORKING = """
import sys
from asyncio import sleep
from pigeonhole.settings import Settings
from worker import main

async def load(services):
    await sleep(0.1)
    print("it works", flush=True)

main._load = load
main.run(Settings.model_validate_json(sys.argv[1]))
"""


@pytest.mark.parametrize("kind", ["embedded"])
async def test_a_worker_that_stops_does_not_wait_for_its_threads(services: Services) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LOADING, services.settings.model_dump_json()),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await bounded(process.stdout.readline()) == b"it loads\n"

        process.send_signal(signal.SIGTERM)

        assert await bounded(process.wait()) == 0
        assert await workers.seen(services.redis) == []
    finally:
        if process.returncode is None:
            process.kill()
            await bounded(process.wait())


@pytest.mark.parametrize("kind", ["embedded"])
async def test_a_worker_whose_database_is_removed_stops_and_reports_it(services: Services) -> None:
    database = services.settings.resolved_database_url.removeprefix("sqlite://")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WORKING, services.settings.model_dump_json()),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        assert await bounded(process.stdout.readline()) == b"it works\n"

        await asyncio.to_thread(os.rename, database, f"{database}.gone")

        said = (await bounded(process.stdout.read())).decode()
        assert await bounded(process.wait()) == 1
        assert f"{database} was removed or replaced while it was in use" in said
    finally:
        if process.returncode is None:
            process.kill()
            await bounded(process.wait())
