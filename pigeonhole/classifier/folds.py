"""Which samples are held out together."""

import numpy as np

from pigeonhole.classifier.arrays import Bools, Ints

FOLDS = ((100, 10), (400, 15), (800, 10))
"""Folds for fewer samples than so many; 5 for more.

With some hundred samples, heads that learn from most of them are calibrated best; below a hundred
the claim is too uncertain for that to count, and beyond some hundred five folds do.
"""


def fold_count(samples: int) -> int:
    """Return how many folds to cross-validate with."""
    return next((folds for most, folds in FOLDS if samples < most), 5)


def assign_folds(codes: Ints, groups: Ints | None, folds: int, seed: int = 0) -> Ints:
    """Deal samples to folds, evenly for each label, and each group whole to one fold.

    Units (samples, or groups of them) are sorted by label, shuffled within it, and dealt
    round: so any two folds differ by at most one unit, in all and of any label. A group of
    several labels counts for the label that most of its samples have.

    Args:
        codes: ``(n,)`` each sample's label, from 0.
        groups: ``(n,)`` ids; samples with equal ids are never split. None: all apart.
        folds: How many folds at most; fewer when there are fewer units.
        seed: Shuffles.

    Returns:
        ``(n,)`` fold numbers from 0.
    """
    if groups is None:
        unit_of, unit_codes = np.arange(len(codes)), codes
    else:
        _, unit_of = np.unique(groups, return_inverse=True)
        pairs, sizes = np.unique(np.stack([unit_of, codes]), axis=1, return_counts=True)
        best = np.lexsort([pairs[1], -sizes, pairs[0]])
        first = np.unique(pairs[0][best], return_index=True)[1]
        unit_codes = pairs[1][best][first]
    shuffle = np.random.default_rng(seed).random(len(unit_codes))
    order = np.lexsort([shuffle, unit_codes])
    dealt = np.empty(len(order), dtype=np.int64)
    dealt[order] = np.arange(len(order)) % max(1, min(folds, len(order)))
    return dealt[unit_of]


def measurable(codes: Ints, dealt: Ints, labels: int) -> Bools:
    """Tell the samples whose label the other folds have too: only they can be graded."""
    folds = int(dealt.max(initial=0)) + 1
    counts = np.bincount(codes * folds + dealt, minlength=labels * folds).reshape(labels, folds)
    rest = counts.sum(axis=1, keepdims=True) - counts
    return np.asarray(rest[codes, dealt] > 0)
