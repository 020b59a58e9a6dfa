"""What the worker does, one call into the domain each."""

from typing import Any
from uuid import UUID, uuid4

from arq import Retry, cron, func

from pigeonhole import invocation, jobs, pictures
from pigeonhole.embedding import embed_function
from pigeonhole.training import train_function

TIMEOUT_S = 120
"""Longest time of one job; also, with ten seconds more, how long a dead worker's job is blocked."""


async def train(ctx: dict[str, Any], function_id: str) -> None:
    """Do the training that a function is owed."""
    try:
        await train_function(ctx["services"], UUID(function_id))
    except jobs.Unfinished as unfinished:
        raise Retry from unfinished


async def embed(ctx: dict[str, Any], function_id: str) -> None:
    """Embed what a function has that is not embedded yet."""
    try:
        await embed_function(ctx["services"], UUID(function_id))
    except jobs.Unfinished as unfinished:
        raise Retry from unfinished


async def sweep(ctx: dict[str, Any]) -> None:
    """Request what is still owed, and let go of what is no longer needed."""
    await jobs.request_owed(ctx["services"].redis)
    await invocation.sweep()
    await pictures.sweep(ctx["services"])


async def sweep_at_start(ctx: dict[str, Any]) -> None:
    """Request what is owed although jobs for it seem to run: their worker may have died."""
    await jobs.request_owed(ctx["services"].redis, salt=uuid4().hex)


FUNCTIONS = (
    func(train, name=jobs.TRAIN, keep_result=0, timeout=TIMEOUT_S, max_tries=1_000),
    func(embed, name=jobs.EMBED, keep_result=0, timeout=TIMEOUT_S, max_tries=1_000),
)
CRON_JOBS = (cron(sweep, second=0, keep_result=0, timeout=TIMEOUT_S),)
