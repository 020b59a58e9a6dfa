"""Shrunk Gaussian discriminants: one mean a label and one covariance, for many shrinkages."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.moments import Linear, Moments

ABSENT = -1e4
"""The score of a label without samples or a name, which keeps it from being the answer."""


@dataclass(frozen=True)
class Prior:
    """The expected means of the labels before any sample, derived from their names."""

    means: Floats  # (labels, r)
    known: Floats  # (labels,) 1 where there is such a mean, else 0
    heard: bool = True
    """Whether the means count for all labels; if not, only for labels without samples."""


@dataclass(frozen=True)
class Solution:
    """The terms of the discriminant for one shrinkage and training set, to be blended later.

    ``S`` is the shrunk covariance, m are the labels' sample means and p their prior means.
    """

    to_means: Floats  # (r, labels) S^-1 m
    to_priors: Floats  # (r, labels) S^-1 p; (1, 1) if no label has a prior mean
    mean_norms: Floats  # (labels,) m' S^-1 m
    cross_norms: Floats  # (labels,) m' S^-1 p
    prior_norms: Floats  # (labels,) p' S^-1 p
    counts: Floats  # (labels,)
    means: Floats  # (labels, r)
    factor: Floats | None  # (r, r) lower Cholesky factor of S; None: S = spread * I
    spread: float

    def distances(self, rows: Floats, codes: Ints) -> Floats:
        """Return each row's squared distance under ``S`` to its own label's mean, (n,)."""
        away = rows - self.means[codes]
        if self.factor is None:
            return np.asarray((away * away).sum(axis=1) / self.spread)
        white = solve_triangular(self.factor, away.T, lower=True, check_finite=False)
        return np.asarray((white * white).sum(axis=0))


def solve(known: Moments, prior: Prior, shrinkages: tuple[float, ...], dim: int) -> list[Solution]:
    """Return the solution for each of ``shrinkages`` from the moments of one training set.

    The covariance within labels is ``(1 - s) S + s tr(S) / dim I``. Each s below 1 takes one
    Cholesky factor; 1 needs none and gives the nearest class mean.

    Source: Friedman, "Regularized discriminant analysis", Journal of the American Statistical
    Association 84, 1989; Ledoit and Wolf, "A well-conditioned estimator for large-dimensional
    covariance matrices", Journal of Multivariate Analysis 88, 2004 (the shrinkage target).
    """
    counts, means = known.counts, known.means
    total = max(float(counts.sum()), 1.0)
    within = (known.scatter - known.sums.T @ means) / total
    spread = float(np.trace(within)) / dim
    lone = spread * dim < 1e-6  # one sample a label: the spread within labels is unknown
    if lone:
        spread = max(float(np.trace(known.scatter)) / total / dim, 1e-12)
    named = bool(prior.known.any())
    both = (np.concatenate([means, prior.means]) if named else means).T
    solutions = []
    for shrinkage in shrinkages:
        factor = None
        if lone or shrinkage == 1.0:
            solved = both / spread
        else:
            # The transpose equals the matrix, in column order, which spares LAPACK a copy.
            covariance = (1 - shrinkage) * within.T
            covariance[np.diag_indices_from(covariance)] += shrinkage * spread
            factor, _ = cho_factor(covariance, lower=True, overwrite_a=True, check_finite=False)
            solved = cho_solve((factor, True), both, check_finite=False)
        to_means = solved[:, : len(means)]
        to_priors = solved[:, len(means) :] if named else np.zeros((1, 1), means.dtype)
        solutions.append(
            Solution(
                to_means=to_means,
                to_priors=to_priors,
                mean_norms=_lengths(means, to_means),
                cross_norms=np.einsum("ij,ji->i", means, to_priors)
                if named
                else np.zeros_like(counts),
                prior_norms=np.einsum("ij,ji->i", prior.means, to_priors)
                if named
                else np.zeros_like(counts),
                counts=counts,
                means=means,
                factor=factor,
                spread=spread,
            )
        )
    return solutions


def _lengths(rows: Floats, columns: Floats) -> Floats:
    """Return the product (n,) of each row (n, m) with its column (m, n)."""
    return np.asarray(np.einsum("ij,ji->i", rows, columns))


def shares(counts: Floats, known: Floats, strength: float) -> Floats:
    """Return the weight ``(labels,)``, 0 to 1, of each label's samples in its blended mean.

    A known name counts for ``strength`` samples.
    """
    return np.asarray(counts / np.maximum(counts + strength * known, 1e-9))


def norms(solution: Solution, share: Floats, noise: float) -> Floats:
    """Return the unbiased squared lengths ``(labels,)`` under S^-1 of the labels' blended means.

    Noise adds ``noise / n`` to the squared length of a mean of n samples. Without the correction,
    labels with few samples would appear farther from every row.
    """
    raw = (
        share * share * solution.mean_norms
        + 2 * share * (1 - share) * solution.cross_norms
        + (1 - share) * (1 - share) * solution.prior_norms
    )
    return np.asarray(raw - share * share * noise / np.maximum(solution.counts, 1))


@dataclass(frozen=True)
class Blend:
    """The weights by which discriminants are averaged."""

    shrinkages: tuple[float, ...]
    strengths: tuple[float, ...]
    tempers: tuple[float, ...]
    scales: Floats  # (shrinkages, strengths, tempers): share of the blend times scale
    share: Floats  # (shrinkages, strengths, tempers), sums to 1
    noises: Floats  # (shrinkages,)

    @property
    def shrinkage(self) -> float:
        """The weighted mean shrinkage."""
        return float(self.share.sum(axis=(1, 2)) @ np.asarray(self.shrinkages))

    @property
    def strength(self) -> float:
        """The weighted mean number of samples that a name counts for."""
        return float(self.share.sum(axis=(0, 2)) @ np.asarray(self.strengths))

    def without_idle(self, kept: float) -> "Blend":
        """Return the same blend without the shrinkages of no share, except ``kept``."""
        of = [
            at
            for at, shrinkage in enumerate(self.shrinkages)
            if self.scales[at].any() or shrinkage == kept
        ]
        shrinkages = tuple(self.shrinkages[at] for at in of)
        return replace(
            self,
            shrinkages=shrinkages,
            scales=self.scales[of],
            share=self.share[of],
            noises=self.noises[of],
        )

    def head(self, solutions: list[Solution], prior: Prior) -> Linear:
        """Return the linear head that averages the discriminants of one training set."""
        first = solutions[0]
        weights = np.zeros_like(first.to_means)
        bias = np.zeros_like(first.mean_norms)
        for s, solution in enumerate(solutions):
            for t, strength in enumerate(self.strengths):
                scale = self.scales[s, t]
                if not scale.any():
                    continue
                share = shares(first.counts, prior.known, strength)
                weights += scale.sum() * share * solution.to_means
                if prior.known.any():
                    weights += scale.sum() * (1 - share) * solution.to_priors
                half = 0.5 * float(scale @ np.asarray(self.tempers))
                bias -= half * norms(solution, share, float(self.noises[s]))
        bias[(first.counts == 0) & (prior.known == 0)] = ABSENT
        return Linear(weights, bias)
