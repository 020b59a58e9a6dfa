"""Sums over samples, from which heads are fitted: those of a fold subtract from the whole."""

from dataclasses import dataclass

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints


@dataclass(frozen=True)
class Linear:
    """Scores that are linear in a row."""

    weights: Floats  # (dim, labels)
    bias: Floats  # (labels,)

    def __call__(self, rows: Floats) -> Floats:
        """Return ``(n, labels)`` scores."""
        return np.asarray(rows @ self.weights + self.bias)

    def scaled(self, scale: float) -> "Linear":
        """Return the head of ``scale`` times the scores."""
        return Linear(
            self.weights * self.weights.dtype.type(scale), self.bias * self.bias.dtype.type(scale)
        )


@dataclass(frozen=True)
class Moments:
    """Counts, sums and squares of samples."""

    counts: Floats  # (labels,)
    sums: Floats  # (labels, dim)
    scatter: Floats  # (dim, dim), about the origin

    @property
    def means(self) -> Floats:
        """Each label's mean (labels, dim); zero for one without a sample."""
        return np.asarray(self.sums / np.maximum(self.counts, 1)[:, None])

    def __add__(self, more: "Moments") -> "Moments":
        """Return the moments of the samples of both."""
        return Moments(
            self.counts + more.counts, self.sums + more.sums, self.scatter + more.scatter
        )

    def __sub__(self, part: "Moments") -> "Moments":
        """Return the moments of the samples that are not in ``part``."""
        return Moments(
            self.counts - part.counts, self.sums - part.sums, self.scatter - part.scatter
        )


def moments(rows: Floats, codes: Ints, labels: int) -> Moments:
    """Sum up ``rows`` (n, dim) of labels ``codes`` (n,)."""
    counts = np.bincount(codes, minlength=labels).astype(rows.dtype)
    sums = np.zeros((labels, rows.shape[1]), dtype=rows.dtype)
    present = np.flatnonzero(counts)
    if len(present):
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], present)
        sums[present] = np.add.reduceat(rows[order], starts, axis=0)
    return Moments(counts, sums, rows.T @ rows)
