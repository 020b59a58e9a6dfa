"""Samples of functions in memory: an array for each function, updated with what has changed.

A gallery holds the vectors and labels of a function's annotated samples, or of all that have a
vector, or short points of all that are compared with each other. It is built once. Before each use,
the rows that `Function.changes` numbered since the last use are read and put in their places. All
galleries of a process share a bounded memory: those not used for longest are given back first, and
each one after a while without use.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from tortoise.queryset import QuerySet

from pigeonhole.classifier.closeness import Sketch, close, sketch_of
from pigeonhole.encoders import Encoder
from pigeonhole.services.vectors import Encoding, Floats
from pigeonhole.tables import Function, Sample
from pigeonhole.tables.teaching import TEACHES, teaches

MOST_BYTES = 768 * 2**20
"""Bytes of all galleries of a process: 150,000 annotated samples at 1,280 dimensions."""
UNUSED_S = 600.0
"""Seconds without use after which a gallery is released."""
READ = ("id", "sha256", "label_id", "annotation_source", "embedded", "grouped")
"""The columns that galleries are made of."""
CHUNK = 2_000
"""Samples read together while a gallery is built."""

FEW = 2_000
"""Compared samples up to which whole vectors are kept: short points are found from so many."""


class Kind(Enum):
    """Which samples a gallery has: those annotated by people, those that were compared, or all."""

    ANNOTATED = "annotated"
    COMPARED = "compared"
    EMBEDDED = "embedded"

    def of(self, samples: QuerySet[Sample]) -> QuerySet[Sample]:
        """Choose the samples of this kind."""
        if self is Kind.COMPARED:
            return samples.filter(grouped=True, embedded=True)
        if self is Kind.EMBEDDED:
            return samples.filter(embedded=True)
        return samples.filter(TEACHES, embedded=True)


Key = tuple[UUID, str, Kind]
"""A function, an encoder's identity, and the kind."""


@dataclass(eq=False)
class Gallery:
    """A function's samples in no particular order; place ``i`` is the same in each part.

    ``seen`` is the value of `Function.changes` up to which it has all changes.
    """

    dimension: int
    ids: list[UUID] = field(default_factory=list)
    labels: list[UUID | None] = field(default_factory=list)
    places: dict[UUID, int] = field(default_factory=dict)
    seen: int = -1
    sketch: Sketch | None = None  # projects vectors to points
    _vectors: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def vectors(self) -> Floats:
        """``(n, dim)`` of unit length, or points; a view that the next change may alter."""
        return self._vectors[: len(self.ids)]

    @property
    def bytes(self) -> int:
        """Approximate size in bytes."""
        return _bytes(self._vectors.nbytes, len(self.ids))

    def put(self, id: UUID, label: UUID | None, vector: NDArray[np.floating]) -> None:
        """Add or replace a sample."""
        place = self.places.setdefault(id, len(self.ids))
        if place == len(self.ids):
            self.ids.append(id)
            self.labels.append(label)
            self._reserve(len(self.ids))
        self.labels[place] = label
        self._vectors[place] = vector if self.sketch is None else self.sketch.points(vector)

    def shorten(self) -> None:
        """Keep points in place of vectors, as a sketch of those here makes them."""
        self.sketch = sketch_of(self.vectors)
        self._vectors = self.sketch.points(self.vectors)
        self.dimension = self._vectors.shape[1]

    def near(self, queries: Floats, threshold: float) -> list[list[UUID]]:
        """Return, for each query (m, dim), samples among which are all of at least a cosine."""
        points = queries if self.sketch is None else self.sketch.points(queries)
        found = close(self.vectors, points, threshold)
        return [[self.ids[place] for place in places.tolist()] for places in found]

    def drop(self, id: UUID) -> None:
        """Remove a sample if present; the last one takes its place."""
        place = self.places.pop(id, None)
        if place is None:
            return
        last_id, last_label = self.ids.pop(), self.labels.pop()
        if last_id != id:
            self.ids[place], self.labels[place] = last_id, last_label
            self._vectors[place] = self._vectors[len(self.ids)]
            self.places[last_id] = place

    def _reserve(self, count: int) -> None:
        if count > len(self._vectors):
            grown = np.zeros((_room(count), self.dimension), np.float32)
            if len(self._vectors):
                grown[: len(self._vectors)] = self._vectors
            self._vectors = grown


@dataclass
class Galleries:
    """The galleries that a process keeps."""

    encoding: Encoding
    most_bytes: int = MOST_BYTES
    unused_s: float = UNUSED_S
    _locks: defaultdict[Key, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    _ends: dict[Key, asyncio.TimerHandle] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept: LRUCache[Key, Gallery] = LRUCache(self.most_bytes, lambda one: one.bytes)

    @property
    def bytes(self) -> int:
        """Size of all galleries in bytes."""
        return int(self._kept.currsize)

    def __len__(self) -> int:
        return len(self._kept)

    async def fits(self, function: Function, encoder: Encoder, kind: Kind) -> bool:
        """Return whether a gallery is small enough to be kept, and not built for each use."""
        if (function.id, encoder.identity, kind) in self._kept:
            return True
        count = await kind.of(Sample.filter(function_id=function.id)).count()
        return _most_bytes(count, encoder.dimension) <= self.most_bytes

    @asynccontextmanager
    async def opened(
        self, function: Function, encoder: Encoder, kind: Kind = Kind.ANNOTATED
    ) -> AsyncIterator[Gallery]:
        """Yield a function's gallery, current up to ``function.changes``, for exclusive use.

        Args:
            function: Its row, read a moment ago.
            encoder: The encoder whose vectors are wanted.
            kind: Which samples.
        """
        key = (function.id, encoder.identity, kind)
        async with self._locks[key]:
            gallery = self._kept.get(key)
            if gallery is None:
                gallery = Gallery(encoder.dimension)
            await self._update(gallery, function, encoder, kind)
            self._keep(key, gallery)
            yield gallery

    def close(self) -> None:
        """Release all galleries."""
        for end in self._ends.values():
            end.cancel()
        self._ends.clear()
        self._kept.clear()

    def _keep(self, key: Key, gallery: Gallery) -> None:
        if key in self._ends:
            self._ends.pop(key).cancel()
        if gallery.bytes > self.most_bytes:
            self._kept.pop(key, None)  # it is built for each use
            return
        self._kept[key] = gallery
        loop = asyncio.get_running_loop()
        self._ends[key] = loop.call_later(self.unused_s, self._give_back, key)

    def _give_back(self, key: Key) -> None:
        self._ends.pop(key, None)
        self._kept.pop(key, None)
        if not self._locks[key].locked():
            del self._locks[key]

    async def _update(
        self, gallery: Gallery, function: Function, encoder: Encoder, kind: Kind
    ) -> None:
        if gallery.seen == function.changes:
            return
        samples = Sample.filter(function_id=function.id)
        chosen = kind.of(samples)
        built = gallery.seen >= 0
        if built and function.deletions > gallery.seen:
            left = set(await chosen.values_list("id", flat=True))
            for id in [id for id in gallery.ids if id not in left]:
                gallery.drop(id)
        changed = samples.filter(change__gt=gallery.seen) if built else chosen
        async for rows in _in_chunks(changed):
            kept = {row.id for row in rows if _has(row, kind)}
            shas = [row.sha256 for row in rows if row.id in kept]
            vectors = await self.encoding.known(encoder, shas)
            for row in rows:
                if row.id in kept and row.sha256 in vectors:
                    gallery.put(row.id, row.label_id, vectors[row.sha256])
                else:
                    gallery.drop(row.id)
            if kind is Kind.COMPARED and gallery.sketch is None and len(gallery) >= FEW:
                await asyncio.to_thread(gallery.shorten)
        gallery.seen = function.changes


def _room(count: int) -> int:
    """Return the rows to reserve when a gallery grows to a number of samples."""
    return max(64, count + count // 4)


def _bytes(array: int, count: int) -> int:
    return array + 250 * count + 1_000


def _most_bytes(count: int, dimension: int) -> int:
    """Return the most bytes of a gallery of vectors."""
    return _bytes(4 * dimension * _room(count), count)


def _has(row: Sample, kind: Kind) -> bool:
    if kind is Kind.EMBEDDED or not row.embedded:
        return row.embedded
    return row.grouped if kind is Kind.COMPARED else teaches(row)


async def _in_chunks(samples: QuerySet[Sample]) -> AsyncIterator[list[Sample]]:
    """Read samples in the order of their IDs, in chunks that let other tasks run."""
    last: UUID | None = None
    while True:
        query = samples if last is None else samples.filter(id__gt=last)
        rows = await query.order_by("id").limit(CHUNK).only(*READ)
        if rows:
            yield rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].id
