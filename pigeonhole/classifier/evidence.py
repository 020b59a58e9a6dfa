"""The samples that support an answer: those nearest in the directions that separate the labels.

Raw cosines also count what the labels have in common, such as a hand or a floor. Here the
directions in which the head's labels differ count ``1 / REST`` times as much as all others.
"""

from dataclasses import dataclass

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.moments import widest

AXES = 32
"""The most directions kept of a head of many labels: those in which the labels differ most."""
REST = 0.1
"""Factor for all other directions: it still tells samples of the same label apart."""
CELLS = 20_000_000
"""About how many products are in memory at once."""
_LEAST = 1e-6


@dataclass(frozen=True)
class Geometry:
    """The space in which a linear head separates its labels."""

    origin: Floats  # (dim,) the middle of the labels
    axes: Floats  # (dim, r) orthonormal

    @classmethod
    def of(cls, weights: Floats, origin: Floats) -> "Geometry":
        """Return the space of a head's ``weights`` (dim, k); with one label it has no axis."""
        apart = weights.astype(np.float64)
        apart -= apart.mean(axis=1, keepdims=True)
        vectors, values = widest(apart.T @ apart, AXES)
        kept = values > _LEAST * max(float(values.max(initial=0)), _LEAST)
        axes = apart @ (vectors[:, kept] / np.sqrt(values[kept]))
        return cls(np.asarray(origin, np.float32), np.asarray(axes, np.float32))

    def cosines(self, rows: Floats, queries: Floats) -> Floats:
        """Return the cosines ``(m, n)`` in this space of queries (m, dim) and rows (n, dim).

        Rows and queries must have length 1: then the products of each row with the axes, the
        origin and the queries are sufficient.
        """
        r, far = self.axes.shape[1], float(self.origin @ self.origin)
        columns = np.concatenate([self.axes.T, self.origin[None], queries]).T

        def parts(of: Floats) -> tuple[Floats, Floats, Floats]:
            found = of @ columns
            inside = found[:, :r] - self.origin @ self.axes
            squared = (inside * inside).sum(axis=1)
            length = (1 - REST**2) * squared + REST**2 * (1 - 2 * found[:, r] + far)
            return found, inside, np.sqrt(np.maximum(length, 1e-12))

        asked, theirs, lengths = parts(queries)
        found, inside, others = parts(rows)
        away = found[:, r + 1 :].T - asked[:, r, None] - found[:, r] + far
        whole = (1 - REST**2) * theirs @ inside.T + REST**2 * away
        return np.asarray(np.clip(whole / lengths[:, None] / others, -1, 1))

    def nearest(self, rows: Floats, queries: Floats, k: int) -> tuple[Ints, Floats]:
        """Return the ``k`` rows nearest to each query in this space, nearest first.

        Args:
            rows: ``(n, dim)`` of length 1.
            queries: ``(m, dim)`` of length 1.
            k: How many rows to return; all rows if there are fewer.

        Returns:
            Indices ``(m, k)`` and cosines ``(m, k)``; rows at the same distance stay in order.
        """
        k = min(k, len(rows))
        indices = np.zeros((len(queries), k), np.int64)
        cosines = np.zeros((len(queries), k), np.float32)
        step = max(1, CELLS // max(len(rows), 1))
        for start in range(0, len(queries) if k else 0, step):
            part = slice(start, start + step)
            indices[part], cosines[part] = _largest(self.cosines(rows, queries[part]), k)
        return indices, cosines


def _largest(values: Floats, k: int) -> tuple[Ints, Floats]:
    """Return the indices and values (m, k) of each row's ``k`` largest; ties stay in order."""
    n = values.shape[1]
    top = np.argpartition(-values, k - 1, axis=1)[:, :k] if k < n else None
    top = np.sort(top, axis=1) if top is not None else np.tile(np.arange(k), (len(values), 1))
    found = np.take_along_axis(values, top, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1), np.take_along_axis(found, order, axis=1)
