"""The Gaussian heads: scores all combinations of shrinkage, name strength and temper at once."""

from dataclasses import dataclass

import numpy as np

from pigeonhole.classifier.arrays import Bools, Floats, Ints
from pigeonhole.classifier.calibration import fit_scales, row_losses
from pigeonhole.classifier.gaussian import ABSENT, Blend, Prior, Solution, norms, shares
from pigeonhole.classifier.moments import Moments

TEMPERS = (0.5, 0.75, 1.0)
"""How much of a mean's squared length counts: 1 is Gaussian, 0 compares directions alone."""
STRENGTHS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
"""How many samples a label's name counts for."""
STRENGTH_PULLS = (1.0, 0.5, 0.2, 0.0, 0.2, 0.5, 2.0)
"""Prior log odds, in nats, against each of ``STRENGTHS``."""
TRUST = 0.25
"""Share of the held-out log likelihood used as a weight, so that few rows do not decide alone."""

NOISE_ROWS = 256
"""About how many rows are used to measure how far samples lie from their means."""

LEAST_SIZE = 0.1
"""The least size of blended means, as a share of the size of the means of the samples."""


@dataclass(frozen=True)
class Problem:
    """The samples in their span, their folds, and the solutions without each fold and of all."""

    rows: Floats  # (n, r)
    codes: Ints  # (n,)
    dealt: Ints  # (n,) fold numbers
    prior: Prior
    moments: list[Moments]  # of the samples outside each fold
    folds: list[list[Solution]]  # fitted without each fold, one for each shrinkage
    whole_moments: Moments
    whole: list[Solution]
    shrinkages: tuple[float, ...]
    dim: int

    @property
    def labels(self) -> int:
        """The number of labels."""
        return len(self.prior.known)

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths of names worth trying."""
        return STRENGTHS if self.prior.known.any() and self.prior.heard else (0.0,)


@dataclass(frozen=True)
class Entrant:
    """A head in the race: its losses on the rows that decide, and the blend that makes it."""

    name: str
    losses: Floats  # (m,)
    blend: Blend


def noises_of(problem: Problem, chosen: Ints) -> Floats:
    """Return the mean squared distance of a sample from its label's true mean, per shrinkage.

    It is measured on ``chosen`` rows by solutions that did not see them: the squared distance
    to the mean of n other samples is ``1 + 1/n`` times that to the true mean. Measured on the
    rows that the covariance was fitted to, it would be too small, most so for light shrinkage.

    Returns:
        ``(shrinkages,)`` squared distances under the inverse covariance.
    """
    noises = np.zeros(len(problem.shrinkages))
    chosen = chosen[:: max(1, len(chosen) // NOISE_ROWS)]
    for fold, solutions in enumerate(problem.folds):
        here = chosen[problem.dealt[chosen] == fold]
        if not len(here):
            continue
        codes = problem.codes[here]
        factor = 1 + 1 / np.maximum(solutions[0].counts[codes], 1)
        for s, solution in enumerate(solutions):
            noises[s] += float((solution.distances(problem.rows[here], codes) / factor).sum())
    return noises / max(len(chosen), 1)


def candidate_scores(problem: Problem, chosen: Ints, noises: Floats) -> Floats:
    """Return held-out scores ``(shrinkages, strengths, tempers, m, k)`` on ``chosen`` rows."""
    shape = (len(problem.shrinkages), len(problem.strengths), len(TEMPERS), len(chosen))
    scores = np.zeros((*shape, problem.labels), problem.rows.dtype)
    known = problem.prior.known
    tempers = np.asarray(TEMPERS, problem.rows.dtype)[:, None, None]
    for fold, solutions in enumerate(problem.folds):
        mine = np.flatnonzero(problem.dealt[chosen] == fold)
        if not len(mine):
            continue
        rows = problem.rows[chosen[mine]]
        absent = (solutions[0].counts == 0) & (known == 0)
        for s, solution in enumerate(solutions):
            to_means = rows @ solution.to_means
            to_priors = rows @ solution.to_priors if known.any() else None
            for t, strength in enumerate(problem.strengths):
                share = shares(solution.counts, known, strength)
                linear = share * to_means
                if to_priors is not None:
                    linear += (1 - share) * to_priors
                half = 0.5 * norms(solution, share, float(noises[s]))
                found = linear - tempers * half.astype(linear.dtype)
                found[..., absent] = ABSENT
                scores[s, t, :, mine] = found.swapaxes(0, 1)
    return scores


def _sizes(problem: Problem) -> Floats:
    """Return the scores' natural sizes ``(shrinkages, strengths)``: means' lengths under S^-1.

    Blending with uninformative names shortens the means to nearly zero. The lower bound keeps a
    function without held-out rows from becoming overconfident by that.
    """
    sizes = np.ones((len(problem.shrinkages), len(problem.strengths)))
    there = (problem.whole[0].counts > 0) | (problem.prior.known > 0)
    for s, solution in enumerate(problem.whole):
        for t, strength in enumerate(problem.strengths):
            share = shares(solution.counts, problem.prior.known, strength)
            blended = float(norms(solution, share, 0.0)[there].mean())
            sizes[s, t] = max(blended, LEAST_SIZE * float(solution.mean_norms.mean()), 1e-6)
    return sizes


def entrants(problem: Problem, chosen: Ints) -> list[Entrant]:
    """Return the nearest class mean and the shrunk discriminants, each blended by evidence.

    Few rows cannot tell which of many shrinkages is best, and picking the one with the highest
    likelihood costs more than averaging those that did well. So each candidate is weighted by
    ``exp(TRUST * log likelihood)``; an average of linear heads is again a linear head.

    Args:
        problem: The samples and the solutions.
        chosen: ``(m,)`` indices of the rows that decide.

    Source: Yao, Vehtari, Simpson and Gelman, "Using stacking to average Bayesian predictive
    distributions", Bayesian Analysis 13, 2018 (pseudo-BMA).
    """
    noises = noises_of(problem, chosen)
    scores = candidate_scores(problem, chosen, noises)
    shape, codes = scores.shape[:3], problem.codes[chosen]
    sizes = np.repeat(_sizes(problem)[:, :, None], len(TEMPERS), axis=2)
    scores /= sizes[..., None, None].astype(scores.dtype)
    flat = scores.reshape(int(np.prod(shape)), len(chosen), problem.labels)
    scales = fit_scales(flat, codes)
    flat *= scales[:, None, None].astype(flat.dtype)
    likelihoods = -row_losses(flat, codes).sum(axis=1, dtype=np.float64).reshape(shape)
    evidence = TRUST * likelihoods
    if len(problem.strengths) > 1:
        evidence -= np.asarray(STRENGTH_PULLS)[None, :, None]
    factors = scales.reshape(shape) / sizes
    found = []
    for name, allowed in (
        ("nearest mean", np.asarray(problem.shrinkages) == 1.0),
        ("gaussian", np.ones(shape[0], dtype=bool)),
    ):
        share = _weights(evidence, allowed)
        blended = np.tensordot(share.ravel().astype(flat.dtype), flat, axes=1)
        sharpen = fit_scales(blended[None], codes)[0]
        losses = row_losses(blended * sharpen.astype(blended.dtype), codes)
        blend = Blend(
            problem.shrinkages, problem.strengths, TEMPERS, share * factors * sharpen, share, noises
        )
        found.append(Entrant(name, losses, blend))
    return found


def _weights(evidence: Floats, allowed: Bools) -> Floats:
    among = np.where(allowed[:, None, None], evidence, -np.inf)
    share = np.exp(among - among.max())
    share[share < 1e-2] = 0
    return np.asarray(share / share.sum())
