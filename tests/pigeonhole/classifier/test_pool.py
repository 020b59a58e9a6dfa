"""Learning from photos without a label."""

import numpy as np
import pytest

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.pool import LEAST, MOST

LABELS, DIM = 5, 60


def photos(each: int, seed: int) -> tuple[Floats, Ints]:
    """Return unit rows whose labels differ along axes that are hard to see from few samples."""
    random = np.random.default_rng(seed)
    codes = np.tile(np.arange(LABELS), each)
    rows = np.eye(DIM)[DIM - 1] + 0.7 * np.eye(DIM)[codes]
    rows = rows + 0.16 * random.standard_normal(rows.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), codes


@pytest.mark.parametrize("each", [2, 4])
def test_photos_without_a_label_improve_a_function_with_few_samples(each: int) -> None:
    (rows, codes), (pool, _), (new, truth) = photos(each, 0), photos(40, 1), photos(60, 2)

    without = FewShotClassifier().fit(rows, codes)
    found = FewShotClassifier().fit(rows, codes, unlabelled=pool)

    assert (without.pool_size_, found.pool_size_) == (0, 200)
    assert found.score(new, truth) > without.score(new, truth) + 0.01


def test_photos_of_other_things_do_no_harm() -> None:
    (rows, codes), (new, _) = photos(4, 0), photos(60, 2)
    random = np.random.default_rng(3)
    strangers = random.standard_normal((200, DIM)).astype(np.float32)
    strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)

    without = FewShotClassifier().fit(rows, codes)
    found = FewShotClassifier().fit(rows, codes, unlabelled=strangers)

    assert found.pool_size_ == 0
    np.testing.assert_array_equal(found.predict_proba(new), without.predict_proba(new))


def test_near_duplicates_of_labelled_photos_are_not_learned_from() -> None:
    (rows, codes), (pool, _) = photos(4, 0), photos(40, 1)

    found = FewShotClassifier().fit(rows, codes, unlabelled=np.concatenate([rows, pool]))

    assert found.pool_size_ == 200


@pytest.mark.parametrize("each", [1, 4])
def test_a_pool_is_used_from_two_samples_per_label_and_twenty_photos_on(each: int) -> None:
    (rows, codes), (pool, _) = photos(each, 0), photos(40, 1)
    few = pool[: LEAST - 1] if each > 1 else pool

    assert FewShotClassifier().fit(rows, codes, unlabelled=few).pool_size_ == 0


def test_only_the_newest_of_many_photos_are_used() -> None:
    (rows, codes), (pool, _) = photos(4, 0), photos(420, 1)

    many = FewShotClassifier().fit(rows, codes, unlabelled=pool)
    newest = FewShotClassifier().fit(rows, codes, unlabelled=pool[-MOST:])

    assert many.pool_size_ == MOST
    np.testing.assert_array_equal(many.predict_proba(pool), newest.predict_proba(pool))


def test_a_pool_of_another_width_is_refused() -> None:
    rows, codes = photos(4, 0)

    with pytest.raises(ValueError, match="unlabelled has shape"):
        FewShotClassifier().fit(rows, codes, unlabelled=rows[:, :7])
