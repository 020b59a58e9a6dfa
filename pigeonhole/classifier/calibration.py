"""Scores to probabilities: one temperature each, with a weak prior."""

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints

PRIOR_SCALE = 2.0
"""The scale thought right before any held-out row, of scores of size 1 between label means."""
PRIOR_WEIGHT = 1.0
"""How many squared nats-of-scale the prior is worth: it decides alone without a row."""
STEPS = 30


def row_losses(logits: Floats, codes: Ints) -> Floats:
    """Return each row's log loss under the softmax of its ``logits`` (..., n, labels)."""
    below = _labels_first(logits)
    top = below.max(axis=0)
    below -= top
    total = np.log(np.exp(below, out=below).sum(axis=0)) + top
    return np.asarray(total - logits[..., np.arange(len(codes)), codes])


def fit_scales(scores: Floats, codes: Ints) -> Floats:
    """Return the factors (one over the temperature) that make held-out scores probabilities.

    Each minimises its log loss plus a normal prior on its logarithm, which decides alone where
    there is no row and hardly counts from some dozens on. Newton's method in the logarithm
    for all candidates at once, kept within a bracket.

    Args:
        scores: ``(candidates, n, labels)``, held out.
        codes: ``(n,)`` true columns.

    Returns:
        ``(candidates,)``.

    Source: Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2.
    """
    centre = np.log(PRIOR_SCALE)
    logs = np.full(len(scores), centre)
    if not len(codes):
        return np.asarray(np.exp(logs))
    true = scores[:, np.arange(len(codes)), codes]
    below = _labels_first(scores)
    top = below.max(axis=0)
    below -= top
    true = (true - top).sum(axis=1, dtype=np.float64)
    low, high = logs - 8.0, logs + 8.0
    weights = np.empty_like(below)
    for _ in range(STEPS):
        scale = np.exp(logs)
        np.multiply(below, scale[:, None].astype(below.dtype), out=weights)
        total = np.exp(weights, out=weights).sum(axis=0)
        weights *= below
        mean = weights.sum(axis=0) / total
        weights *= below
        spread = (weights.sum(axis=0) / total - mean * mean).sum(axis=1, dtype=np.float64)
        slope = scale * (mean.sum(axis=1, dtype=np.float64) - true)
        bend = np.maximum(slope, 0) + scale * scale * spread + PRIOR_WEIGHT
        slope += PRIOR_WEIGHT * (logs - centre)
        high = np.where(slope > 0, logs, high)
        low = np.where(slope > 0, low, logs)
        step = np.clip(slope / bend, -1.5, 1.5)
        proposal = logs - step
        proposal = np.where((proposal > low) & (proposal < high), proposal, (low + high) / 2)
        done = bool((np.abs(step) < 1e-3).all())
        logs = proposal
        if done:
            break
    return np.asarray(np.exp(logs))


def _labels_first(logits: Floats) -> Floats:
    """Return a copy (labels, ..., n): sums over labels run along whole rows, much faster."""
    return np.moveaxis(logits, -1, 0).copy()
