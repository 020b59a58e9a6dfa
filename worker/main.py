"""The worker's process."""

import asyncio
from contextlib import suppress
from typing import Any

from arq import Worker

from pigeonhole import jobs
from pigeonhole.encoding import chosen_encoder
from pigeonhole.services import open_services
from pigeonhole.settings import Settings
from worker.tasks import CRON_JOBS, FUNCTIONS, sweep_at_start

POLL_S = 0.02
"""Seconds between looks at the queue: a floor under every latency, and 5 % of a core when idle."""
MOST_JOBS = 4
"""Jobs at once. Their heavy parts share the cores; more would only make each slower."""


def run(settings: Settings) -> None:
    """Work until a signal says to stop; jobs under way are run again by the next worker."""
    with suppress(asyncio.CancelledError):  # how arq ends after a signal
        asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    async with open_services(settings) as services:
        ctx: dict[str, Any] = {"services": services}
        worker = Worker(
            FUNCTIONS,
            cron_jobs=CRON_JOBS,
            redis_pool=services.redis,
            ctx=ctx,
            max_jobs=MOST_JOBS,
            poll_delay=POLL_S,
            job_serializer=jobs.serialize,
            job_deserializer=jobs.deserialize,
            log_results=False,
        )
        encoder = await services.encoding.load(await chosen_encoder(settings))
        reading = asyncio.create_task(asyncio.to_thread(encoder.embed_texts, ["a photo"]))
        await sweep_at_start(ctx)
        await worker.async_run()
        await reading  # its first call loads the text side, which takes seconds
