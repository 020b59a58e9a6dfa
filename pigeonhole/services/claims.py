"""Claims on samples, by which several jobs share the embedding of one function's images.

A claim is the name of a job, written to the sample's row. It is valid while the job's worker
reports that the job is alive (see `workers`). So no clocks are compared, and the claims of a lost
worker become free. Embedding a sample twice does no harm.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from pigeonhole.services import outages, workers
from pigeonhole.services.services import Services
from pigeonhole.tables import Sample


def waiting(function_id: UUID, identity: str | None = None) -> list[QuerySet[Sample]]:
    """Return queries for the images of a function that have to be embedded, without overlap.

    Args:
        function_id: The function.
        identity: Those not embedded for this identity, whatever else they are embedded for; None
            is those that were tried for none, which unreadable ones were.
    """
    samples = Sample.filter(function_id=function_id)
    if identity is None:
        return [samples.filter(embedded_for=None)]
    return [  # two ranges, which can use an index, unlike "not equal"
        samples.filter(embedded_for=None),
        samples.filter(embedded_for__lt=identity),
        samples.filter(embedded_for__gt=identity),
    ]


@asynccontextmanager
async def job(services: Services) -> AsyncIterator[str]:
    """Give a job a name for claims, and release its remaining claims when it ends."""
    name = uuid4().hex
    services.presence.claims.add(name)
    try:
        await workers.beat(services.redis, services.presence)
        yield name
    finally:
        services.presence.claims.discard(name)


async def take(
    services: Services,
    name: str,
    queries: list[QuerySet[Sample]],
    count: int,
) -> list[Sample]:
    """Claim up to ``count`` of the samples, annotated ones first, that no living job has claimed.

    PostgreSQL skips rows that another job is claiming at the moment; SQLite has a single writer.
    """
    living = {claim for seen in await workers.seen(services.redis) for claim in seen.claims}
    free = Q(claimed_by=None) | ~Q(claimed_by__in=list(living | services.presence.claims))
    found: list[Sample] = []
    async with in_transaction() as connection:
        skip = connection.capabilities.dialect == "postgres"
        for annotated in (True, False):
            for query in queries:
                rows = query.filter(free, label_id__isnull=not annotated)
                rows = rows.order_by("id").limit(count - len(found))
                if len(found) < count:
                    found += await (rows.select_for_update(skip_locked=True) if skip else rows)
        await Sample.filter(id__in=[row.id for row in found]).update(claimed_by=name)
    return found


async def let_go(name: str, samples: list[Sample]) -> None:
    """Release the unfinished claims of a job; without the database, they end with the job."""
    try:
        await Sample.filter(id__in=[row.id for row in samples], claimed_by=name).update(
            claimed_by=None
        )
    except Exception as error:
        if outages.passing(error) is None:
            raise
