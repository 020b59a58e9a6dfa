"""Further tries of images that could not be read."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole.access import audit
from pigeonhole.revisions import bump, lock, training_set_changed
from pigeonhole.services import events, jobs
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Sample


async def read_again(
    services: Services, ids: Sequence[UUID], *, record: audit.Record = audit.unrecorded
) -> list[Sample]:
    """Request that unreadable images be read again; other samples stay unchanged."""
    async with in_transaction():
        found = await Sample.filter(id__in=list(ids))
        functions = {row.function_id for row in found}
        await lock(functions)
        rows = [row for row in found if row.unreadable is not None]
        await Sample.filter(id__in=[row.id for row in rows]).update(
            unreadable=None, embedded_for=None
        )
        await Function.filter(id__in=[row.function_id for row in rows]).update(
            upload_revision=F("upload_revision") + 1
        )
        learning = {row.function_id for row in rows if row.label_id is not None}
        for function_id in learning:
            await bump(function_id)
        await record(rows)
    for function_id in {row.function_id for row in rows}:
        await jobs.request_embedding(services.redis, function_id)
        if function_id in learning:
            await training_set_changed(services, function_id)
        else:
            await events.publish(services.broadcast, function_id)
    again = {row.id: row for row in await Sample.filter(id__in=list(ids))}
    return [again[id] for id in ids if id in again]
