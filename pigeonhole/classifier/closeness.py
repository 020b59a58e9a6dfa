"""Search for close rows: candidates in few dimensions first, then the full comparison.

Projecting rows onto orthonormal axes never increases the distance between them. So rows that are
far apart in the projection are far apart, and only the others need the full comparison.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pigeonhole.classifier.arrays import Bools, Floats, Ints

AXES = 64
ROUNDING = 1e-6
"""Rounding error allowed in half of a squared distance between whole rows."""
SLACK = 1e-4
"""Rounding error allowed in half of a squared distance between projections."""
CELLS = 8_000_000
"""The most products computed at once, so that memory stays bounded."""


@dataclass(frozen=True)
class Sketch:
    """The orthonormal axes along which a set of rows varies most."""

    origin: Floats  # (dim,)
    axes: Floats  # (dim, r)

    def points(self, rows: ArrayLike) -> Floats:
        """Return the coordinates (n, r) of rows (n, dim), or (r,) of a single row (dim,)."""
        return np.asarray((np.asarray(rows, np.float32) - self.origin) @ self.axes)


def sketch_of(rows: Floats) -> Sketch:
    """Return the sketch of rows (n, dim) with the ``AXES`` axes of the largest variance."""
    origin = rows.mean(axis=0)
    centred = rows - origin
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return Sketch(origin, np.ascontiguousarray(vectors[:, -AXES:], dtype=np.float32))


def close(points: Floats, queries: Floats, threshold: float) -> list[Ints]:
    """Return for each query the indices of all rows whose cosine may reach a threshold.

    The result may hold rows below the threshold, but misses none that reach it.

    Args:
        points: ``(n, r)`` coordinates of rows of length 1, or the rows themselves.
        queries: ``(m, r)`` likewise.
        threshold: The cosine.

    Returns:
        ``m`` arrays of indices into ``points``, in ascending order.
    """
    most = 1 - threshold + SLACK  # half of the squared distance
    found: list[list[Ints]] = [[] for _ in queries]
    halves = 0.5 * np.einsum("ij,ij->i", queries, queries)
    step = max(1, CELLS // max(1, len(queries)))
    for start in range(0, len(points), step):
        part = points[start : start + step]
        along = (part @ queries[0])[:, None] if len(queries) == 1 else part @ queries.T
        squares = 0.5 * np.einsum("ij,ij->i", part, part)
        places, which = np.nonzero(along - squares[:, None] >= halves - most)
        for query in np.unique(which).tolist():
            found[query].append(places[which == query] + start)
    nothing = np.zeros(0, np.int64)
    return [np.concatenate(each) if each else nothing for each in found]


def are_close(rows: Floats, others: Floats, threshold: float) -> Bools:
    """Return ``(n, m)``: whether each row is a near-duplicate of each of the others.

    The comparison is the one of ``neighbours.groups_of``.

    Args:
        rows: ``(n, dim)`` of length 1, up to rounding.
        others: ``(m, dim)`` likewise.
        threshold: The cosine.
    """
    halves = [0.5 * np.einsum("ij,ij->i", each, each) for each in (rows, others)]
    apart = halves[0][:, None] + halves[1] - rows @ others.T  # half of the squared distance
    return np.asarray(apart <= 1 - threshold + ROUNDING)
