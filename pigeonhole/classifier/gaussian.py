"""Shrunk Gaussian discriminant analysis: one mean a label, one shared covariance."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve  # type: ignore[import-untyped]

from pigeonhole.classifier.arrays import Floats, Ints

SHRINKAGES = (1.0, 0.9, 0.75, 0.5, 0.3, 0.15, 0.05)


@dataclass(frozen=True)
class Moments:
    """What the head needs to know of samples: sums that add up over folds."""

    counts: Floats  # (labels,)
    sums: Floats  # (labels, dim)
    scatter: Floats  # (dim, dim), uncentred

    def __sub__(self, other: "Moments") -> "Moments":
        return Moments(
            self.counts - other.counts, self.sums - other.sums, self.scatter - other.scatter
        )


def moments(rows: Floats, codes: Ints, labels: int) -> Moments:
    """Sum up ``rows`` (n, dim) of labels ``codes`` (n,)."""
    counts = np.bincount(codes, minlength=labels).astype(rows.dtype)
    order = np.argsort(codes, kind="stable")
    sums = np.zeros((labels, rows.shape[1]), dtype=rows.dtype)
    present = np.flatnonzero(counts)
    if len(present):
        starts = np.searchsorted(codes[order], present)
        sums[present] = np.add.reduceat(rows[order], starts, axis=0)
    return Moments(counts, sums, rows.T @ rows)


@dataclass(frozen=True)
class Linear:
    """Scores that are linear in a row."""

    weights: Floats  # (dim, labels)
    bias: Floats  # (labels,)

    def __call__(self, rows: Floats) -> Floats:
        return np.asarray(rows @ self.weights + self.bias)


def discriminants(
    known: Moments, prior_means: Floats, strengths: tuple[float, ...], shrinkage: float, dim: int
) -> list[Linear]:
    """Return the discriminant of one shrinkage for each strength of the prior means.

    A label's mean is that of its samples and of ``strength`` more at its prior mean; one
    without a sample or a strength stays at the prior mean. The covariance within labels is
    ``(1 - s) S + s tr(S) / dim I``.

    Args:
        known: Of the training rows.
        prior_means: ``(labels, r)``.
        strengths: In samples.
        shrinkage: 0 to 1.
        dim: The dimension that the trace is spread over.

    Source: Friedman, "Regularized discriminant analysis", Journal of the American Statistical
    Association 84, 1989; Hastie, Tibshirani and Friedman, "The Elements of Statistical
    Learning", 2009, section 4.3.1.
    """
    counts = known.counts[:, None]
    total = float(known.counts.sum())
    means = known.sums / np.maximum(counts, 1)
    within = (known.scatter - known.sums.T @ means) / max(total, 1)
    spread = float(np.trace(within)) / dim
    if spread <= 1e-7:  # one sample a label: nothing is known of the spread within
        within, spread, shrinkage = np.zeros_like(within), 1.0 / dim, 1.0
    solved_means: Floats
    if shrinkage == 1.0:
        solved = np.concatenate([means, prior_means]).T / spread
    else:
        covariance = (1 - shrinkage) * within
        covariance[np.diag_indices_from(covariance)] += shrinkage * spread
        factor = cho_factor(covariance, lower=True, overwrite_a=True, check_finite=False)
        solved = cho_solve(factor, np.concatenate([means, prior_means]).T, check_finite=False)
    solved_means, solved_priors = np.split(solved, 2, axis=1)
    heads = []
    for strength in strengths:
        share = counts / np.maximum(counts + strength, 1e-9)
        centre = share * means + (1 - share) * prior_means
        weights = solved_means * share.T + solved_priors * (1 - share.T)
        heads.append(Linear(weights, -0.5 * np.einsum("ij,ji->i", centre, weights)))
    return heads
