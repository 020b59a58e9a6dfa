"""Sums over samples, from which heads are fitted; a fold's sums are subtracted from the whole."""

from dataclasses import dataclass

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints


@dataclass(frozen=True)
class Linear:
    """A linear head: scores that are linear functions of a row."""

    weights: Floats  # (dim, labels)
    bias: Floats  # (labels,)

    def __call__(self, rows: Floats) -> Floats:
        """Return the scores ``(n, labels)`` of rows (n, dim)."""
        return np.asarray(rows @ self.weights + self.bias)

    def scaled(self, scale: float) -> "Linear":
        """Return the head whose scores are ``scale`` times those of this one."""
        return Linear(
            self.weights * self.weights.dtype.type(scale), self.bias * self.bias.dtype.type(scale)
        )


@dataclass(frozen=True)
class Moments:
    """Counts, sums and sums of products of samples."""

    counts: Floats  # (labels,)
    sums: Floats  # (labels, dim)
    scatter: Floats  # (dim, dim), about the origin

    @property
    def means(self) -> Floats:
        """The labels' means (labels, dim), with zeros for a label without a sample."""
        return np.asarray(self.sums / np.maximum(self.counts, 1)[:, None])

    def __add__(self, more: "Moments") -> "Moments":
        """Return the moments of both sets of samples together."""
        return Moments(
            self.counts + more.counts, self.sums + more.sums, self.scatter + more.scatter
        )

    def __sub__(self, part: "Moments") -> "Moments":
        """Return the moments of the samples that are not in ``part``."""
        return Moments(
            self.counts - part.counts, self.sums - part.sums, self.scatter - part.scatter
        )


def moments(rows: Floats, codes: Ints, labels: int) -> Moments:
    """Return the moments of ``rows`` (n, dim) whose labels are ``codes`` (n,), from 0."""
    counts = np.bincount(codes, minlength=labels).astype(rows.dtype)
    sums = np.zeros((labels, rows.shape[1]), dtype=rows.dtype)
    present = np.flatnonzero(counts)
    if len(present):
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], present)
        sums[present] = np.add.reduceat(rows[order], starts, axis=0)
    return Moments(counts, sums, rows.T @ rows)


def widest(matrix: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the ``count`` axes (r, count) of a covariance with the largest variances, and those.

    Args:
        matrix: ``(r, r)``, symmetric.
        count: The most axes.

    Source: Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 53,
    2011, algorithm 4.4 (randomized subspace iteration).
    """
    r = len(matrix)
    if r <= 2 * count:
        values, vectors = np.linalg.eigh(matrix)
    else:
        start = np.random.default_rng(0).standard_normal((r, count + 8)).astype(matrix.dtype)
        basis, _ = np.linalg.qr(matrix @ start)
        for _ in range(6):
            basis, _ = np.linalg.qr(matrix @ basis)
        values, inner = np.linalg.eigh(basis.T @ matrix @ basis)
        vectors = basis @ inner
    kept = np.argsort(-values, kind="stable")[:count]
    return vectors[:, kept], np.maximum(values[kept], 0)
