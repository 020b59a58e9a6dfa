"""The planes in which the samples of functions are drawn as a map."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from cachetools import LRUCache

from pigeonhole.classifier.plane import Plane
from pigeonhole.encoders import Encoder
from pigeonhole.services.galleries import Gallery
from pigeonhole.services.predictors import Predictor
from pigeonhole.tables import Function

FITTED = 2_000
"""Samples from which a plane is found."""
KEPT = 256
"""Planes that a process keeps, 10 kB each."""


@dataclass
class Planes:
    """The planes that a process has found.

    A plane stays as it is until there is another model or the samples have doubled.
    """

    _kept: LRUCache[tuple[UUID, str, UUID | None, int], Plane] = field(
        default_factory=lambda: LRUCache(KEPT)
    )

    async def get(
        self, function: Function, encoder: Encoder, predictor: Predictor | None, gallery: Gallery
    ) -> Plane:
        """Return the plane of a function's map."""
        model_id = predictor.model.id if predictor else None
        key = (function.id, encoder.identity, model_id, len(gallery).bit_length())
        plane = self._kept.get(key)
        if plane is None:
            plane = self._kept[key] = await asyncio.to_thread(_found, gallery, predictor)
        return plane


def _found(gallery: Gallery, predictor: Predictor | None) -> Plane:
    """Return the plane of samples evenly chosen by their IDs, whatever their order in memory."""
    chosen = sorted(gallery.ids)[:: -(-len(gallery) // FITTED) or 1]
    rows = gallery.vectors[[gallery.places[id] for id in chosen]]
    return Plane.of(rows, predictor.geometry if predictor else None)
