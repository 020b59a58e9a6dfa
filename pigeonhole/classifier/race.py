"""Heads raced on the log loss of held-out samples; the simplest of the best wins."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pigeonhole.classifier import logistic, novelty, text
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.calibration import fit_scales, row_losses
from pigeonhole.classifier.discriminants import Problem, entrants
from pigeonhole.classifier.folds import assign_folds, fold_count, measurable
from pigeonhole.classifier.gaussian import solve
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
    whole = moments(z, codes, labels)
    coordinates = directions if space.basis is None else directions @ space.basis
    prior = text.prior_of(coordinates, known, whole.counts, whole.means)
    shrinkages = LIGHT_SHRINKAGES if len(rows) > PLENTY * dim else SHRINKAGES
    rests, folds = [], []
    fold_total = int(dealt.max()) + 1
    for fold in range(fold_total):
        out = dealt == fold
        rests.append(whole - moments(z[out], codes[out], labels))
        folds.append(solve(rests[-1], prior, shrinkages, dim))
        report("selecting", (fold + 1) / fold_total)
    solutions = solve(whole, prior, shrinkages, dim)
    problem = Problem(z, codes, dealt, prior, rests, folds, whole, solutions, shrinkages, dim)
    chosen = _deciding(np.flatnonzero(measurable(codes, dealt, labels)), labels, seed)
    racing = entrants(problem, chosen)
    won, best = _choose([(entrant.name, entrant.losses) for entrant in racing])
    heads = [racing[won].blend.head(fold, prior) for fold in folds]
    final = racing[won].blend.head(solutions, prior)
    held = _apply(heads, problem)
    report("cross_validating", 0.5)
    field_ = [(entrant.name, entrant.losses) for entrant in racing]
    linear: Linear = final
    for name, losses, others, scores in _challengers(problem, chosen, heads, final):
        field_.append((name, losses))
        if _choose(field_)[0] == len(field_) - 1:
            linear, held = others, scores
    won, best = _choose(field_)
    report("cross_validating", 1.0)
    shape = novelty.shape_of(whole, prior, space, dim)
    looks = novelty.held_out_looks(problem, held)
    head = Head(
        name=field_[won][0],
        why=_why(field_, won, best),
        losses={name: float(losses.mean()) for name, losses in field_ if len(losses)},
        shrinkage=racing[min(won, 1)].blend.shrinkage,
        text_strength=racing[min(won, 1)].blend.strength if known.any() else 0.0,
    )
    report("fitting", 1.0)
    return Result(_lifted(linear, space), held, dealt, head, shape, looks)


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


def _challengers(
    problem: Problem, chosen: Ints, starts: list[Linear], start: Linear
) -> list[tuple[str, Floats, Linear, Floats]]:
    """Return name, deciding losses, head and held-out logits of ridge and logistic heads."""
    found = []
    codes = problem.codes[chosen]
    if len(chosen) and len(problem.rows) <= MOST_SAMPLES and not problem.prior.known.any():
        ridge = Ridge(problem.rows, problem.codes, problem.labels, problem.dim)
        held = np.stack([ridge.held_out(problem.dealt, penalty) for penalty in PENALTIES])
        scales = fit_scales(held[:, chosen], codes)
        losses = row_losses(held[:, chosen] * scales[:, None, None], codes)
        at = int(losses.mean(axis=1).argmin())
        head = ridge.head(PENALTIES[at])
        scaled = Linear(head.weights * np.float32(scales[at]), head.bias * np.float32(scales[at]))
        found.append(("ridge", losses[at], scaled, held[at] * scales[at]))
    n, r = problem.rows.shape
    if len(chosen) and logistic.affordable(n, r, problem.labels, len(starts)):
        best: tuple[float, float, Floats, float] | None = None
        heads = starts
        for penalty in logistic.PENALTIES:
            heads = [
                logistic.fit_logistic(
                    problem.rows[problem.dealt != fold],
                    problem.codes[problem.dealt != fold],
                    heads[fold],
                    penalty,
                )
                for fold in range(len(starts))
            ]
            held_out = _apply(heads, problem)
            scale = float(fit_scales(held_out[None, chosen], codes)[0])
            loss = float(row_losses(held_out[chosen] * scale, codes).mean())
            if best is None or loss < best[0]:
                best = (loss, penalty, held_out * np.float32(scale), scale)
        assert best is not None
        for penalty in logistic.PENALTIES:
            start = logistic.fit_logistic(problem.rows, problem.codes, start, penalty)
            if penalty == best[1]:
                break
        factor = np.float32(best[3])
        final = Linear(start.weights * factor, start.bias * factor)
        found.append(("logistic", row_losses(best[2][chosen], codes), final, best[2]))
    return found


def _choose(field: list[tuple[str, Floats]]) -> tuple[int, int]:
    """Return the winner's place and the least loss's: the first within one standard error.

    The error is that of the mean difference on the same rows. Candidates stand in the order of
    their simplicity.

    Source: Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees", 1984,
    section 3.4.3 (the one standard error rule).
    """
    means = [float(losses.mean()) if len(losses) else 0.0 for _, losses in field]
    best = int(np.argmin(means))
    for place, (_, losses) in enumerate(field):
        gap = losses - field[best][1]
        if len(gap) < 2 or float(gap.mean()) <= float(gap.std(ddof=1)) / np.sqrt(len(gap)):
            return place, best
    return best, best


def _why(field: list[tuple[str, Floats]], won: int, best: int) -> str:
    losses = field[won][1]
    if not len(losses):
        return "No label has two samples to compare on: the simplest."
    if won == best:
        return f"Least held-out log loss, {losses.mean():.3f}, on {len(losses)} samples."
    return (
        f"Simplest within one standard error of the least held-out log loss: "
        f"{losses.mean():.3f} against {field[best][1].mean():.3f} of {field[best][0]}."
    )


def _lifted(linear: Linear, space: Span) -> Linear:
    weights = np.ascontiguousarray(space.lift(linear.weights), dtype=np.float32)
    bias = np.asarray(linear.bias - space.origin @ weights, dtype=np.float32)
    return Linear(weights, bias)
