"""Likeness: which annotated samples of a function are most like a picture."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from pigeonhole.classifier.evidence import Geometry
from pigeonhole.errors import ConflictError
from pigeonhole.services.services import Services
from pigeonhole.services.spending import Spend, free
from pigeonhole.services.vectors import Floats
from pigeonhole.tables import Function, Sample

Like = tuple[UUID, float]
"""A sample and the similarity of its image to another by the model's geometry, -1 to 1."""

POINTS_A_MILLION_COMPARED = 500
"""Points for comparing a thousand images with a thousand samples in memory: 25 ms of CPU."""


@dataclass(frozen=True, eq=False)
class Asked:
    """An image for whose prediction evidence is requested.

    ``vector`` ``(dim,)`` is its vector if at hand; otherwise that of a sample with the image is
    used. ``model_id`` is the model that predicted.
    """

    function_id: UUID
    model_id: UUID
    sha256: str
    vector: Floats | None
    first: int


async def evidence(
    services: Services, asked: Sequence[Asked], spend: Spend = free
) -> list[list[Like]]:
    """Return the annotated samples most similar to each image, without itself, best first.

    Similarity is by the geometry of the model that predicted.

    The annotated samples of a function are in memory; those that have changed are read again.
    """
    found: list[list[Like]] = [[] for _ in asked]
    for function in await Function.filter(id__in=list({one.function_id for one in asked})):
        encoder = await services.encoding.load(function.encoder)
        mine = [place for place, one in enumerate(asked) if one.function_id == function.id]
        unknown = [asked[place].sha256 for place in mine if asked[place].vector is None]
        known = await services.encoding.known(encoder, unknown)
        vectors = {
            place: known.get(asked[place].sha256) if vector is None else vector
            for place in mine
            for vector in [asked[place].vector]
        }
        queries = {place: vector for place, vector in vectors.items() if vector is not None}
        if not queries:
            continue
        shown = [asked[place].sha256 for place in queries]
        same = Sample.filter(function_id=function.id, sha256__in=shown)
        own = dict(await same.values_list("sha256", "id"))  # at most one sample has the same image
        spaces = {
            asked[place].model_id: await _space(services, function, asked[place].model_id)
            for place in queries
        }
        async with services.galleries.opened(function, encoder) as gallery:
            for model_id, space in spaces.items():
                places = [place for place in queries if asked[place].model_id == model_id]
                products = len(gallery) * (len(places) + space.axes.shape[1] + 1)
                await spend(POINTS_A_MILLION_COMPARED * products // 1_000_000)
                most = 1 + max(asked[place].first for place in places)
                kept = np.stack([queries[place] for place in places]).astype(np.float16)
                rows: Floats = kept.astype(np.float32)  # rounded like stored vectors
                like = await asyncio.to_thread(space.nearest, gallery.vectors, rows, most)
                for place, *pair in zip(places, *(part.tolist() for part in like), strict=True):
                    itself = own.get(asked[place].sha256)
                    others = [(gallery.ids[at], cosine) for at, cosine in zip(*pair, strict=True)]
                    others = [one for one in others if one[0] != itself]
                    found[place] = others[: asked[place].first]
    return found


async def _space(services: Services, function: Function, model_id: UUID) -> Geometry:
    """Return the space of a model, of one whose numbers are kept no longer that of the active."""
    try:
        return (await services.predictors.get(model_id)).geometry
    except ConflictError:
        return (await services.predictors.active(function)).geometry
