"""Scores to probabilities: one temperature, with a weak prior."""

import numpy as np
from scipy.special import logsumexp, softmax  # type: ignore[import-untyped]

from pigeonhole.classifier.arrays import Floats, Ints

PRIOR_LOG_SCALE = 0.0
PRIOR_STRENGTH = 2.0
_STEPS = 25


def row_losses(logits: Floats, codes: Ints) -> Floats:
    """Return each row's log loss under softmax of its ``logits`` (n, labels)."""
    rows = np.arange(len(codes))
    return np.asarray(logsumexp(logits, axis=1) - logits[rows, codes])


def fit_scale(scores: Floats, codes: Ints) -> float:
    """Return the factor (one over the temperature) that makes held-out scores probabilities.

    It minimises the log loss plus a normal prior on its logarithm, which decides alone when
    there is no row and hardly counts from some dozens on. Newton's method in the logarithm,
    with steps bounded and safeguarded by a bracket.

    Args:
        scores: ``(n, labels)`` held-out.
        codes: ``(n,)`` true columns.

    Source: Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2.
    """
    true = scores[np.arange(len(codes)), codes]
    low, high, log_scale = -8.0, 8.0, PRIOR_LOG_SCALE
    for _ in range(_STEPS):
        scale = np.exp(log_scale)
        proba = softmax(scale * scores, axis=1)
        mean = (proba * scores).sum(axis=1)
        spread = (proba * scores * scores).sum(axis=1) - mean * mean
        first = scale * float((mean - true).sum())
        second = first + scale * scale * float(spread.sum())
        first += PRIOR_STRENGTH * (log_scale - PRIOR_LOG_SCALE)
        second += PRIOR_STRENGTH
        if first > 0:
            high = log_scale
        else:
            low = log_scale
        step = first / second if second > 0 else np.sign(first)
        proposal = log_scale - float(np.clip(step, -1.5, 1.5))
        if not low < proposal < high:
            proposal = (low + high) / 2
        if abs(proposal - log_scale) < 1e-4:
            break
        log_scale = proposal
    return float(np.exp(log_scale))
