"""Groups of unlabelled samples that probably share a label, computed when they are asked for."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from cachetools import LRUCache

from pigeonhole.classifier.arrays import Floats
from pigeonhole.classifier.clusters import Cluster, clusters
from pigeonhole.services.predictors import STRANGE, Predictor, Predictors, label_ids
from pigeonhole.services.spending import Spend
from pigeonhole.services.vectors import Encoding
from pigeonhole.tables import Function, Sample

POOL = 1_000
"""Most samples that are grouped, the newest, so that the work stays bounded."""
POINTS_A_THOUSAND = 100
"""Points for each thousand samples that might be grouped: reading their IDs takes 5 ms of CPU."""
POINTS_A_THOUSAND_GROUPED = 4_000
"""Points for each thousand samples to group: about 200 ms of CPU."""
KEPT = 32
"""Sets of groups that are kept in memory."""
Key = tuple[tuple[tuple[UUID, str], ...], UUID | None, str, frozenset[UUID]]
"""All that groups depend on: samples and their images, the model, the encoder, and the labels."""


@dataclass(frozen=True)
class Group:
    """Samples that probably share a label.

    Attributes:
        sample_ids: The samples, most typical first.
        closeness: Cosine of each to the mean of the group, -1 to 1, largest first.
        label_id: The label that the model predicts for them; None if none is likely.
        purity: Share of the samples that is expected to have the label, 0 to 1; None without one.
        cohesion: Mean of ``closeness``.
    """

    sample_ids: tuple[UUID, ...]
    closeness: tuple[float, ...]
    label_id: UUID | None
    purity: float | None
    cohesion: float

    @property
    def rank(self) -> float:
        """What groups are sorted by: the purest first, then those without a label."""
        return -self.purity if self.purity is not None else 2 - self.cohesion


@dataclass
class SampleGroups:
    """The groups of functions, kept in memory by what they were computed from."""

    encoding: Encoding
    predictors: Predictors
    _kept: LRUCache[Key, list[Group]] = field(default_factory=lambda: LRUCache(KEPT))
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, function: Function, spend: Spend) -> list[Group]:
        """Return the groups of a function's newest ``POOL`` embedded samples without annotation.

        Args:
            function: Its row, read a moment ago.
            spend: Takes the points for the work.
        """
        waiting = Sample.filter(function_id=function.id, label_id=None, embedded=True)
        newest = await waiting.order_by("-id").limit(POOL).values_list("id", "sha256")
        await spend(POINTS_A_THOUSAND * len(newest) // 1_000)
        existing = await label_ids(function.id)
        key = (tuple(newest), function.active_model_id, function.encoder, existing)
        async with self._one_at_a_time:
            if key not in self._kept:
                await spend(POINTS_A_THOUSAND_GROUPED * len(newest) // 1_000)
                self._kept[key] = await self._compute(key)
            return self._kept[key]

    async def _compute(self, key: Key) -> list[Group]:
        newest, model_id, spec, existing = key
        encoder = await self.encoding.load(spec)
        vectors = await self.encoding.known(encoder, [sha256 for _, sha256 in newest])
        pool = [(id, sha256) for id, sha256 in newest if sha256 in vectors]
        if not pool:
            return []
        predictor = None if model_id is None else await self.predictors.get(model_id)

        def compute() -> list[Group]:
            rows = np.array([vectors[sha256] for _, sha256 in pool], np.float32)
            return _grouped([id for id, _ in pool], rows, predictor, existing)

        return await asyncio.to_thread(compute)


def _grouped(
    ids: list[UUID], rows: Floats, predictor: Predictor | None, existing: frozenset[UUID]
) -> list[Group]:
    labels: list[UUID] = []
    guesses = np.full(len(rows), -1)
    confidences, strange = np.zeros(len(rows)), np.zeros(len(rows), bool)
    if predictor is not None:
        labels = list(predictor.labels)
        for row, (label, confidence) in enumerate(predictor.most_likely(rows, existing)):
            if label is not None and confidence is not None:
                guesses[row], confidences[row] = labels.index(label), confidence
        strange = predictor.classifier.strangeness(rows) <= STRANGE
    geometry = predictor.geometry if predictor is not None else None

    def group(cluster: Cluster) -> Group:
        pairs = zip(cluster.closeness.tolist(), cluster.rows.tolist(), strict=True)
        members = sorted(((close, ids[row]) for close, row in pairs), key=_typical_first)
        return Group(
            tuple(id for _, id in members),
            tuple(close for close, _ in members),
            labels[cluster.label] if cluster.label >= 0 else None,
            cluster.purity,
            cluster.cohesion,
        )

    found = [group(one) for one in clusters(rows, guesses, confidences, strange, geometry)]
    return sorted(found, key=lambda one: (one.rank, one.sample_ids[0]))


def _typical_first(member: tuple[float, UUID]) -> tuple[float, UUID]:
    closeness, id = member
    return -closeness, id
