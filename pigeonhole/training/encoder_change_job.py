"""The job that carries on a change of encoder: embeds, fits a model, compares, and may switch.

It gives way to all other work: while any is owed, it does one batch at each sweep.
"""

import asyncio
import time
from statistics import median
from uuid import UUID

import numpy as np
from PIL import Image
from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from pigeonhole import functions
from pigeonhole.encoders import Encoder, remote
from pigeonhole.errors import NotFoundError
from pigeonhole.kinds import EncoderChangeState
from pigeonhole.revisions import lock
from pigeonhole.services import events, jobs, outages
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import BATCH
from pigeonhole.tables import Embedding, EncoderChange, Function, Label, Sample
from pigeonhole.tables.teaching import TEACHES
from pigeonhole.training import encoder_changes, train, vectors_learned
from pigeonhole.training.embed import store_vectors
from pigeonhole.training.learning import Learned, comparison

TIMED = 5
"""Pictures of which the time is taken, one by one."""


async def carry_on(services: Services, function_id: UUID) -> None:
    """Carry on a function's change of encoder, if workers have something to do for it.

    Safe to run twice and at once, and after a crash at any point: vectors are found again by what
    they are of, and each step ends in one transaction that only the change's present state allows.

    Raises:
        Unfinished: There is more to do than one job should do.
        AwayError: The storage does not return images, or this machine lacks the weights.
    """
    change = await encoder_changes.newest(function_id)
    if change is None or change.state not in jobs.WORKING:
        return
    try:
        encoder = await services.encoding.load(change.encoder)
    except remote.AwayError:
        raise
    except (ValueError, OSError) as error:
        raise outages.AwayError(f"the weights of {change.encoder} on this machine") from error
    if change.state == EncoderChangeState.EMBEDDING:
        if not await _embed(services, change, encoder):
            return
        change.state = EncoderChangeState.COMPARING
        if not await _working(change).update(state=change.state):
            return
        await events.publish(services.broadcast, function_id)
    await compare(services, change, encoder)
    await events.publish(services.broadcast, function_id)


async def _embed(services: Services, change: EncoderChange, encoder: Encoder) -> bool:
    """Store the vectors that are missing; return whether all are there."""
    started = time.monotonic()
    change.identity = encoder.identity
    await _working(change).update(identity=change.identity)
    while True:
        rows = await _next(change, encoder)
        if not rows:
            return True
        unreadable = await store_vectors(services, encoder, rows)
        for sha256, reason in unreadable.items():
            same = Sample.filter(function_id=change.function_id, sha256=sha256)
            await same.update(unreadable=reason)
        change.at = max(change.at or rows[-1].id, rows[-1].id)
        if not await _working(change).update(at=change.at):
            return False  # it was stopped
        await events.publish(services.broadcast, change.function_id)
        if await _others_wait():
            return False  # the sweep asks again
        if time.monotonic() > started + jobs.ENOUGH_S:
            raise jobs.Unfinished


async def _next(change: EncoderChange, encoder: Encoder) -> list[Sample]:
    """Return the next samples in their order, and at the end any that was passed by."""
    readable = Sample.filter(function_id=change.function_id, unreadable=None).order_by("id")
    after = readable if change.at is None else readable.filter(id__gt=change.at)
    rows = await after.limit(BATCH)
    if rows:
        return rows
    there = Embedding.filter(encoder=encoder.identity).values("sha256")
    return await readable.filter(~Q(sha256__in=Subquery(there))).limit(BATCH)


async def compare(services: Services, change: EncoderChange, encoder: Encoder) -> None:
    """Fit a model with the new encoder, write it and how it compares, and switch or wait."""
    function = await Function.get_or_none(id=change.function_id)
    if function is None:
        return
    learned, compared = await _fitted(services, function, encoder)
    told: list[UUID] = []
    async with in_transaction():
        now = (await lock([function.id])).get(function.id)
        if now is None or not await _working(change).exists():
            return
        if learned is not None:
            change.model_id = (await train.store(function, encoder, learned)).id
        change.comparison = compared
        change.state = EncoderChangeState.WAITING
        if change.switches_by_itself and not (compared and compared["worse"]):
            told = await encoder_changes.put_in_place(change, now)
        else:
            await change.save()
    if change.state == EncoderChangeState.SWITCHED:
        await encoder_changes.follow(services, function.id, told)


async def _fitted(
    services: Services, function: Function, encoder: Encoder
) -> tuple[Learned | None, dict[str, object] | None]:
    """Return a model with the new encoder, if the function can be trained, and how it compares."""
    if not (await functions.readiness(function)).trainable:
        return None, None
    samples = Sample.filter(TEACHES, function_id=function.id)
    annotated = await samples.order_by("id").only(*train.READ)
    labels = await Label.filter(function_id=function.id)
    vectors = await services.encoding.known(encoder, [row.sha256 for row in annotated], exact=True)
    prototypes = await services.encoding.prototypes(encoder, labels)
    learned = await vectors_learned.fit(services, function, encoder, annotated, vectors, prototypes)
    if function.active_model_id is None:
        return learned, None
    try:
        old = (await services.predictors.get(function.active_model_id)).held_out
    except NotFoundError:  # it was deleted a moment ago
        return learned, None
    before = await services.encoding.load(function.encoder)
    return learned, {
        **comparison(old, learned.held_out),
        "ms_before": await asyncio.to_thread(_ms_a_picture, before),
        "ms_after": await asyncio.to_thread(_ms_a_picture, encoder),
    }


def _ms_a_picture(encoder: Encoder) -> float:
    side = encoder.image_size
    pixels = np.stack([encoder.preprocess(Image.new("RGB", (side, side), "gray"))])
    times = []
    for _ in range(TIMED):
        started = time.perf_counter()
        encoder.embed(pixels)
        times.append(time.perf_counter() - started)
    return 1_000 * median(times)


def _working(change: EncoderChange) -> QuerySet[EncoderChange]:
    return EncoderChange.filter(id=change.id, state__in=jobs.WORKING)


async def _others_wait() -> bool:
    owed = await jobs.owed({})
    return any(functions for kind, functions in owed.items() if kind != jobs.CHANGE)
