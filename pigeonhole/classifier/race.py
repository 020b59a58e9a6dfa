"""Heads raced on held-out log loss."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.calibration import fit_scale, row_losses
from pigeonhole.classifier.folds import assign_folds, fold_count, measurable
from pigeonhole.classifier.gaussian import SHRINKAGES, Linear, Moments, discriminants, moments
from pigeonhole.classifier.span import span

STRENGTHS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 1e6)
TEXT_SCALE = 15.0


@dataclass(frozen=True)
class Head:
    """The winning candidate."""

    name: str
    why: str
    shrinkage: float
    text_strength: float
    loss: float


@dataclass(frozen=True)
class Result:
    """What a race leaves."""

    weights: Floats  # (dim, k)
    bias: Floats  # (k,)
    held_out: Floats  # (n, k) calibrated logits
    dealt: Ints  # (n,)
    head: Head


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
    known_text = np.isfinite(text[:, 0])
    directions = np.where(known_text[:, None], text, 0)
    if known_text.any():
        directions[known_text] -= directions[known_text].mean(axis=0) * (known_text.sum() > 1)
    if not len(rows):
        head = Head("text", "no sample yet: label names alone", 1.0, np.inf, float("nan"))
        weights = np.ascontiguousarray(TEXT_SCALE * directions.T, dtype=np.float32)
        empty = np.zeros((0, labels), np.float32)
        return Result(weights, np.zeros(labels, np.float32), empty, np.zeros(0, int), head)
    space = span(rows, directions[known_text])
    z = space.project(rows)
    folds = fold_count(len(rows))
    dealt = assign_folds(codes, groups, folds, seed)
    whole = moments(z, codes, labels)
    counts = whole.counts[:, None]
    offsets = whole.sums / np.maximum(counts, 1)
    coordinates = directions if space.basis is None else directions @ space.basis
    seen = (counts[:, 0] > 0) & known_text
    if seen.any():
        scale = float((offsets[seen] * coordinates[seen]).sum() / (coordinates[seen] ** 2).sum())
        scale = max(scale, 0.1)
    else:
        scale = 0.5
    prior_means = np.asarray(scale * coordinates, dtype=z.dtype)
    strengths = STRENGTHS if known_text.any() else (0.0,)
    dim = rows.shape[1]
    held = np.zeros((len(SHRINKAGES), len(strengths), len(rows), labels), z.dtype)
    for fold in range(int(dealt.max()) + 1):
        out = dealt == fold
        rest: Moments = whole - moments(z[out], codes[out], labels)
        for i, shrinkage in enumerate(SHRINKAGES):
            for j, head_ in enumerate(discriminants(rest, prior_means, strengths, shrinkage, dim)):
                held[i, j, out] = head_(z[out])
        report("selecting", (fold + 1) / (int(dealt.max()) + 1))
    graded = measurable(codes, dealt, labels) | known_text[codes]
    best: tuple[float, int, int, float] | None = None
    for i in range(len(SHRINKAGES)):
        for j in range(len(strengths)):
            scores = held[i, j]
            size = float(np.sqrt(np.mean((scores - scores.mean(axis=1, keepdims=True)) ** 2)))
            size = max(size, 1e-6)
            scale_ = fit_scale(scores[graded] / size, codes[graded]) / size
            loss = (
                float(row_losses(scores[graded] * scale_, codes[graded]).mean())
                if graded.any()
                else 0.0
            )
            if best is None or loss < best[0] - 1e-9:
                best = (loss, i, j, scale_)
    assert best is not None
    loss, i, j, scale_ = best
    report("cross_validating", 1.0)
    final: Linear = discriminants(whole, prior_means, strengths, SHRINKAGES[i], dim)[j]
    weights = space.lift(final.weights) * scale_
    bias = final.bias * scale_ - space.origin @ weights
    report("fitting", 1.0)
    head = Head("gaussian", "least held-out log loss", SHRINKAGES[i], strengths[j], loss)
    return Result(
        np.ascontiguousarray(weights, dtype=np.float32),
        np.asarray(bias, dtype=np.float32),
        held[i, j] * scale_,
        dealt,
        head,
    )
