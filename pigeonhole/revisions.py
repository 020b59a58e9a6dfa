"""Revisions of training sets, and the requests and notifications that follow a change."""

from collections.abc import Iterable
from uuid import UUID

from tortoise.expressions import F

from pigeonhole.services import events, jobs
from pigeonhole.services.services import Services
from pigeonhole.tables import Function


async def lock(function_ids: Iterable[UUID]) -> dict[UUID, Function]:
    """Lock the rows of functions; call it first in each transaction that changes their objects.

    All transactions lock functions first and in the same order, which prevents deadlocks. Deleted
    functions are left out.
    """
    rows = Function.filter(id__in=list(function_ids)).order_by("id")
    return {row.id: row for row in await rows.select_for_update(no_key=True)}


async def bump(function_id: UUID) -> None:
    """Count a change to a training set, within its transaction."""
    await Function.filter(id=function_id).update(revision=F("revision") + 1)


async def number_change(function_id: UUID, *, deletes: bool = False) -> int:
    """Return the number of a change to samples, in a transaction that has locked the function.

    A cache of samples reads again those with a higher number than the last it has seen.
    """
    values = {"changes": F("changes") + 1} | ({"deletions": F("changes") + 1} if deletes else {})
    await Function.filter(id=function_id).update(**values)
    return (await Function.get(id=function_id).only("changes")).changes


async def training_set_changed(services: Services, function_id: UUID) -> None:
    """Request training if the function trains automatically; call it after the commit."""
    function = await Function.get_or_none(id=function_id).only("auto_train")
    if function is not None and function.auto_train:
        await jobs.request_training(
            services.redis, function_id, delay_s=services.settings.train_delay_s
        )
    await events.publish(services.broadcast, function_id)
