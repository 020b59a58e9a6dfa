"""Heads raced on the log loss of held-out samples."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pigeonhole.classifier import text as names
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.calibration import fit_scales, row_losses
from pigeonhole.classifier.folds import assign_folds, fold_count, measurable
from pigeonhole.classifier.gaussian import ABSENT, Blend, Prior, Solution, norms, shares, solve
from pigeonhole.classifier.moments import Linear, moments
from pigeonhole.classifier.span import Span, span

FEW_DIMENSIONS = 5  # samples a dimension from which light shrinkage is worth a try
SHRINKAGES = (1.0, 0.97, 0.9, 0.75, 0.5, 0.25)
LIGHT_SHRINKAGES = (1.0, 0.9, 0.6, 0.3, 0.1, 0.02)
TEMPERS = (0.5, 0.75, 1.0)
STRENGTHS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
STRENGTH_PULLS = (1.0, 0.5, 0.2, 0.0, 0.2, 0.5, 2.0)
TRUST = 0.25
MOST_CELLS = 250_000
LEAST_ROWS = 2_000


@dataclass(frozen=True)
class Head:
    """The winning candidate."""

    name: str
    why: str
    losses: dict[str, float]
    shrinkage: float
    text_strength: float


@dataclass(frozen=True)
class Result:
    """What a race leaves."""

    weights: Floats  # (dim, k)
    bias: Floats  # (k,)
    held_out: Floats  # (n, k) calibrated logits
    dealt: Ints  # (n,)
    head: Head


@dataclass(frozen=True)
class Problem:
    """The samples in their span, dealt to folds, with every fold's solutions."""

    rows: Floats  # (n, r)
    codes: Ints
    dealt: Ints
    prior: Prior
    folds: list[list[Solution]]
    whole: list[Solution]
    shrinkages: tuple[float, ...]
    strengths: tuple[float, ...]


def candidate_scores(problem: Problem, chosen: Ints) -> tuple[Floats, Floats]:
    """Return held-out scores of all candidates on ``chosen`` rows, and the noises.

    Scores are ``(shrinkages, strengths, tempers, m, k)``; noises ``(shrinkages,)`` say how
    far a single sample lies from its label's true mean, squared, under each shrinkage.
    """
    k = len(problem.prior.known)
    s_count, t_count = len(problem.shrinkages), len(problem.strengths)
    scores = np.zeros((s_count, t_count, len(TEMPERS), len(chosen), k), problem.rows.dtype)
    noises = np.zeros(s_count)
    fold_of = problem.dealt[chosen]
    for s in range(s_count):
        total = 0.0
        for fold, solutions in enumerate(problem.folds):
            here = chosen[fold_of == fold]
            if len(here):
                codes = problem.codes[here]
                factor = 1 + 1 / np.maximum(solutions[s].counts[codes], 1)
                distances = solutions[s].distances(problem.rows[here], codes) / factor
                total += float(distances[solutions[s].counts[codes] > 0].sum())
        noises[s] = total / max(len(chosen), 1)
        for fold, solutions in enumerate(problem.folds):
            mine = fold_of == fold
            if not mine.any():
                continue
            z, solution = problem.rows[chosen[mine]], solutions[s]
            to_means = z @ solution.to_means
            to_priors = z @ solution.to_priors if problem.prior.known.any() else 0.0
            absent = (solution.counts == 0) & (problem.prior.known == 0)
            for t, strength in enumerate(problem.strengths):
                share = shares(solution.counts, problem.prior.known, strength)
                linear = share * to_means + (1 - share) * to_priors
                length = norms(solution, share, noises[s])
                for g, temper in enumerate(TEMPERS):
                    found = linear - 0.5 * temper * length
                    found[:, absent] = ABSENT
                    scores[s, t, g, mine] = found
    return scores, noises


def run_race(
    rows: Floats,
    codes: Ints,
    labels: int,
    groups: Ints | None,
    text: Floats,
    seed: int,
    progress: Callable[[str, float], None] | None,
) -> Result:
    """Fit every candidate to every fold, choose, calibrate, and fit the winner to all rows."""
    report = progress or (lambda stage, fraction: None)
    directions, known = names.directions(text)
    if not len(rows):
        head = Head("text", "No sample yet: the labels' names alone.", {}, 1.0, np.inf)
        weights = np.ascontiguousarray(names.ALONE_SCALE * directions.T, dtype=np.float32)
        empty = np.zeros((0, labels), np.float32)
        return Result(weights, np.zeros(labels, np.float32), empty, np.zeros(0, int), head)
    dim = rows.shape[1]
    space = span(rows, directions[known])
    z = space.project(rows)
    dealt = assign_folds(codes, groups, fold_count(len(rows)), seed)
    whole = moments(z, codes, labels)
    coordinates = directions if space.basis is None else directions @ space.basis
    prior = names.prior_of(coordinates, known, whole.counts, whole.means)
    shrinkages = LIGHT_SHRINKAGES if len(rows) > FEW_DIMENSIONS * dim else SHRINKAGES
    strengths = STRENGTHS if known.any() else (0.0,)
    folds = []
    fold_total = int(dealt.max()) + 1
    for fold in range(fold_total):
        out = dealt == fold
        rest = whole - moments(z[out], codes[out], labels)
        folds.append(solve(rest, prior, shrinkages, dim))
        report("selecting", (fold + 1) / fold_total)
    problem = Problem(
        z, codes, dealt, prior, folds, solve(whole, prior, shrinkages, dim), shrinkages, strengths
    )
    graded = np.flatnonzero(measurable(codes, dealt, labels))
    chosen = _thinned(graded, labels, seed)
    scores, noises = candidate_scores(problem, chosen)
    sizes = _sizes(problem)
    flat = scores.reshape(int(np.prod(scores.shape[:3])), len(chosen), labels)
    flat = flat / np.repeat(sizes.ravel(), len(TEMPERS))[:, None, None].astype(flat.dtype)
    scales = fit_scales(flat, codes[chosen])
    flat *= scales[:, None, None].astype(flat.dtype)
    losses = row_losses(flat, codes[chosen])
    shape = scores.shape[:3]
    evidence = -TRUST * losses.sum(axis=1, dtype=np.float64).reshape(shape)
    if known.any():
        evidence -= np.asarray(STRENGTH_PULLS)[None, :, None]
    evidence -= evidence.max()
    share = np.exp(evidence)
    share[share < 1e-3] = 0
    share /= share.sum()
    factors = scales.reshape(shape) / np.repeat(sizes[:, :, None], len(TEMPERS), axis=2)
    blend = Blend(shrinkages, strengths, TEMPERS, share * factors, noises)
    held = np.zeros((len(rows), labels), z.dtype)
    for fold in range(fold_total):
        out = dealt == fold
        held[out] = blend.head(folds[fold], prior)(z[out])
        report("cross_validating", (fold + 1) / fold_total)
    sharpen = float(fit_scales(held[None, chosen], codes[chosen])[0]) if len(chosen) else 1.0
    final = blend.head(problem.whole, prior)
    weights = np.asarray(space.lift(final.weights) * sharpen, dtype=np.float32)
    bias = np.asarray(final.bias * sharpen - space.origin @ weights, dtype=np.float32)
    report("fitting", 1.0)
    best = np.unravel_index(int(share.argmax()), shape)
    head = Head(
        "gaussian",
        "",
        {"gaussian": float(losses.mean(axis=1).min()) if len(chosen) else float("nan")},
        float((share.sum(axis=(1, 2)) * shrinkages).sum()),
        float(strengths[best[1]]),
    )
    return Result(np.ascontiguousarray(weights), bias, held * np.float32(sharpen), dealt, head)


def _thinned(graded: Ints, labels: int, seed: int) -> Ints:
    """Return as many graded rows as choosing needs."""
    most = max(LEAST_ROWS, MOST_CELLS // max(labels, 1))
    if len(graded) <= most:
        return graded
    picked = np.random.default_rng(seed).permutation(len(graded))[:most]
    return graded[np.sort(picked)]


def _sizes(problem: Problem) -> Floats:
    """Return the scores' natural sizes ``(shrinkages, strengths)``: means' lengths under S^-1."""
    sizes = np.ones((len(problem.shrinkages), len(problem.strengths)))
    there = (problem.whole[0].counts > 0) | (problem.prior.known > 0)
    for s, solution in enumerate(problem.whole):
        for t, strength in enumerate(problem.strengths):
            share = shares(solution.counts, problem.prior.known, strength)
            sizes[s, t] = max(float(norms(solution, share, 0.0)[there].mean()), 1e-6)
    return sizes
