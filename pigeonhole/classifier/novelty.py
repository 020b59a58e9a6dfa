"""Novelty: how unusual a row is compared with the function's own held-out samples.

The score is the sum of two measures (called looks in the code), each in units of its standard
deviation among held-out samples. The first is low when the logits support any label; it is softened
so that several medium logits count for little less than a single high one. The second does the same
with cosines to the labels' means, in a space in which the spread within labels is nearly equal in
all directions: it sees what cancels out in a head that only compares labels.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from pigeonhole.classifier.arrays import Floats
from pigeonhole.classifier.discriminants import Problem
from pigeonhole.classifier.gaussian import Prior, Solution, shares
from pigeonhole.classifier.moments import Moments, widest
from pigeonhole.classifier.span import Span

SHRINKAGE = 0.9
SOFTENING = 0.25
"""Factor on logits before their log sum of exponentials."""
SHARPNESS = 5.0
"""Factor on cosines before their log sum of exponentials."""
STRENGTH = 4.0
"""How many samples a label's name counts for in its mean."""
AXES = 24
KEPT = 1000
"""The most held-out scores that are stored."""
BLOCK = 4096
"""The most rows scored at once, so that memory stays bounded."""


@dataclass(frozen=True)
class Shape:
    """The directions of the labels' means from their centre, and the widest axes of the samples.

    The covariance within labels is approximated by its ``AXES`` widest axes and an equal variance
    in all other directions.
    """

    origin: Floats  # (dim,) the centre of the labels' means
    directions: Floats  # (dim, k) float16, S^-1 m / |m|
    axes: Floats  # (dim, r) float16, scaled so that S^-1 is proportional to I - axes axes'

    def cosines(self, rows: Floats) -> Floats:
        """Return ``(n, k)`` cosines under S^-1 of rows (n, dim) to the labels' means."""
        away = rows - self.origin
        along = away @ self.axes.astype(np.float32)
        squared = (away * away).sum(axis=1) - (along * along).sum(axis=1)
        length = np.sqrt(np.maximum(squared, 1e-12))[:, None]
        return np.asarray(away @ self.directions.astype(np.float32) / length)


def _middle(known: Moments, prior: Prior) -> tuple[Floats, Floats]:
    """Return the centre (r,) of the labels' means and their offsets (k, r) from it."""
    share = shares(known.counts, prior.known, STRENGTH)[:, None]
    means = share * known.means + (1 - share) * prior.means
    there = (known.counts > 0) | (prior.known > 0)
    middle = means[there].sum(axis=0) / max(int(there.sum()), 1)
    return middle, np.where(there[:, None], means - middle, 0)


def shape_of(known: Moments, prior: Prior, space: Span, dim: int) -> Shape:
    """Return the shape of all samples, given their moments and prior in the span ``space``."""
    middle, offsets = _middle(known, prior)
    total = max(float(known.counts.sum()), 1.0)
    within = (known.scatter - known.sums.T @ known.means) / total
    spread = float(np.trace(within)) / dim
    axes: Floats = np.zeros((within.shape[0], 0), within.dtype)
    if spread * dim >= 1e-6:
        vectors, values = widest(within, AXES)
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
    """Return the shape that the names' directions (k, dim) give without any sample."""
    lengths = np.maximum(np.linalg.norm(directions, axis=1), 1e-6)
    dim = directions.shape[1]
    return Shape(
        np.zeros(dim, np.float32),
        (directions.T / lengths).astype(np.float16),
        np.zeros((dim, 0), np.float16),
    )


def held_out_looks(problem: Problem, logits: Floats) -> Floats:
    """Return the looks (n, 2) of each row, from the shape of the samples outside its fold.

    Args:
        problem: The samples and the folds' solutions.
        logits: ``(n, k)`` held-out logits.
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
    """Return rows of length 1 in the space where the covariance within labels is the identity."""
    white = _whiten(rows, solution)
    return np.asarray(white / np.maximum(np.linalg.norm(white, axis=1, keepdims=True), 1e-6))


def _whiten(rows: Floats, solution: Solution) -> Floats:
    if solution.factor is None:
        return rows
    return np.asarray(solve_triangular(solution.factor, rows.T, lower=True, check_finite=False).T)


@dataclass(frozen=True)
class Novelty:
    """The scale of the novelty score, and the scores of the function's own held-out samples."""

    centres: Floats  # (2,) means of the looks
    spreads: Floats  # (2,) standard deviations of the looks
    own: Floats  # (m,) sorted scores

    @classmethod
    def of(cls, looks: Floats) -> "Novelty":
        """Return the novelty fitted to the looks (n, 2) of held-out rows."""
        if not len(looks):
            return cls(np.zeros(2), np.ones(2), np.zeros(0, np.float32))
        found = cls(looks.mean(axis=0), np.maximum(looks.std(axis=0), 1e-6), looks[:, 0])
        return cls(found.centres, found.spreads, _thinned(found.scores(looks)))

    def scores(self, looks: Floats) -> Floats:
        """Return the scores (n,) of looks (n, 2); a higher score is more unusual."""
        return np.asarray(((looks - self.centres) / self.spreads).sum(axis=1))

    def share(self, scores: Floats) -> Floats:
        """Return the share (n,) of own samples, and the row itself, that are at least as unusual.

        Because the row itself is counted, a threshold of 5 % flags at most 5 % of rows like the
        function's own samples, and none while there are fewer than 19 of them.

        Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005,
        section 2.2 (conformal p-values).
        """
        stranger = len(self.own) - np.searchsorted(self.own, scores, side="left")
        return np.asarray((stranger + 1) / (len(self.own) + 1))


def looks_of(logits: Floats, cosines: Floats) -> Floats:
    """Return the looks ``(n, 2)``: how little the logits and the cosines support any label.

    Args:
        logits: ``(n, k)``.
        cosines: ``(n, k)`` to the labels' means.

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
    """Return the scores sorted, reduced to at most ``KEPT`` evenly spaced ones."""
    ordered = np.sort(scores).astype(np.float32)
    if len(ordered) <= KEPT:
        return ordered
    return np.asarray(ordered[np.linspace(0, len(ordered) - 1, KEPT).round().astype(int)])
