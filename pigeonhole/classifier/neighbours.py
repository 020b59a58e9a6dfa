"""Which pictures look alike: near-duplicates, and the samples nearest to a picture."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pigeonhole.classifier.arrays import Floats, Ints

BLOCK = 2048
SKETCH = 64
FEW = 5_000
SMALL_BLOCK = 256
"""Of few rows: the smaller the blocks, the less of a product with itself is computed twice."""


def nearest(X: Floats, queries: Floats, k: int) -> tuple[Ints, Floats]:  # noqa: N803
    """Return the ``k`` rows of ``X`` most like each query, best first, and their cosines.

    Args:
        X: ``(n, dim)`` of length 1.
        queries: ``(m, dim)`` of length 1.
        k: How many; all of ``X`` when that is fewer.

    Returns:
        Indices ``(m, k)`` and similarities ``(m, k)``; equally similar rows in order.
    """
    k = min(k, len(X))
    indices = np.zeros((len(queries), k), dtype=np.int64)
    similarities = np.zeros((len(queries), k), dtype=np.float32)
    step = max(1, min(BLOCK, 20_000_000 // max(len(X), 1)))
    for start in range(0, len(queries) if k else 0, step):
        block = np.asarray(queries[start : start + step] @ X.T)
        top = np.argpartition(-block, k - 1, axis=1)[:, :k] if k < len(X) else None
        top = np.sort(top, axis=1) if top is not None else np.tile(np.arange(k), (len(block), 1))
        values = np.take_along_axis(block, top, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        indices[start : start + step] = np.take_along_axis(top, order, axis=1)
        similarities[start : start + step] = np.take_along_axis(values, order, axis=1)
    return indices, similarities


def groups_of(
    X: Floats,  # noqa: N803
    sha: Sequence[str] | None = None,
    threshold: float = 0.97,
) -> Ints:
    """Return a group id for each row: near-duplicates, and what they lead to, share one.

    Two rows belong together when their ``sha`` is equal or their cosine is at least
    ``threshold``. Rows are compared in blocks by their first principal components, in which
    no distance grows, and only pairs close there are compared in full: no n x n matrix.

    Args:
        X: ``(n, dim)`` of length 1.
        sha: ``n`` content hashes, where known.
        threshold: A cosine, which depends on the encoder.

    Returns:
        ``(n,)`` ids from 0, in the order of their first rows.
    """
    n = len(X)
    pairs = [_close_pairs(np.asarray(X, dtype=np.float32), threshold)] if n else []
    if sha is not None:
        if len(sha) != n:
            raise ValueError(f"sha has {len(sha)} entries for {n} rows; give one a row.")
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
    """Return ``(2, m)`` pairs, the lower index first, of cosine at least ``threshold``."""
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
    """Return the first principal components of ``rows``: distances only shrink in them.

    Where there are few rows, finding the components would take longer than they save.
    """
    if rows.shape[1] <= SKETCH or len(rows) <= FEW:
        return np.asarray(rows - rows.mean(axis=0))
    centred = rows - rows.mean(axis=0)
    step = max(1, len(rows) // 5000)
    _, vectors = np.linalg.eigh(centred[::step].T @ centred[::step])
    return np.ascontiguousarray(centred @ vectors[:, -SKETCH:])
