"""The tasks of the worker, each of which is one call into the domain."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog
from arq import Retry, cron, func

from pigeonhole import invocation
from pigeonhole.samples import trash
from pigeonhole.services import deletions, jobs, orphans, outages, tracing
from pigeonhole.services.services import Services
from pigeonhole.training.answers import answer_function
from pigeonhole.training.embed import embed_function
from pigeonhole.training.encoder_change_job import carry_on
from pigeonhole.training.encoder_changes import let_go
from pigeonhole.training.near_duplicates import group_function
from pigeonhole.training.train import race_function, train_function
from pigeonhole.webhooks import delivering
from worker.waits import Waits

TIMEOUT_S = 600
"""Longest time of one job. Jobs of dead workers are taken over sooner, see `worker.queues`."""
LONGEST_DELAY_S = 10.0
"""Longest wait of a training for further annotations, whatever its job says."""


Trace = dict[str, str] | None
"""What names the span that requested a job, if it was traced."""

log = structlog.get_logger(__name__)


async def train(
    ctx: dict[str, Any], function_id: str, delay_s: float = 0.0, trace: Trace = None
) -> None:
    """Train a function, after waiting for further annotations."""
    await asyncio.sleep(min(delay_s, LONGEST_DELAY_S))
    await _carry_out(ctx, jobs.TRAIN, train_function, function_id, trace)


async def race(ctx: dict[str, Any], function_id: str, trace: Trace = None) -> None:
    """Train an idle function again with a full race."""
    await _carry_out(ctx, jobs.RACE, race_function, function_id, trace)


async def embed(ctx: dict[str, Any], function_id: str, trace: Trace = None) -> None:
    """Embed some of a function's images that are not embedded yet."""
    await _carry_out(ctx, jobs.EMBED, embed_function, function_id, trace)


async def answer(ctx: dict[str, Any], function_id: str, trace: Trace = None) -> None:
    """Store the active model's answers of a function's samples."""
    await _carry_out(ctx, jobs.ANSWER, answer_function, function_id, trace)


async def group(ctx: dict[str, Any], function_id: str, trace: Trace = None) -> None:
    """Find the near-duplicates of a function's samples."""
    await _carry_out(ctx, jobs.GROUP, group_function, function_id, trace)


async def deliver(ctx: dict[str, Any], webhook_id: str, trace: Trace = None) -> None:
    """Deliver the events that wait for a webhook."""
    await _carry_out(ctx, jobs.DELIVER, delivering.deliver, webhook_id, trace)


async def change(ctx: dict[str, Any], function_id: str, trace: Trace = None) -> None:
    """Carry on a function's change to another encoder."""
    await _carry_out(ctx, jobs.CHANGE, carry_on, function_id, trace)


async def _carry_out(
    ctx: dict[str, Any],
    job: str,
    verb: Callable[[Services, UUID], Awaitable[None]],
    of: str,
    trace: Trace,
) -> None:
    """Run a function of the domain; requeue unfinished jobs, leave waiting ones to the sweep."""
    waits, id, started = ctx["waits"], UUID(of), time.monotonic()
    try:
        with tracing.span(f"job {job}", trace, function=of):
            await verb(ctx["services"], id)
    except jobs.Unfinished as unfinished:
        waits.over(job, id)
        raise Retry from unfinished
    except Exception as error:
        away = outages.passing(error)
        if away is None:
            raise
        waits.note(job, id, away)
    else:
        waits.over(job, id)
        seconds = round(time.monotonic() - started, 3)
        log.info("job_done", job=job, of=of, seconds=seconds)


async def request_owed(ctx: dict[str, Any], *, salt: str = "") -> None:
    """Request all owed work except what waits for an unavailable service."""
    services: Services = ctx["services"]
    waits: Waits = ctx["waits"]
    owed = await jobs.request_owed(
        services.redis, salt=salt, identities=services.encoding.loaded.identities, waits=waits.holds
    )
    waits.only(owed)


class IdleFunctions:
    """Functions that are owed a race, as one look after another finds them."""

    def __init__(self) -> None:
        self._seen: dict[UUID, int] = {}

    async def request_races(self, ctx: dict[str, Any]) -> None:
        """Request the races of those that have not been trained since the last look."""
        found = await jobs.owed_races()
        for function in found:
            if self._seen.get(function.id) == function.trained_revision:
                await jobs.request_race(ctx["services"].redis, function)
        self._seen = {function.id: function.trained_revision for function in found}


async def tidy(ctx: dict[str, Any]) -> None:
    """Delete what is no longer needed."""
    try:
        services: Services = ctx["services"]
        most_bytes = services.settings.kept_invocation_bytes
        await deletions.carry_out(services, lambda: invocation.sweep(most_bytes))
        days = services.settings.kept_deleted_days
        await deletions.carry_out(services, lambda: trash.sweep(days))
        await orphans.sweep(services)
        await orphans.look(services)
        await delivering.sweep()
        await asyncio.to_thread(services.reserve.restore)
        await let_go()
    except Exception as error:
        if outages.passing(error) is None:
            raise


TRAININGS = (
    func(train, name=jobs.TRAIN, keep_result=0, timeout=TIMEOUT_S, max_tries=100_000),
    func(race, name=jobs.RACE, keep_result=0, timeout=TIMEOUT_S, max_tries=100_000),
)
BULK = (
    func(embed, name=jobs.EMBED, keep_result=0, timeout=TIMEOUT_S, max_tries=100_000),
    func(answer, name=jobs.ANSWER, keep_result=0, timeout=TIMEOUT_S, max_tries=100_000),
    func(group, name=jobs.GROUP, keep_result=0, timeout=TIMEOUT_S, max_tries=100_000),
    func(change, name=jobs.CHANGE, keep_result=0, timeout=TIMEOUT_S, max_tries=100_000),
)
DELIVERIES = (
    func(deliver, name=jobs.DELIVER, keep_result=0, timeout=TIMEOUT_S, max_tries=100_000),
)
CRON_JOBS = (cron(tidy, second=0, keep_result=0, timeout=TIMEOUT_S),)
