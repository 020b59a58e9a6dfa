"""Fits that reuse the choice of an earlier race of heads instead of racing again."""

import numpy as np
import pytest

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats, Ints
from tests.pigeonhole.classifier.synthetic import blobs, directions

LABELS, DIM = 5, 40


def names() -> dict[int, Floats]:
    return dict(enumerate(directions(LABELS, DIM)))


def samples(count: int, seed: int = 0) -> tuple[Floats, Ints]:
    """Return ``count`` samples of overlapping labels, in random order."""
    rows, codes = blobs((count // LABELS,) * LABELS, dim=DIM, apart=0.5)
    order = np.random.default_rng(seed).permutation(len(rows))
    return rows[order], codes[order]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("count", [10, 60, 400])
def test_on_the_samples_of_the_race_the_result_is_identical(count: int, named: bool) -> None:
    rows, codes = samples(count)
    prototypes = names() if named else None

    raced = FewShotClassifier().fit(rows, codes, prototypes=prototypes)
    reused = FewShotClassifier().fit(rows, codes, prototypes=prototypes, choice=raced.choice_)

    np.testing.assert_array_equal(reused.predict_proba(rows), raced.predict_proba(rows))
    np.testing.assert_array_equal(reused.cv_proba_, raced.cv_proba_)
    np.testing.assert_array_equal(reused.strangeness(rows), raced.strangeness(rows))
    assert reused.cv_accuracy_ == raced.cv_accuracy_
    assert reused.head_.name == raced.head_.name


def test_an_unlabelled_pool_is_used_as_after_a_race() -> None:
    (rows, codes), (pool, _) = samples(60), samples(300, seed=1)

    raced = FewShotClassifier().fit(rows[:40], codes[:40], unlabelled=pool)
    reused = FewShotClassifier().fit(rows[:40], codes[:40], unlabelled=pool, choice=raced.choice_)

    assert reused.pool_size_ == raced.pool_size_
    np.testing.assert_array_equal(reused.predict_proba(rows), raced.predict_proba(rows))


@pytest.mark.parametrize("count", [40, 100, 400])
def test_with_five_percent_more_samples_predictions_are_nearly_those_of_a_new_race(
    count: int,
) -> None:
    rows, codes = samples(1_000)
    before, now, new = slice(count), slice(count + count // 20), rows[600:]
    choice = FewShotClassifier().fit(rows[before], codes[before], prototypes=names()).choice_

    raced = FewShotClassifier().fit(rows[now], codes[now], prototypes=names())
    reused = FewShotClassifier().fit(rows[now], codes[now], prototypes=names(), choice=choice)

    assert (reused.predict(new) == raced.predict(new)).mean() >= 0.98
    assert np.abs(reused.predict_proba(new) - raced.predict_proba(new)).mean() < 0.02
    assert abs(reused.cv_accuracy_.value - raced.cv_accuracy_.value) < 0.03


def test_without_samples_there_is_no_choice_to_reuse() -> None:
    rows = np.zeros((0, DIM), np.float32)

    assert FewShotClassifier().fit(rows, [], prototypes=names()).choice_ is None
