"""Calibration: turns scores into probabilities by one temperature a head, with a weak prior."""

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints

PRIOR_SCALE = 2.0
"""The expected scale of scores that differ by 1 between the labels' means."""
PRIOR_WEIGHT = 1.0
"""Precision of the normal prior on the logarithm of the scale."""
STEPS = 30
"""The most steps of Newton's method."""
DOUBT, DOUBT_FLOOR = 2.0, 12.0
"""A share of ``DOUBT / (DOUBT_FLOOR + graded samples)`` of answers is assumed to be random.

With one photo a label, no held-out photo can be graded, and 21 % of the answers with a confidence
of at least 0.9 were wrong without this.
"""


def row_losses(logits: Floats, codes: Ints) -> Floats:
    """Return each row's log loss (..., n) under the softmax of its ``logits`` (..., n, labels)."""
    below = _labels_first(logits)
    top = below.max(axis=0)
    below -= top
    total = np.log(np.exp(below, out=below).sum(axis=0)) + top
    return np.asarray(total - logits[..., np.arange(len(codes)), codes])


def fit_scales(scores: Floats, codes: Ints) -> Floats:
    """Return the factor (one over the temperature) that calibrates each candidate's scores.

    Each factor minimises the candidate's log loss plus a normal prior on the factor's logarithm.
    Without a row the prior alone decides; from some dozens of rows on, it hardly counts. All
    candidates are solved together by Newton's method in the logarithm, kept within a bracket.

    Args:
        scores: ``(candidates, n, labels)``, held out.
        codes: ``(n,)`` each row's true label, as a column of ``scores``.

    Returns:
        ``(candidates,)``, each above 0.

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
    """Return a copy (labels, ..., n), over whose first axis sums are much faster."""
    return np.moveaxis(logits, -1, 0).copy()


def doubt(graded: float) -> float:
    """Return the share of probability, 0 to 1, that ``graded`` samples are too few to support."""
    return DOUBT / (DOUBT_FLOOR + graded)


def doubted(proba: Floats, share: float) -> Floats:
    """Return probabilities (n, k) with a ``share`` of each row spread evenly over the labels."""
    return np.asarray((1 - share) * proba + share / max(proba.shape[-1], 1))
