"""The vectors that a run learns from: those of all annotated samples, or an error."""

import asyncio
import time
from collections.abc import Container, Mapping, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from pigeonhole.classifier.pool import MOST
from pigeonhole.classifier.race import Choice
from pigeonhole.encoders import Encoder
from pigeonhole.kinds import TrainingStage
from pigeonhole.services import claims, events, jobs, outages
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import BATCH, Floats
from pigeonhole.tables import Function, Sample, TrainingRun
from pigeonhole.tables.teaching import TEACHES, TEACHES_NOTHING
from pigeonhole.training import runs
from pigeonhole.training.embed import embed_samples
from pigeonhole.training.learning import Example, Learned, Report, learn

MOST_ANNOTATED = 600
"""Annotated samples above which unlabelled ones are not used: they gain little and cost time."""
OTHERS_S = 0.05
"""Seconds between checks whether other jobs have embedded what a run waits for."""


async def embed(services: Services, encoder: Encoder, function: Function, run: TrainingRun) -> None:
    """Embed the annotated samples not yet embedded for this identity, along with other jobs."""
    annotated = Sample.filter(TEACHES, function_id=function.id)
    queries = [query.filter(TEACHES) for query in claims.waiting(function.id, encoder.identity)]
    deadline = time.monotonic() + jobs.ENOUGH_S
    async with claims.job(services) as job:
        while waiting := sum([await query.count() for query in queries]):
            if time.monotonic() > deadline:
                raise jobs.Unfinished
            progress = 0.5 * (1 - waiting / max(waiting, await annotated.count()))
            await runs.report(run.id, TrainingStage.EMBEDDING, progress)
            await events.publish(services.broadcast, function.id)
            batch = await claims.take(services, job, queries, BATCH)
            if not batch:
                await asyncio.sleep(OTHERS_S)
                continue
            try:
                await embed_samples(services, encoder, batch)
            finally:
                await claims.let_go(job, batch)


def examples(annotated: Sequence[Sample], vectors: Container[str]) -> list[Example]:
    """Return the annotated samples that have a vector, as learning sees them."""
    return [
        Example(row.id, row.sha256, row.label_id, row.group_id)
        for row in annotated
        if row.label_id and row.sha256 in vectors
    ]


async def fit(
    services: Services,
    function: Function,
    encoder: Encoder,
    annotated: Sequence[Sample],
    vectors: Mapping[str, NDArray[np.float16]],
    prototypes: Mapping[UUID, Floats],
    report: Report = lambda stage, fraction: None,
    choice: Choice | None = None,
) -> Learned:
    """Fit and cross-validate a model on annotated samples and their vectors, by SHA-256."""
    learned_from = examples(annotated, vectors)
    return await asyncio.to_thread(
        learn,
        learned_from,
        vectors,
        prototypes,
        encoder.near_duplicate,
        report,
        await unlabelled(services, encoder, function, len(learned_from)),
        grouped=all(row.grouped and row.embedded_for == encoder.identity for row in annotated),
        choice=choice,
    )


async def unlabelled(
    services: Services, encoder: Encoder, function: Function, annotated: int
) -> Floats | None:
    """Return vectors (m, dim) of the newest samples that nobody has annotated, oldest first.

    None if the function does not learn from them, or if so many samples are annotated that they
    would add next to nothing.
    """
    if not function.learns_from_unlabelled or annotated > MOST_ANNOTATED:
        return None
    waiting = Sample.filter(TEACHES_NOTHING, function_id=function.id, embedded=True)
    rows = await waiting.order_by("-id").limit(MOST).values_list("sha256", flat=True)
    known = await services.encoding.known(encoder, [str(sha256) for sha256 in rows])
    found = [known[str(sha256)] for sha256 in reversed(rows) if str(sha256) in known]
    return np.array(found, np.float32) if found else None


async def unread(annotated: Sequence[Sample], vectors: Container[str]) -> str | None:
    """Return why a model must not be activated if too few annotated samples can be read.

    None if at most half of the annotated samples are unreadable.

    Raises:
        AwayError: Readable samples have no vector either; they will be embedded again.
    """
    without = [row.id for row in annotated if row.sha256 not in vectors]
    lost = [row.id for row in await Sample.filter(id__in=without, unreadable=None).only("id")]
    if lost:
        await Sample.filter(id__in=lost).update(embedded_for=None)
        raise outages.AwayError(f"the vectors of {len(lost)} annotated samples")
    learned = len(annotated) - len(without)
    if len(without) <= learned:
        return None
    return (
        f"It learned from {learned} samples, because the pictures of {len(without)} annotated "
        "samples cannot be read."
    )
