"""The job that embeds what was uploaded."""

import time
from collections.abc import Sequence
from uuid import UUID

import structlog
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from pigeonhole import answers, events, jobs
from pigeonhole.encoders import Encoder
from pigeonhole.encoding import BATCH
from pigeonhole.errors import PigeonholeError
from pigeonhole.models import Function, Sample
from pigeonhole.revisions import lock
from pigeonhole.services import Services
from pigeonhole.suggestions import suggest

log = structlog.get_logger(__name__)


async def embed_function(services: Services, function_id: UUID) -> None:
    """Embed a function's pictures that are not yet, annotated ones first, a batch at a time.

    Each batch is kept, predicted by the active model and told to subscribers before the next one.
    Safe to run twice and at once: a vector is fixed by the picture and the encoder.

    Raises:
        Unfinished: There is more to do than one job should.
    """
    function = await Function.get_or_none(id=function_id)
    if function is None or function.embedded_revision == function.upload_revision:
        return
    encoder = await services.encoding.load(function.encoder)
    given_up: list[UUID] = []
    deadline = time.monotonic() + jobs.ENOUGH_S
    while batch := await _next_batch(function_id, given_up):
        given_up += await embed_samples(services, encoder, batch)
        await answers.refresh(services, function_id, [sample.id for sample in batch])
        await events.publish(services.broadcast, function_id)
        if time.monotonic() > deadline:
            raise jobs.Unfinished
    await Function.filter(id=function_id, embedded_revision__lt=function.upload_revision).update(
        embedded_revision=function.upload_revision
    )
    await jobs.request_embedding_if_owed(services.redis, function_id)
    await suggest(services, function_id)


async def embed_samples(
    services: Services, encoder: Encoder, samples: Sequence[Sample]
) -> list[UUID]:
    """See to it that the samples' vectors are kept; return those whose picture cannot be read."""
    known = await services.encoding.known(encoder, [sample.sha256 for sample in samples])
    missing = list(dict.fromkeys(s.sha256 for s in samples if s.sha256 not in known))
    unreadable = set()
    if missing:
        try:
            await services.encoding.embed_stored(encoder, missing)
        except PigeonholeError:  # one of them: find which, and keep the others
            for sha256 in missing:
                try:
                    await services.encoding.embed_stored(encoder, [sha256])
                except PigeonholeError as error:
                    log.warning("picture_unreadable", sha256=sha256, reason=error.message)
                    unreadable.add(sha256)
    done = [sample.id for sample in samples if sample.sha256 not in unreadable]
    async with in_transaction():
        await lock({sample.function_id for sample in samples})
        await Sample.filter(id__in=done).update(embedded=True)
    return [sample.id for sample in samples if sample.sha256 in unreadable]


async def _next_batch(function_id: UUID, without: Sequence[UUID]) -> list[Sample]:
    waiting = Sample.filter(function_id=function_id, embedded=False).exclude(id__in=list(without))
    return await waiting.annotate(named=Count("label_id")).order_by("-named", "id").limit(BATCH)
