"""Grouping of near-duplicate images."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pigeonhole.classifier.arrays import Floats, Ints

BLOCK = 2048
"""Rows compared at once."""
SKETCH = 64
"""The number of principal components in which candidates are found."""
FEW = 5_000
"""Up to this many rows, small blocks and no principal components are used."""
SMALL_BLOCK = 256
"""Rows compared at once when there are few: small blocks compute fewer pairs twice."""


def groups_of(
    X: Floats,  # noqa: N803 - scikit-learn's name
    sha: Sequence[str] | None = None,
    threshold: float = 0.97,
) -> Ints:
    """Return a group id for each row; rows linked by a chain of near-duplicates share one.

    Two rows are near-duplicates if their ``sha`` is equal or their cosine is at least
    ``threshold``. Rows are compared in blocks by their first principal components, in which
    distances only shrink, and only pairs that are close there are compared in full. So no n x n
    matrix is built.

    Args:
        X: ``(n, dim)`` of length 1.
        sha: ``n`` content hashes, if known.
        threshold: A cosine, which depends on the encoder.

    Returns:
        ``(n,)`` ids from 0, in the order of the groups' first rows.

    Raises:
        ValueError: ``sha`` and ``X`` differ in length.
    """
    n = len(X)
    pairs = [_close_pairs(np.asarray(X, dtype=np.float32), threshold)] if n else []
    if sha is not None:
        if len(sha) != n:
            raise ValueError(f"sha has {len(sha)} entries for {n} rows; give one per row.")
        _, first, inverse = np.unique(np.asarray(sha), return_index=True, return_inverse=True)
        pairs.append(np.stack([np.arange(n), first[inverse]]))
    if not pairs:
        return np.zeros(0, dtype=np.int64)
    left, right = np.concatenate(pairs, axis=1)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[inverse])


def _close_pairs(rows: Floats, threshold: float) -> Ints:
    """Return the pairs ``(2, m)``, lower index first, whose cosine is at least ``threshold``."""
    sketch = _sketch(rows)
    halves = 0.5 * (sketch * sketch).sum(axis=1)
    norms = 0.5 * (rows * rows).sum(axis=1)
    found: list[Ints] = []
    slack = 1e-5
    block = BLOCK if len(rows) > FEW else SMALL_BLOCK
    for start in range(0, len(rows), block):
        stop = min(start + block, len(rows))
        for other in range(start, len(rows), block):
            end = min(other + block, len(rows))
            near = sketch[start:stop] @ sketch[other:end].T - halves[other:end]
            i, j = np.nonzero(near >= (halves[start:stop] - (1 - threshold) - slack)[:, None])
            i, j = i + start, j + other
            i, j = i[i < j], j[i < j]
            for cut in range(0, len(i), 100_000):
                a, b = i[cut : cut + 100_000], j[cut : cut + 100_000]
                half = norms[a] + norms[b] - np.einsum("ij,ij->i", rows[a], rows[b])
                close = half <= 1 - threshold + slack / 10
                found.append(np.stack([a[close], b[close]]))
    return np.concatenate(found, axis=1) if found else np.zeros((2, 0), dtype=np.int64)


def _sketch(rows: Floats) -> Floats:
    """Return ``rows`` in their first principal components, in which distances only shrink.

    Few rows are only centred, since finding the components would take longer than it saves.
    """
    if rows.shape[1] <= SKETCH or len(rows) <= FEW:
        return np.asarray(rows - rows.mean(axis=0))
    centred = rows - rows.mean(axis=0)
    step = max(1, len(rows) // 5000)
    _, vectors = np.linalg.eigh(centred[::step].T @ centred[::step])
    return np.ascontiguousarray(centred @ vectors[:, -SKETCH:])
