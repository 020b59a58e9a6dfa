"""Assignment of samples to cross-validation folds."""

import numpy as np

from pigeonhole.classifier.arrays import Bools, Ints

FOLDS = ((100, 10), (400, 15), (800, 10))
"""Pairs of a number of samples and the number of folds below it; from 800 samples on, 5 folds.

With some hundred samples, more folds give better calibration, because each head learns from most of
the samples. Below a hundred the accuracy is too uncertain for that to matter, and beyond some
hundred five folds are enough.
"""


def fold_count(samples: int) -> int:
    """Return the number of folds to cross-validate ``samples`` with."""
    return next((folds for most, folds in FOLDS if samples < most), 5)


def assign_folds(codes: Ints, groups: Ints | None, folds: int, seed: int = 0) -> Ints:
    """Assign samples to folds: evenly for each label, and each group to a single fold.

    Units (samples, or groups of them) are sorted by label, shuffled within it, and assigned in
    turn. So any two folds differ by at most one unit, both in all and for each label. A group
    with several labels counts for the label of most of its samples.

    Args:
        codes: ``(n,)`` each sample's label, from 0.
        groups: ``(n,)`` group ids; samples with equal ids share a fold. None: no groups.
        folds: The most folds; fewer if there are fewer units.
        seed: Seed of the shuffle.

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
    """Return ``(n,)`` whether each sample's label also occurs outside the sample's fold.

    Only these samples can be graded: the others' heads have never seen their label.
    """
    folds = int(dealt.max(initial=0)) + 1
    counts = np.bincount(codes * folds + dealt, minlength=labels * folds).reshape(labels, folds)
    rest = counts.sum(axis=1, keepdims=True) - counts
    return np.asarray(rest[codes, dealt] > 0)
