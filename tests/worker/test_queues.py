"""Queues share work among workers and uploads, and work survives lost workers."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from arq import Worker
from arq.worker import JobExecutionFailed
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from pigeonhole.kinds import Takes
from pigeonhole.services import jobs, workers
from pigeonhole.services.services import Services
from pigeonhole.services.workers import Presence
from pigeonhole.tables import Sample, TrainingRun
from pigeonhole.training import embed
from tests import build, make
from tests.conftest import RunJobs
from tests.pigeonhole.running import WITHIN_S
from worker import main, tasks
from worker.queues import QueueWorker
from worker.waits import Waits


async def test_a_job_with_more_work_goes_to_the_end_of_the_queue_so_that_uploads_share(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "BATCH", 2)
    large = await build.function(services, name="Large")
    small = await build.function(services, name="Small")
    await run_jobs()
    await build.add(services, large, [make.picture(seed) for seed in range(10)])
    await build.add(services, small, [make.picture(seed) for seed in range(20, 22)])
    order: list[UUID] = []
    embed_samples = embed.embed_samples

    async def note(services: Services, encoder: Any, samples: Any) -> None:
        order.extend(sample.function_id for sample in samples)
        await embed_samples(services, encoder, samples)

    monkeypatch.setattr(embed, "embed_samples", note)
    queue = QueueWorker(
        tasks.BULK,
        queue_name=jobs.BULK,
        redis_pool=services.redis,
        burst=True,
        poll_delay=0.01,
        max_jobs=1,
        handle_signals=False,
        ctx={"services": services, "waits": Waits()},
    )
    await queue.run_check()

    assert order == [large.id] * 4 + [small.id] * 2 + [large.id] * 6


async def test_one_job_per_live_worker_embeds_pictures_and_each_picture_once(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE", 2)
    function = await build.function(services)
    await run_jobs()
    for _ in range(3):
        await workers.beat(services.redis, Presence(works=True, ready=True))
    trainer = Presence(works=True, ready=True, takes=frozenset({Takes.TRAIN}))
    await workers.beat(services.redis, trainer)  # does no embedding
    await build.add(services, function, [make.picture(seed) for seed in range(8)])
    embedded: list[UUID] = []
    embed_samples = embed.embed_samples

    async def note(services: Services, encoder: Any, samples: Any) -> None:
        embedded.extend(sample.id for sample in samples)
        await embed_samples(services, encoder, samples)

    monkeypatch.setattr(embed, "embed_samples", note)
    monkeypatch.setattr(embed, "BATCH", 2)
    waiting = await services.redis.zrange(jobs.BULK, 0, -1)

    assert {job.decode().rpartition(":")[2] for job in waiting} == {"0", "1", "2"}
    await run_jobs()
    assert len(embedded) == len(set(embedded)) == 8


async def test_a_worker_bound_to_a_kind_of_jobs_takes_no_others(services: Services) -> None:
    function = await build.function(services)
    await build.add(services, function, [make.picture(1), make.picture(2)], ["0", "1"])
    services.presence.takes = frozenset({Takes.EMBED})

    serving = asyncio.create_task(main.serve(services))
    async with asyncio.timeout(60):
        while await Sample.filter(embedded=False).exists():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)
    serving.cancel()
    await asyncio.wait({serving}, timeout=WITHIN_S)

    assert await TrainingRun.all().count() == 0
    assert await services.redis.zcard(jobs.TRAINING) > 0


async def test_the_claims_of_a_lost_worker_go_to_another(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await build.add(services, function, [make.picture(1), make.picture(2)])
    await Sample.all().update(claimed_by="a job of a worker that was lost")

    await run_jobs()

    assert await Sample.filter(embedded=True, claimed_by=None).count() == 2


async def test_a_job_that_cannot_be_finished_without_redis_is_logged_and_raises_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = QueueWorker(tasks.BULK, queue_name=jobs.BULK, redis_pool=services.redis)

    async def away(*arguments: Any, **named: Any) -> None:
        raise RedisConnectionError("Connection refused.")

    monkeypatch.setattr(Worker, "finish_job", away)
    with capture_logs() as lines:
        await queue.finish_job("embed:1", True, None, None, None, None)

    assert queue.woken.is_set()
    assert [(line["event"], line["job"], line["reason"]) for line in lines] == [
        ("job_not_finished", "embed:1", "Connection refused.")
    ]


def test_a_job_that_was_given_up_is_stored_with_its_error_message() -> None:
    result = jobs.serialize({"s": False, "r": JobExecutionFailed("max retries exceeded")})

    assert jobs.deserialize(result) == {"s": False, "r": "max retries exceeded"}
