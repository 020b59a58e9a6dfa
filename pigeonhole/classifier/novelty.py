"""None of these: how strange a row looks beside the function's own held-out samples."""

import numpy as np
from scipy.special import logsumexp  # type: ignore[import-untyped]

from pigeonhole.classifier.arrays import Floats

KEPT = 1000


def energy(logits: Floats) -> Floats:
    """Return a score that is higher for stranger rows.

    Source: Liu et al., "Energy-based out-of-distribution detection", NeurIPS 2020.
    """
    return np.asarray(-logsumexp(logits, axis=1)).astype(np.float32)


def quantiles(scores: Floats) -> Floats:
    """Return the scores sorted, thinned out to what an answer needs."""
    ordered = np.sort(scores)
    if len(ordered) <= KEPT:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, KEPT).round().astype(int)]


def share(own: Floats, scores: Floats) -> Floats:
    """Return the share of ``own`` (sorted) and of the row itself at least as high.

    Counting the row itself makes a flag at 5 % raise for at most 5 % of rows like the own
    ones, and for none while there are fewer than 19.

    Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005,
    section 2.2 (conformal p-values).
    """
    stranger = len(own) - np.searchsorted(own, scores, side="left")
    return np.asarray((stranger + 1) / (len(own) + 1))
