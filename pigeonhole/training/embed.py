"""The job that embeds uploaded images."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from tortoise.transactions import in_transaction

from pigeonhole import grouping
from pigeonhole.encoders import Encoder, parts
from pigeonhole.errors import PigeonholeError
from pigeonhole.revisions import bump, lock, number_change, training_set_changed
from pigeonhole.services import claims, events, jobs, workers
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import BATCH
from pigeonhole.tables import Function, Model, Sample
from pigeonhole.training import answers, near_duplicates
from pigeonhole.training.suggestions import suggest

BATCHES = 2
"""Batches that one job embeds before it joins the end of the queue, so that uploads share."""

RECOLORED = ("image/avif", "image/heic", "image/png", "image/bmp")
"""Media types that may say their colours in ways that earlier versions ignored."""

log = structlog.get_logger(__name__)


async def embed_function(services: Services, function_id: UUID) -> None:
    """Embed a function's images that are not embedded yet, annotated ones first, in batches.

    Each batch is claimed, stored, predicted by the active model and published to subscribers before
    the next one. Safe to run twice and at once: image and encoder determine a vector. If the
    encoder's identity has changed, all images are embedded again; the old vectors are used until
    then.

    Raises:
        Unfinished: There is more to do than one job should do.
        AwayError: The storage does not return the images.
    """
    function = await Function.get_or_none(id=function_id)
    if function is None:
        return
    encoder = await services.encoding.load(function.encoder)
    if not await near_duplicates.catch_up(services, function_id, batches=1):
        await jobs.request_grouping(services.redis, function_id)
    moving = await _moves(services, function, encoder)
    if function.embedded_revision == function.upload_revision and not moving:
        return
    queries = claims.waiting(function_id, encoder.identity if moving else None)
    async with claims.job(services) as job:
        for _ in range(BATCHES):
            batch = await claims.take(services, job, queries, BATCH)
            if not batch:
                break
            try:
                await embed_samples(services, encoder, batch)
            finally:
                await claims.let_go(job, batch)
            await answers.refresh(services, function_id, [sample.id for sample in batch])
            await near_duplicates.catch_up(services, function_id, batches=1)
            await events.publish(services.broadcast, function_id)
        else:
            raise jobs.Unfinished
        late = await claims.take(services, job, queries, 1)
        await claims.let_go(job, late)
        if late:  # uploaded a moment ago
            raise jobs.Unfinished
    await _settle(services, function, encoder, moving)


async def _moves(services: Services, function: Function, encoder: Encoder) -> bool:
    """Return whether the function's images have to be embedded for another identity than now.

    They do not while a living worker computes the present one: otherwise two kinds of processors
    would embed them in turns for ever.
    """
    if function.embedded_for == encoder.identity:
        return False
    return all(
        function.embedded_for not in worker.identities
        for worker in await workers.seen(services.redis)
    )


async def _settle(services: Services, function: Function, encoder: Encoder, moving: bool) -> None:
    """Record that all images are embedded, unless another job still embeds some."""
    queries = claims.waiting(function.id, encoder.identity if moving else None)
    async with in_transaction():
        await lock([function.id])
        for query in queries:
            if await query.exists():
                return
        await Function.filter(
            id=function.id, embedded_revision__lt=function.upload_revision
        ).update(embedded_revision=function.upload_revision)
        outdated = False
        if moving:
            same = Function.filter(id=function.id, encoder=function.encoder)
            if not await same.update(embedded_for=encoder.identity):
                return  # it has another encoder since a moment ago
            outdated = (
                await Model.filter(id=function.active_model_id)
                .exclude(encoder_identity=encoder.identity)
                .exists()
            )
        if outdated:
            await bump(function.id)
    if outdated:
        await training_set_changed(services, function.id)
    await jobs.request_embedding_if_owed(services.redis, function.id)
    await suggest(services, function.id)


async def embed_samples(services: Services, encoder: Encoder, samples: Sequence[Sample]) -> None:
    """Store the samples' vectors, and record which images cannot be read.

    Raises:
        AwayError: The storage does not return the images.
    """
    unreadable = await store_vectors(services, encoder, samples)
    done = [sample.id for sample in samples if sample.sha256 not in unreadable]
    async with in_transaction():
        for function_id in await lock({sample.function_id for sample in samples}):
            await Sample.filter(function_id=function_id, id__in=done).update(
                embedded=True,
                embedded_for=encoder.identity,
                unreadable=None,
                claimed_by=None,
                grouped=False,
                change=await number_change(function_id),
            )
            await grouping.owe(function_id)
        for sha256, reason in unreadable.items():
            ids = [sample.id for sample in samples if sample.sha256 == sha256]
            await Sample.filter(id__in=ids).update(
                embedded_for=encoder.identity, unreadable=reason, claimed_by=None
            )


async def store_vectors(
    services: Services, encoder: Encoder, samples: Sequence[Sample]
) -> dict[str, str]:
    """Compute and store vectors that are missing; return why images are unreadable, by SHA-256.

    Raises:
        AwayError: The storage does not return the images.
    """
    services.encoding.forget(encoder, [sample.sha256 for sample in samples])
    known = await services.encoding.known(
        encoder, [sample.sha256 for sample in samples], exact=True
    )
    missing = list(dict.fromkeys(s.sha256 for s in samples if s.sha256 not in known))
    if missing:
        same = {s.sha256 for s in samples if s.media_type not in RECOLORED}
        long = {s.sha256 for s in samples if parts.is_long(s.width, s.height)}
        carried = await services.encoding.carry_over(
            encoder, sorted(same.intersection(missing)), long=long
        )
        missing = [sha256 for sha256 in missing if sha256 not in carried]
    unreadable: dict[str, str] = {}
    if missing:
        try:
            await services.encoding.embed_stored(encoder, missing)
        except PigeonholeError:  # one of them is unreadable: find out which, and keep the others
            for sha256 in missing:
                try:
                    await services.encoding.embed_stored(encoder, [sha256])
                except PigeonholeError as error:
                    log.warning("image_unreadable", sha256=sha256, reason=error.message)
                    unreadable[sha256] = error.message
    return unreadable
