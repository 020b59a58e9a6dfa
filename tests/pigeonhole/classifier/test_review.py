"""Suspected mistakes, the order of annotation, and near-duplicates."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.classifier.review import compare, informativeness, mistake_scores
from tests.pigeonhole.classifier.synthetic import blobs


def test_flipped_labels_score_highest() -> None:
    rows, labels = blobs((40, 40, 40), apart=0.8)
    flipped = np.arange(0, 120, 10)
    noisy = labels.copy()
    noisy[flipped] = (noisy[flipped] + 1) % 3

    fitted = FewShotClassifier().fit(rows, noisy)
    scores = mistake_scores(noisy, fitted.cv_proba_, fitted.classes_, fitted.cv_measured_)

    assert roc_auc_score(np.isin(np.arange(120), flipped), scores) > 0.95
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_sample_that_cannot_be_graded_is_no_mistake() -> None:
    scores = mistake_scores(["a", "b"], [[0.1, 0.9], [0.6, 0.4]], ["a", "b"], [True, False])

    np.testing.assert_allclose(scores, [0.9, 0.0])


def test_the_order_of_annotation_has_every_row_of_the_pool_once() -> None:
    rows, labels = blobs((30, 30, 30))
    fitted = FewShotClassifier().fit(rows[::5], labels[::5])
    pool = np.delete(rows, np.s_[::5], axis=0)

    for proba, labelled in ((None, rows[:0]), (fitted.predict_proba(pool), rows[::5])):
        order = informativeness(pool, proba, labelled)
        again = informativeness(pool, proba, labelled)

        assert sorted(order) == list(range(len(pool)))
        np.testing.assert_array_equal(order, again)
        np.testing.assert_array_equal(informativeness(pool, proba, labelled, count=5), order[:5])


def test_the_first_samples_to_annotate_show_every_label() -> None:
    rows, labels = blobs((30, 30, 30, 30), apart=2.0)

    order = informativeness(rows, None, rows[:0], count=8)

    assert set(labels[order]) == {0, 1, 2, 3}


def test_an_empty_pool_has_an_empty_order() -> None:
    assert informativeness(np.zeros((0, 4)), None, np.zeros((0, 4))).tolist() == []


def test_near_duplicates_and_equal_bytes_share_a_group() -> None:
    rows = np.eye(6, 100, dtype=np.float32)
    rows[1] = rows[0] + 0.1 * rows[5]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    assert groups_of(rows).tolist() == [0, 0, 1, 2, 3, 4]
    shas = ["p", "q", "r", "q", "s", "t"]
    assert groups_of(rows, shas).tolist() == [0, 0, 1, 0, 2, 3]
    assert groups_of(rows, threshold=0.999).tolist() == [0, 1, 2, 3, 4, 5]
    assert groups_of(rows[:0]).tolist() == []
    with pytest.raises(ValueError, match="one per row"):
        groups_of(rows, ["p"])


def test_groups_of_many_rows_equal_those_found_by_comparing_all_pairs() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((5000, 96)).astype(np.float32)
    rows[1::50] = rows[::50] + rng.standard_normal((100, 96)).astype(np.float32) * 0.2
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    groups = groups_of(rows)

    close = np.argwhere(np.triu(rows @ rows.T >= 0.97, 1))
    assert len(close) > 50
    assert len(np.unique(groups)) == 5000 - len(close)
    assert all(groups[a] == groups[b] for a, b in close)


def test_equal_rows_are_ordered_too_and_without_a_warning() -> None:
    same = np.tile(np.array([[1, 0]], np.float32), (3, 1))  # pytest raises what warns

    typical = informativeness(same, None, same[:1])
    unsure = informativeness(np.tile(same, (4, 1)), np.full((12, 2), 0.5), np.tile(same, (7, 1)))

    assert sorted(typical.tolist()) == [0, 1, 2]
    assert sorted(unsure.tolist()) == list(range(12))


def test_a_model_is_worse_only_if_chance_does_not_explain_the_difference() -> None:
    y, classes = np.zeros(20, int), np.array([0, 1])
    right, wrong = np.tile([0.9, 0.1], (20, 1)), np.tile([0.1, 0.9], (20, 1))
    few = right.copy()
    few[:3] = wrong[:3]

    assert compare(y, right, wrong, classes).worse
    assert not compare(y, wrong, right, classes).worse
    slight = compare(y, right, few, classes)
    assert (slight.gained, slight.lost, slight.worse) == (0, 3, False)
    assert slight.p_value == pytest.approx(1 / 8)
    assert compare(y, right, right, classes).p_value == 1.0
