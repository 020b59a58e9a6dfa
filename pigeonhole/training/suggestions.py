"""Suggestions: which samples are most worth annotating next."""

import asyncio
from uuid import UUID

import numpy as np
from tortoise.transactions import in_transaction

from pigeonhole.classifier.review import informativeness
from pigeonhole.revisions import lock
from pigeonhole.services import database, events
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import Floats
from pigeonhole.tables import Function, Sample
from pigeonhole.tables.teaching import TEACHES

POOL = 2_000
"""Most samples that are compared, those added first, so that the work stays bounded."""
RANKED = 200
"""Most samples that are ranked, more than anybody annotates before the next ranking."""


async def suggest(services: Services, function_id: UUID) -> None:
    """Rank a function's unannotated samples by what annotating them would teach."""
    function = await Function.get_or_none(id=function_id)
    if function is None:
        return
    encoder = await services.encoding.load(function.encoder)
    embedded = Sample.filter(function_id=function_id, embedded=True)
    pool = await embedded.filter(label_id=None).order_by("id").limit(POOL).only("id", "sha256")
    annotated = await embedded.filter(TEACHES).only("sha256")
    vectors = await services.encoding.known(encoder, [row.sha256 for row in (*pool, *annotated)])
    pool = [row for row in pool if row.sha256 in vectors]
    if not pool:
        return

    def stacked(rows: list[Sample]) -> Floats:
        kept = [vectors[row.sha256] for row in rows if row.sha256 in vectors]
        return np.array(kept, np.float32).reshape(-1, encoder.dimension)

    candidates, proba = stacked(pool), None
    if function.active_model_id is not None:
        predictor = await services.predictors.get(function.active_model_id)
        proba = predictor.classifier.predict_proba(candidates)
    order = await asyncio.to_thread(
        informativeness, candidates, proba, stacked(annotated), count=RANKED
    )
    ranked = [pool[index] for index in order]
    async with in_transaction():
        await lock([function_id])
        await (
            Sample.filter(function_id=function_id, informativeness__gte=0.0)
            .exclude(id__in=[sample.id for sample in ranked])
            .update(informativeness=None)
        )
        await database.update_many(
            "UPDATE sample SET informativeness = ? WHERE id = ?",
            [[1 - place / len(ranked), str(sample.id)] for place, sample in enumerate(ranked)],
        )
    await events.publish(services.broadcast, function_id)
