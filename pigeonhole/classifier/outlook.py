"""What the next annotations are worth: an estimate from held-out answers that exist already."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pigeonhole.classifier.arrays import Ints

EXPONENT, HEAD_START = 0.4, 6.0
"""The errors of a label fall as ``(samples + HEAD_START)`` to the power of minus ``EXPONENT``.

Chosen on two sets of photos; ``benchmarks.next_labels`` prints how far estimates are off.
"""
LEAST = 60
"""Graded samples from which there is an estimate; with fewer, it is off by more than two points."""
STRENGTH = 4.0
"""How many graded samples the accuracy of all labels counts for in that of one label."""
TOGETHER = 2
"""The number of labels that samples are best divided among."""


@dataclass(frozen=True)
class Outlook:
    """The labels to annotate more samples of, and the accuracy that is gained by it."""

    labels: tuple[int, ...]
    gain: float  # 0 to 1


def outlook(counts: Ints, graded: Ints, hits: Ints, more: int) -> Outlook | None:
    """Return the labels whose next samples are worth most; None where that cannot be told.

    The errors of a label fall as a power of its number of samples. Those of other labels are taken
    to stay, which they nearly do while few samples are added.

    Args:
        counts: ``(k,)`` samples of each label. Labels without one are left out.
        graded: ``(k,)`` samples of each label that were graded while held out.
        hits: ``(k,)`` the number of these that were right.
        more: Samples to add, divided evenly among the labels.

    Source: Hestness et al., "Deep learning scaling is predictable, empirically", 2017, section 3
    (errors as a power of the number of samples).
    """
    taught = np.flatnonzero(counts > 0)
    total = float(graded.sum())
    if len(taught) < 2 or total < LEAST:
        return None
    overall = 1 - float(hits.sum()) / total
    errors = (graded - hits + STRENGTH * overall) / (graded + STRENGTH)
    share = counts / counts.sum()
    left = (1 + more / TOGETHER / (counts + HEAD_START)) ** -EXPONENT
    gains = np.where(counts > 0, share * errors * (1 - left), -1.0)
    best: Sequence[int] = np.argsort(-gains, kind="stable")[:TOGETHER].tolist()
    return Outlook(tuple(best), float(gains[best].sum()))
