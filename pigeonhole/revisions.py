"""What follows a change that is committed: the work it asks for, and the tick."""

from collections.abc import Iterable
from uuid import UUID

from tortoise.expressions import F

from pigeonhole import events, jobs
from pigeonhole.models import Function
from pigeonhole.services import Services


async def lock(function_ids: Iterable[UUID]) -> dict[UUID, Function]:
    """In a transaction, before it writes anything of functions: wait for whoever writes there.

    All lock functions first, in one order, so that no two can wait for each other. Functions that
    were deleted are left out.
    """
    rows = Function.filter(id__in=list(function_ids)).order_by("id")
    return {row.id: row for row in await rows.select_for_update(no_key=True)}


async def bump(function_id: UUID) -> None:
    """In the transaction of a change to a training set: count it."""
    await Function.filter(id=function_id).update(revision=F("revision") + 1)


async def training_set_changed(services: Services, function_id: UUID) -> None:
    """After the commit: have the function learn from it, if it does so by itself."""
    function = await Function.get_or_none(id=function_id).only("auto_train")
    if function is not None and function.auto_train:
        await jobs.request_training(
            services.redis, function_id, delay_s=services.settings.train_delay_s
        )
    await events.publish(services.broadcast, function_id)
