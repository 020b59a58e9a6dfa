"""Heads raced on the log loss of held-out samples; the simplest of the best wins."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from scipy.special import expit

from pigeonhole.classifier import logistic, novelty, text
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.calibration import fit_scales, row_losses
from pigeonhole.classifier.discriminants import TRUST, Entrant, Problem, entrants
from pigeonhole.classifier.folds import assign_folds, fold_count, measurable
from pigeonhole.classifier.gaussian import solve
from pigeonhole.classifier.logistic import fit_logistic
from pigeonhole.classifier.moments import Linear, moments
from pigeonhole.classifier.ridge import MOST_SAMPLES, PENALTIES, Ridge
from pigeonhole.classifier.span import Span, span

SHRINKAGES = (1.0, 0.97, 0.9, 0.75, 0.5, 0.25)
LIGHT_SHRINKAGES = (1.0, 0.9, 0.6, 0.3, 0.1, 0.02)
PLENTY = 5
"""Samples a dimension from which the light shrinkages are raced."""
MOST_CELLS = 250_000
LEAST_ROWS = 2_000
"""Candidates are told apart on rows times labels up to ``MOST_CELLS``, or so many rows."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Head:
    """The candidate that won, and why."""

    name: str
    why: str
    losses: dict[str, float] = field(default_factory=dict)
    """Held-out log loss of each candidate, in nats."""
    shrinkage: float = 1.0
    text_strength: float = 0.0
    """For how many samples a label's name counts; infinite while there is none."""


@dataclass(frozen=True)
class Candidate:
    """A fitted head in the race."""

    name: str
    losses: Floats  # (m,) on the rows that decide
    final: Linear  # fitted to all rows
    held: Floats  # (n, k) calibrated logits of heads that did not see the row's fold
    heads: list[Linear] = field(default_factory=list)
    """Those heads, where there are any: ridge does without."""


@dataclass(frozen=True)
class Result:
    """What a race leaves."""

    linear: Linear  # calibrated logits, in the space of the embeddings
    held_out: Floats  # (n, k) calibrated logits
    dealt: Ints  # (n,)
    head: Head
    shape: novelty.Shape
    looks: Floats  # (n, 2) held out, for novelty


def run_race(
    rows: Floats,
    codes: Ints,
    labels: int,
    groups: Ints | None,
    prototypes: Floats,
    seed: int,
    progress: Progress | None,
) -> Result:
    """Fit every candidate to every fold, choose, calibrate, and fit the winner to all rows.

    Args:
        rows: ``(n, dim)``.
        codes: ``(n,)`` each row's label, 0 to ``labels - 1``.
        labels: How many labels there are; some may have no row but a prototype.
        groups: ``(n,)`` ids held out together.
        prototypes: ``(labels, dim)``, NaN where there is none.
        seed: Shuffles the folds.
        progress: Told the stage and the fraction of it that is done.
    """
    report = progress or (lambda stage, fraction: None)
    directions, known = text.directions(prototypes)
    if not len(rows):
        return _text_alone(directions)
    dim = rows.shape[1]
    space = span(rows, directions[known])
    z = space.project(rows)
    dealt = assign_folds(codes, groups, fold_count(len(rows)), seed)
    fold_total = int(dealt.max()) + 1
    parts = [moments(z[dealt == fold], codes[dealt == fold], labels) for fold in range(fold_total)]
    whole = reduce(operator.add, parts)
    coordinates = directions if space.basis is None else directions @ space.basis
    prior = text.prior_of(coordinates, known, whole.counts, whole.means)
    shrinkages = LIGHT_SHRINKAGES if len(rows) > PLENTY * dim else SHRINKAGES
    rests = [whole - part for part in parts]
    folds = []
    for fold, rest in enumerate(rests):
        folds.append(solve(rest, prior, shrinkages, dim))
        report("selecting", (fold + 1) / fold_total)
    solutions = solve(whole, prior, shrinkages, dim)
    problem = Problem(z, codes, dealt, prior, rests, folds, whole, solutions, shrinkages, dim)
    chosen = _deciding(np.flatnonzero(measurable(codes, dealt, labels)), labels, seed)
    racing = entrants(problem, chosen)
    best = racing[_choose(racing)[0]]
    report("cross_validating", 0.5)
    plain = _discriminant(best, problem)
    refined = _refined(problem, chosen, plain)  # holds the plain one, which need not race then
    runners = (refined or [plain]) + _ridge(problem, chosen)
    ran: list[Candidate | Entrant] = [*racing, *runners]
    won, least = _choose(runners)
    report("cross_validating", 1.0)
    shape = novelty.shape_of(whole, prior, space, dim)
    looks = novelty.held_out_looks(problem, runners[won].held)
    head = Head(
        name=runners[won].name,
        why=_why(runners, won, least),
        losses={each.name: float(each.losses.mean()) for each in ran if len(each.losses)},
        shrinkage=best.blend.shrinkage,
        text_strength=best.blend.strength if known.any() else 0.0,
    )
    report("fitting", 1.0)
    linear = _lifted(runners[won].final, space)
    return Result(linear, runners[won].held, dealt, head, shape, looks)


def _text_alone(directions: Floats) -> Result:
    linear = Linear(
        np.ascontiguousarray(text.ALONE_SCALE * directions.T, dtype=np.float32),
        np.zeros(len(directions), np.float32),
    )
    nothing = np.zeros((0, len(directions)), np.float32)
    head = Head("text", "There is no sample yet: the labels' names alone.", text_strength=np.inf)
    return Result(
        linear,
        nothing,
        np.zeros(0, np.int64),
        head,
        novelty.shape_of_text(directions),
        np.zeros((0, 2)),
    )


def _deciding(graded: Ints, labels: int, seed: int) -> Ints:
    """Return as many graded rows as choosing needs."""
    most = max(LEAST_ROWS, MOST_CELLS // max(labels, 1))
    if len(graded) <= most:
        return graded
    picked = np.random.default_rng(seed).permutation(len(graded))[:most]
    return np.asarray(graded[np.sort(picked)])


def _apply(heads: list[Linear], problem: Problem) -> Floats:
    held = np.zeros((len(problem.rows), problem.labels), problem.rows.dtype)
    for fold, head in enumerate(heads):
        out = problem.dealt == fold
        held[out] = head(problem.rows[out])
    return held


def _discriminant(entrant: Entrant, problem: Problem) -> Candidate:
    heads = [entrant.blend.head(fold, problem.prior) for fold in problem.folds]
    final = entrant.blend.head(problem.whole, problem.prior)
    return Candidate(entrant.name, entrant.losses, final, _apply(heads, problem), heads)


def _ridge(problem: Problem, chosen: Ints) -> list[Candidate]:
    """Return the ridge head of the penalty that does best, if it may race."""
    if not len(chosen) or len(problem.rows) > MOST_SAMPLES or problem.prior.known.any():
        return []
    ridge = Ridge(problem.rows, problem.codes, problem.labels, problem.dim)
    held = np.stack([ridge.held_out(problem.dealt, penalty) for penalty in PENALTIES])
    codes = problem.codes[chosen]
    scales = fit_scales(held[:, chosen], codes)
    losses = row_losses(held[:, chosen] * scales[:, None, None], codes)
    at = int(losses.mean(axis=1).argmin())
    final = ridge.head(PENALTIES[at]).scaled(float(scales[at]))
    return [Candidate("ridge", losses[at], final, held[at] * scales[at])]


def _refined(problem: Problem, chosen: Ints, start: Candidate) -> list[Candidate]:
    """Return a discriminant averaged with the logistic head that starts from it, if it may race.

    They weigh by evidence, as the discriminants themselves do: see ``entrants``.
    """
    n, r = problem.rows.shape
    plan = logistic.plan(n, r, problem.labels, len(start.heads))
    if plan is None or not len(chosen):
        return []
    rests = [problem.dealt != fold for fold in range(len(start.heads))]
    codes = problem.codes[chosen]
    heads, head, found = start.heads, start.final, []
    for penalty in plan.penalties:
        heads = [
            fit_logistic(problem.rows[rest], problem.codes[rest], before, penalty, plan.steps)
            for rest, before in zip(rests, heads, strict=True)
        ]
        head = fit_logistic(problem.rows, problem.codes, head, penalty, plan.steps)
        held = _apply(heads, problem)
        scale = float(fit_scales(held[None, chosen], codes)[0])
        losses = row_losses(held[chosen] * np.float32(scale), codes)
        found.append(Candidate("logistic", losses, head.scaled(scale), held * np.float32(scale)))
    best = min(found, key=lambda each: float(each.losses.mean()))
    gain = float((start.losses - best.losses).sum(dtype=np.float64))
    share = np.float32(expit(TRUST * gain))
    held = share * best.held + (1 - share) * start.held
    final = Linear(
        share * best.final.weights + (1 - share) * start.final.weights,
        share * best.final.bias + (1 - share) * start.final.bias,
    )
    return [Candidate("logistic", row_losses(held[chosen], codes), final, held)]


def _choose(field: Sequence[Candidate | Entrant]) -> tuple[int, int]:
    """Return the winner's place and the least loss's: the first within one standard error.

    The error is that of the mean difference on the same rows. Candidates stand in the order of
    their simplicity.

    Source: Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees", 1984,
    section 3.4.3 (the one standard error rule).
    """
    means = [float(each.losses.mean()) if len(each.losses) else 0.0 for each in field]
    best = int(np.argmin(means))
    for place, each in enumerate(field):
        gap = each.losses - field[best].losses
        if len(gap) < 2 or float(gap.mean()) <= float(gap.std(ddof=1)) / np.sqrt(len(gap)):
            return place, best
    return best, best


def _why(field: Sequence[Candidate], won: int, best: int) -> str:
    losses = field[won].losses
    if not len(losses):
        return "No label has two samples to compare on: the simplest."
    if won == best:
        return f"Least held-out log loss, {losses.mean():.3f}, on {len(losses)} samples."
    return (
        f"Simplest within one standard error of the least held-out log loss: "
        f"{losses.mean():.3f} against {field[best].losses.mean():.3f} of {field[best].name}."
    )


def _lifted(linear: Linear, space: Span) -> Linear:
    weights = np.ascontiguousarray(space.lift(linear.weights), dtype=np.float32)
    bias = np.asarray(linear.bias - space.origin @ weights, dtype=np.float32)
    return Linear(weights, bias)
