"""Selection of a head by the log loss on held-out samples, preferring simpler heads."""

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
from pigeonhole.classifier.gaussian import Blend, solve
from pigeonhole.classifier.logistic import fit_logistic
from pigeonhole.classifier.moments import Linear, moments
from pigeonhole.classifier.ridge import MOST_SAMPLES, PENALTIES, Ridge
from pigeonhole.classifier.span import Span, span

SHRINKAGES = (1.0, 0.97, 0.9, 0.75, 0.5, 0.25)
LIGHT_SHRINKAGES = (1.0, 0.9, 0.6, 0.3, 0.1, 0.02)
PLENTY = 5
"""Samples per dimension from which the light shrinkages are used."""
MOST_CELLS = 250_000
"""The most held-out rows, times labels, on which candidates are compared."""
LEAST_ROWS = 2_000
"""The number of rows on which candidates are compared even if that exceeds ``MOST_CELLS``."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Head:
    """The candidate that was selected, and why."""

    name: str
    why: str  # a sentence for the user
    losses: dict[str, float] = field(default_factory=dict)
    """Held-out log loss of each candidate, in nats."""
    shrinkage: float = 1.0
    text_strength: float = 0.0
    """How many samples a label's name counts for; infinite while there is no sample."""


@dataclass(frozen=True)
class Choice:
    """The discriminant that a race chose: what a later fit to nearly the same samples reuses."""

    name: str
    blend: Blend


@dataclass(frozen=True)
class Candidate:
    """A fitted head that may be selected."""

    name: str
    losses: Floats  # (m,) on the rows that decide
    final: Linear  # fitted to all rows
    held: Floats  # (n, k) calibrated logits of heads that did not see the row's fold
    heads: list[Linear] = field(default_factory=list)
    """The heads fitted without each fold; empty for ridge, which has a closed form."""


@dataclass(frozen=True)
class Result:
    """The result of a selection."""

    linear: Linear  # calibrated logits, in the space of the embeddings
    held_out: Floats  # (n, k) calibrated logits
    dealt: Ints  # (n,) fold numbers
    head: Head
    shape: novelty.Shape
    looks: Floats  # (n, 2) held out, for novelty
    choice: Choice | None = None  # None without a sample
    heads: list[Linear] = field(default_factory=list)
    """The calibrated discriminants fitted without each fold, in the space of the embeddings."""


def run_race(
    rows: Floats,
    codes: Ints,
    labels: int,
    groups: Ints | None,
    prototypes: Floats,
    seed: int,
    progress: Progress | None,
    choice: Choice | None = None,
) -> Result:
    """Fit every candidate without each fold, select one, calibrate it and fit it to all rows.

    With the ``choice`` of an earlier race only that discriminant is fitted. On the rows of that
    race the result is the same, to the last bit.

    Args:
        rows: ``(n, dim)``.
        codes: ``(n,)`` each row's label, 0 to ``labels - 1``.
        labels: The number of labels; some may have a prototype but no row.
        groups: ``(n,)`` ids of groups that are held out together. None: no groups.
        prototypes: ``(labels, dim)``, NaN for labels without one.
        seed: Seed of the shuffle that assigns rows to folds.
        progress: Called with the stage and the fraction of it that is done.
        choice: The choice of an earlier race on other rows of the same kind.
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
    shrinkages = choice.blend.shrinkages if choice else _shrinkages(len(rows), dim)
    rests = [whole - part for part in parts]
    folds = []
    for fold, rest in enumerate(rests):
        folds.append(solve(rest, prior, shrinkages, dim))
        report("selecting", (fold + 1) / fold_total)
    solutions = solve(whole, prior, shrinkages, dim)
    problem = Problem(z, codes, dealt, prior, rests, folds, whole, solutions, shrinkages, dim)
    chosen = _deciding(np.flatnonzero(measurable(codes, dealt, labels)), labels, seed)
    racing = [] if choice else entrants(problem, chosen)
    if choice is None:
        best = racing[_choose(racing)[0]]
        choice = Choice(best.name, best.blend.without_idle(novelty.SHRINKAGE))
    report("cross_validating", 0.5)
    plain = _discriminant(choice, problem, chosen)
    # The refined head averages the plain one in, so the plain one need not be compared as well.
    refined = _refined(problem, chosen, plain)
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
        shrinkage=choice.blend.shrinkage,
        text_strength=choice.blend.strength if known.any() else 0.0,
    )
    report("fitting", 1.0)
    linear = _lifted(runners[won].final, space)
    lifted = [_lifted(each, space) for each in plain.heads]
    return Result(linear, runners[won].held, dealt, head, shape, looks, choice, lifted)


def _shrinkages(samples: int, dim: int) -> tuple[float, ...]:
    return LIGHT_SHRINKAGES if samples > PLENTY * dim else SHRINKAGES


def _text_alone(directions: Floats) -> Result:
    linear = Linear(
        np.ascontiguousarray(text.ALONE_SCALE * directions.T, dtype=np.float32),
        np.zeros(len(directions), np.float32),
    )
    nothing = np.zeros((0, len(directions)), np.float32)
    head = Head("text", "There is no sample yet, only the labels' names.", text_strength=np.inf)
    return Result(
        linear,
        nothing,
        np.zeros(0, np.int64),
        head,
        novelty.shape_of_text(directions),
        np.zeros((0, 2)),
    )


def _deciding(graded: Ints, labels: int, seed: int) -> Ints:
    """Return the graded rows on which candidates are compared: of many, a random part."""
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


def _discriminant(choice: Choice, problem: Problem, chosen: Ints) -> Candidate:
    by_shrinkage = [problem.shrinkages.index(each) for each in choice.blend.shrinkages]
    fitted = [[fold[at] for at in by_shrinkage] for fold in (*problem.folds, problem.whole)]
    *heads, final = [choice.blend.head(solutions, problem.prior) for solutions in fitted]
    held = _apply(heads, problem)
    losses = row_losses(held[chosen], problem.codes[chosen])
    return Candidate(choice.name, losses, final, held, heads)


def _ridge(problem: Problem, chosen: Ints) -> list[Candidate]:
    """Return the ridge head of the best penalty, or nothing if ridge is not applicable."""
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
    """Return a discriminant averaged with the logistic head that starts from it.

    They are weighted by evidence like the discriminants themselves: see ``entrants``. The result
    is empty if there are too few samples, or too many for the work to be affordable.
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
    """Return the indices of the selected candidate and of the one with the least loss.

    Candidates are in order of simplicity. The first one whose mean loss is within one standard
    error of the least is selected; the error is that of the mean difference on the same rows.

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
        return "The simplest, since no label has two samples to compare candidates on."
    if won == best:
        return f"Least held-out log loss, {losses.mean():.3f}, on {len(losses)} samples."
    return (
        f"Simplest within one standard error of the least held-out log loss: "
        f"{losses.mean():.3f}; {field[best].name} has {field[best].losses.mean():.3f}."
    )


def _lifted(linear: Linear, space: Span) -> Linear:
    weights = np.ascontiguousarray(space.lift(linear.weights), dtype=np.float32)
    bias = np.asarray(linear.bias - space.origin @ weights, dtype=np.float32)
    return Linear(weights, bias)
