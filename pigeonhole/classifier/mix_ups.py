"""Pairs of labels that a classifier mixes up, from held-out answers."""

from dataclasses import dataclass, replace

import numpy as np

from pigeonhole.classifier.arrays import Bools, Ints
from pigeonhole.classifier.intervals import Estimate, effective_count, held_out_effect, wilson

LEAST_SHARE = 0.1
"""The share of mix-ups that the interval of a listed pair is above."""
MOST_PAIRS = 10
"""The most pairs that are listed."""
COMPARED = 200
"""The most pairs whose intervals are computed, those with most mix-ups."""


@dataclass(frozen=True)
class MixUp:
    """Two labels, and how often samples of either were answered as the other."""

    labels: tuple[int, int]
    share: Estimate  # of samples of both that were answered as one of both
    guessing: float  # the same share if all were answered as the more frequent label
    gain: float  # in accuracy, 0 to 1, if both were one label

    @property
    def indistinguishable(self) -> bool:
        """Whether the interval reaches what guessing gives, and is above half of that."""
        return self.guessing / 2 < self.share.lower and self.share.upper >= self.guessing


def mix_ups(truth: Ints, answers: Ints, graded: Bools, sizes: Ints, labels: int) -> list[MixUp]:
    """Return the pairs of labels that are mixed up more than seldom, the worst first.

    Args:
        truth: ``(n,)`` labels from 0.
        answers: ``(n,)`` held-out answers.
        graded: ``(n,)`` the rows that count.
        sizes: ``(n,)`` size of the group of near-duplicates of each row.
        labels: The number of labels.
    """
    codes = truth[graded].astype(np.int64) * labels + answers[graded]
    counts = np.bincount(codes, minlength=labels * labels).reshape(labels, labels)
    wrong = np.triu(counts + counts.T, 1)
    pairs = np.argwhere(wrong > 0)
    order = np.argsort(-wrong[pairs[:, 0], pairs[:, 1]], kind="stable")[:COMPARED]
    alone = effective_count(sizes[graded]) / max(int(graded.sum()), 1)
    found = []
    for one, other in pairs[order].tolist():
        mixed = int(wrong[one, other])
        total = int(counts[one, one] + counts[other, other]) + mixed
        independent = total * alone
        share = wilson(mixed / total, independent / held_out_effect(independent))
        if share.lower <= LEAST_SHARE:
            continue
        first = int(counts[one, one] + counts[one, other])
        found.append(
            MixUp(
                (one, other),
                replace(share, samples=total),
                min(first, total - first) / total,
                mixed / int(graded.sum()),
            )
        )
    return sorted(found, key=lambda pair: -pair.share.lower)[:MOST_PAIRS]
