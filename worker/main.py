"""The worker's process."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any, TypeVar
from uuid import UUID, uuid4

import structlog
from redis.exceptions import RedisError

from pigeonhole.deployment import vanishing
from pigeonhole.kinds import Takes
from pigeonhole.services import jobs, outages, tracing, workers
from pigeonhole.services.choices import chosen_encoder
from pigeonhole.services.services import Services, open_services
from pigeonhole.settings import OperatorError, Settings
from pigeonhole.tables import Function
from worker.queues import QueueWorker, wake
from worker.tasks import BULK, CRON_JOBS, DELIVERIES, TRAININGS, IdleFunctions, request_owed
from worker.waits import Waits

MOST_TRAININGS = 3
"""Concurrent trainings. They share the cores; more would only slow down each."""
MOST_BULK = 2
"""Concurrent jobs that embed or store answers: while one reads images, another computes."""
MOST_DELIVERIES = 8
"""Webhooks that are told of events at once; their jobs mostly wait for receivers."""
SWEEP_S = 5.0
"""Seconds between sweeps for owed work without a job."""
IDLE_S = 2.0
"""Seconds between looks for functions that are owed a full race. One look later they are idle."""
SWEEP, NOBODY = "sweep", UUID(int=0)
"""The name under which the sweep's own waits are recorded."""
RETRY_S = 0.5
"""Seconds between attempts to reach Redis."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


def run(settings: Settings, only: Takes | None = None) -> None:
    """Run until a signal, then end the process; the next worker runs unfinished jobs again.

    Ends with status 1 if what the worker reads on this machine vanishes.

    Args:
        only: The one kind of jobs to take; by default all.
    """
    asyncio.run(_run(settings, frozenset(Takes) if only is None else frozenset({only})))


async def _run(settings: Settings, takes: frozenset[Takes]) -> None:
    status = 0
    try:
        with suppress(asyncio.CancelledError):
            await _work(settings, takes)
    except* OperatorError as errors:
        status = 1
        for error in errors.exceptions:
            log.error(str(error))
    # Everything is closed. A normal exit of the interpreter would take seconds longer: it waits for
    # threads that load models or compute, and frees all objects of the encoders one by one.
    tracing.stop()
    logging.shutdown()
    os._exit(status)


async def _work(settings: Settings, takes: frozenset[Takes]) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with AsyncExitStack() as stack:
        services = await _until_there(lambda: stack.enter_async_context(open_services(settings)))
        services.presence.takes = takes
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_watch(settings))
                await _until_there(lambda: _load(services))
                await serve(services)
        finally:
            with suppress(RedisError, OSError):
                await workers.leave(services.redis, services.presence)


async def _watch(settings: Settings) -> None:
    raise await vanishing.noticed(settings)


async def serve(services: Services) -> None:
    """Take jobs until cancelled; while Redis is unavailable, wait for it."""
    services.presence.works = services.presence.ready = True
    services.presence.identities |= set(services.encoding.loaded.identities.values())
    ctx: dict[str, Any] = {"services": services, "waits": Waits()}
    others: list[workers.Seen] = []
    with suppress(RedisError, OSError):
        others = await workers.seen(services.redis)
    # No other worker is alive, so jobs that seem to be running belong to a dead worker.
    salt = "" if others else uuid4().hex
    while True:
        try:
            async with asyncio.TaskGroup() as group:
                queues = _queues(services, ctx)
                for queue in queues:
                    group.create_task(queue.main())
                group.create_task(wake(services.redis, queues))
                group.create_task(_beat(services))
                group.create_task(_sweep(ctx, salt))
                group.create_task(_race_idle(ctx))
        except* (RedisError, OSError) as errors:
            log.warning("waiting", waits_for=outages.REDIS, reason=str(errors.exceptions[0]))
        salt = uuid4().hex
        await _until_there(lambda: jobs.turn(services.redis), said=True)  # until writes work too
        log.warning("resumed", waited_for=outages.REDIS)


def _queues(services: Services, ctx: dict[str, Any]) -> list[QueueWorker]:
    def queue(name: str, functions: Any, most: int, cron_jobs: Any = None) -> QueueWorker:
        return QueueWorker(
            functions,
            queue_name=name,
            cron_jobs=cron_jobs,
            redis_pool=services.redis,
            ctx=dict(ctx),
            max_jobs=most,
            handle_signals=False,
        )

    queues = [
        queue(jobs.TIDYING, (), 1, CRON_JOBS),
        queue(jobs.DELIVERIES, DELIVERIES, MOST_DELIVERIES),
    ]
    if Takes.TRAIN in services.presence.takes:
        queues.append(queue(jobs.TRAINING, TRAININGS, MOST_TRAININGS))
    if Takes.EMBED in services.presence.takes:
        queues.append(queue(jobs.BULK, BULK, MOST_BULK))
    return queues


async def _load(services: Services) -> None:
    """Load the encoders that functions use, with their text encoders, before taking jobs."""
    specs = {await chosen_encoder(services.settings)}
    specs |= {row.encoder for row in await Function.all().only("encoder")}
    for spec in sorted(specs):
        try:
            encoder = await services.encoding.load(spec)
            await asyncio.to_thread(encoder.embed_texts, ["a photo"])
        except (ValueError, OSError) as error:  # weights are missing: its functions wait
            log.error("encoder_not_loaded", encoder=spec, reason=str(error))


async def _beat(services: Services) -> None:
    while True:
        services.presence.identities |= set(services.encoding.loaded.identities.values())
        await workers.beat(services.redis, services.presence)
        await asyncio.sleep(workers.BEAT_S)


async def _sweep(ctx: dict[str, Any], salt: str) -> None:
    waits: Waits = ctx["waits"]
    while True:
        try:
            await request_owed(ctx, salt=salt)
            salt = ""
        except Exception as error:
            away = outages.passing(error)
            if away is None or away == outages.REDIS:  # `serve` waits for Redis
                raise
            waits.note(SWEEP, NOBODY, away)
        await asyncio.sleep(SWEEP_S)


async def _race_idle(ctx: dict[str, Any]) -> None:
    idle = IdleFunctions()
    while True:
        await asyncio.sleep(IDLE_S)
        try:
            await idle.request_races(ctx)
        except Exception as error:
            away = outages.passing(error)
            if away is None or away == outages.REDIS:  # which `serve` waits for
                raise


async def _until_there(attempt: Callable[[], Awaitable[T]], *, said: bool = False) -> T:
    """Retry during outages until it succeeds; log each outage once, unless already ``said``."""
    while True:
        try:
            return await attempt()
        except Exception as error:
            away = outages.passing(error)
            if away is None:
                raise
            if not said:
                log.warning("waiting", waits_for=away)
            said = True
        await asyncio.sleep(RETRY_S)
