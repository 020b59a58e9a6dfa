"""None of these: how strange a row looks beside the function's own held-out samples.

Two looks are added, each in units of its spread among held-out samples. One asks how much the
logits speak for any label, softened so that several middling ones count for little less than a
single high one. The other asks the same of cosines to the labels' means, in a space in which
the spread within labels is nearly round: it sees what a head that compares labels cancels out.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from pigeonhole.classifier.arrays import Floats
from pigeonhole.classifier.discriminants import Problem
from pigeonhole.classifier.gaussian import Prior, Solution, shares
from pigeonhole.classifier.moments import Moments
from pigeonhole.classifier.span import Span

SHRINKAGE = 0.9
SOFTENING = 0.25
SHARPNESS = 5.0
STRENGTH = 4.0
AXES = 24
KEPT = 1000
BLOCK = 4096
"""Rows looked at together, so that memory stays bounded."""


@dataclass(frozen=True)
class Shape:
    """Where the labels' means lie from their middle, and the axes along which samples spread.

    The covariance within labels is kept as its ``AXES`` widest axes and a round rest.
    """

    origin: Floats  # (dim,)
    directions: Floats  # (dim, k) float16, S^-1 m / |m|
    axes: Floats  # (dim, r) float16, scaled: what a row's squared length loses along them

    def cosines(self, rows: Floats) -> Floats:
        """Return ``(n, k)`` cosines under S^-1 of rows (n, dim) to the labels' means."""
        away = rows - self.origin
        along = away @ self.axes.astype(np.float32)
        squared = (away * away).sum(axis=1) - (along * along).sum(axis=1)
        length = np.sqrt(np.maximum(squared, 1e-12))[:, None]
        return np.asarray(away @ self.directions.astype(np.float32) / length)


def _middle(known: Moments, prior: Prior) -> tuple[Floats, Floats]:
    """Return the middle of the labels' means, and their offsets from it (k, r)."""
    share = shares(known.counts, prior.known, STRENGTH)[:, None]
    means = share * known.means + (1 - share) * prior.means
    there = (known.counts > 0) | (prior.known > 0)
    middle = means[there].sum(axis=0) / max(int(there.sum()), 1)
    return middle, np.where(there[:, None], means - middle, 0)


def shape_of(known: Moments, prior: Prior, space: Span, dim: int) -> Shape:
    """Return the shape of all samples, with the widest axes of their spread within labels."""
    middle, offsets = _middle(known, prior)
    total = max(float(known.counts.sum()), 1.0)
    within = (known.scatter - known.sums.T @ known.means) / total
    spread = float(np.trace(within)) / dim
    axes: Floats = np.zeros((within.shape[0], 0), within.dtype)
    if spread * dim >= 1e-6:
        vectors, values = _widest(within, AXES)
        widths = (1 - SHRINKAGE) * values / (SHRINKAGE * spread)
        axes = vectors * np.sqrt(widths / (1 + widths))
    solved = offsets.T - axes @ (axes.T @ offsets.T)
    lengths = np.sqrt(np.maximum(np.einsum("ij,ji->i", offsets, solved), 1e-12))
    origin = space.origin + (middle if space.basis is None else space.basis @ middle)
    return Shape(
        np.asarray(origin, dtype=np.float32),
        np.asarray(space.lift(solved / lengths), dtype=np.float16),
        np.asarray(space.lift(axes), dtype=np.float16),
    )


def shape_of_text(directions: Floats) -> Shape:
    """Return a shape from the names' directions (k, dim) alone."""
    lengths = np.maximum(np.linalg.norm(directions, axis=1), 1e-6)
    dim = directions.shape[1]
    return Shape(
        np.zeros(dim, np.float32),
        (directions.T / lengths).astype(np.float16),
        np.zeros((dim, 0), np.float16),
    )


def _widest(matrix: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the ``count`` widest axes (r, count) of a covariance and their variances.

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


def held_out_looks(problem: Problem, logits: Floats) -> Floats:
    """Return each row's looks (n, 2) by the shape of the samples outside its fold.

    Args:
        problem: The samples and the folds' solutions.
        logits: ``(n, k)`` held out.
    """
    found = np.zeros((len(problem.rows), 2))
    at = problem.shrinkages.index(SHRINKAGE)
    for fold, solutions in enumerate(problem.folds):
        out = np.flatnonzero(problem.dealt == fold)
        middle, offsets = _middle(problem.moments[fold], problem.prior)
        means = _round(offsets, solutions[at])
        for start in range(0, len(out), BLOCK):
            part = out[start : start + BLOCK]
            cosines = _round(problem.rows[part] - middle, solutions[at]) @ means.T
            found[part] = looks_of(logits[part], cosines)
    return found


def _round(rows: Floats, solution: Solution) -> Floats:
    """Return rows in the space in which the spread within labels is round, of length 1."""
    white = _whiten(rows, solution)
    return np.asarray(white / np.maximum(np.linalg.norm(white, axis=1, keepdims=True), 1e-6))


def _whiten(rows: Floats, solution: Solution) -> Floats:
    if solution.factor is None:
        return rows
    return np.asarray(solve_triangular(solution.factor, rows.T, lower=True, check_finite=False).T)


@dataclass(frozen=True)
class Novelty:
    """How to look at a row, and how the function's own held-out samples look."""

    centres: Floats  # (2,)
    spreads: Floats  # (2,)
    own: Floats  # (m,) sorted scores

    @classmethod
    def of(cls, looks: Floats) -> "Novelty":
        """Return the novelty of held-out rows' looks (n, 2)."""
        if not len(looks):
            return cls(np.zeros(2), np.ones(2), np.zeros(0, np.float32))
        found = cls(looks.mean(axis=0), np.maximum(looks.std(axis=0), 1e-6), looks[:, 0])
        return cls(found.centres, found.spreads, _thinned(found.scores(looks)))

    def scores(self, looks: Floats) -> Floats:
        """Return the scores (n,) of looks (n, 2): higher is stranger."""
        return np.asarray(((looks - self.centres) / self.spreads).sum(axis=1))

    def share(self, scores: Floats) -> Floats:
        """Return the share of own samples, and of the row itself, at least as strange.

        Counting the row itself makes a flag at 5 % raise for at most 5 % of rows like the own
        ones, and for none while there are fewer than 19.

        Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005,
        section 2.2 (conformal p-values).
        """
        stranger = len(self.own) - np.searchsorted(self.own, scores, side="left")
        return np.asarray((stranger + 1) / (len(self.own) + 1))


def looks_of(logits: Floats, cosines: Floats) -> Floats:
    """Return ``(n, 2)``: how little the logits and the cosines speak for any label.

    Source: Liu et al., "Energy-based out-of-distribution detection", NeurIPS 2020, section 3
    (the log sum of exponentials).
    """
    logits = logits.astype(np.float64)
    absent = logits < logits.max(axis=1, keepdims=True) - 1e3 if logits.size else logits > 0
    there = np.maximum((~absent).sum(axis=1, keepdims=True), 1)
    centred = logits - np.where(absent, 0, logits).sum(axis=1, keepdims=True) / there
    return np.stack(
        [
            -logsumexp(SOFTENING * centred, axis=1) / SOFTENING,
            -logsumexp(SHARPNESS * cosines.astype(np.float64), axis=1),
        ],
        axis=1,
    )


def _thinned(scores: Floats) -> Floats:
    """Return the scores sorted, of many only as many as an answer needs."""
    ordered = np.sort(scores).astype(np.float32)
    if len(ordered) <= KEPT:
        return ordered
    return np.asarray(ordered[np.linspace(0, len(ordered) - 1, KEPT).round().astype(int)])
