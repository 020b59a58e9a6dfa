"""Which samples are held out together."""

import numpy as np

from pigeonhole.classifier.folds import assign_folds, fold_count, measurable


def test_every_label_is_spread_evenly_over_the_folds() -> None:
    codes = np.repeat([0, 1, 2], [10, 7, 3])

    dealt = assign_folds(codes, None, 5)

    counts = np.array([np.bincount(dealt[codes == c], minlength=5) for c in range(3)])
    assert counts.sum(axis=0).tolist() == [4, 4, 4, 4, 4]
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1


def test_a_group_is_never_split_even_when_its_labels_differ() -> None:
    rng = np.random.default_rng(0)
    codes, groups = rng.integers(0, 4, 200), rng.integers(0, 40, 200)

    dealt = assign_folds(codes, groups, 10)

    assert all(len(set(dealt[groups == g])) == 1 for g in range(40))
    assert set(dealt) == set(range(10))


def test_fewer_samples_than_folds_are_left_out_one_by_one() -> None:
    assert sorted(assign_folds(np.array([0, 0, 1]), None, 10)) == [0, 1, 2]


def test_a_label_within_a_single_fold_cannot_be_graded() -> None:
    codes = np.array([0, 0, 1, 2, 2])
    dealt = np.array([0, 1, 0, 1, 1])

    assert measurable(codes, dealt, 3).tolist() == [True, True, False, False, False]


def test_a_hundred_samples_have_more_folds_than_fifty_or_a_thousand() -> None:
    assert [fold_count(n) for n in (50, 100, 400, 800, 100_000)] == [10, 15, 10, 5, 5]
