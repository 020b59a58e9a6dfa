"""Metrics of held-out probabilities."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score

from pigeonhole.classifier.metrics import metrics

CLASSES = np.array(["a", "b", "c"])


def held_out(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, n)
    proba = rng.dirichlet(np.ones(3), n) + np.eye(3)[codes] * 0.7
    return CLASSES[codes], proba / proba.sum(axis=1, keepdims=True)


def test_metrics_equal_those_of_scikit_learn() -> None:
    y, proba = held_out()
    answers = CLASSES[proba.argmax(axis=1)]

    found = metrics(y, proba, CLASSES)

    assert found.accuracy.value == pytest.approx((answers == y).mean())
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(y, answers))
    assert found.macro_f1 == pytest.approx(f1_score(y, answers, average="macro"))
    np.testing.assert_array_equal(found.confusion, confusion_matrix(y, answers, labels=CLASSES))
    assert [label.support for label in found.labels] == [int((y == c).sum()) for c in CLASSES]


def test_a_label_without_graded_samples_has_no_metrics() -> None:
    found = metrics(["a", "a"], [[0.9, 0.1, 0.0], [0.6, 0.4, 0.0]], CLASSES)

    assert found.labels[2].recall is None
    assert found.labels[2].precision is None
    assert found.labels[2].f1 is None
    assert found.balanced_accuracy == 1.0


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    found = metrics(["a"] * 10, [[0.75, 0.25, 0.0]] * 10, CLASSES)

    assert found.calibration_error == pytest.approx(0.25)


def test_a_threshold_accepts_as_many_as_it_can_within_the_promised_error_rate() -> None:
    y, proba = held_out()
    sure, right = proba.max(axis=1), CLASSES[proba.argmax(axis=1)] == y

    found = metrics(y, proba, CLASSES).threshold(0.1)

    answered = sure >= found.confidence
    assert answered.mean() == found.coverage
    assert (~right[answered]).mean() == found.error_rate.value <= 0.1
    assert found.error_rate.lower <= 0.1
    lower = sorted(c for c in sure if c < found.confidence)
    assert all((~right[sure >= c]).mean() > 0.1 for c in lower)


def test_an_error_rate_that_cannot_be_kept_accepts_nothing() -> None:
    found = metrics(["b"] * 4, [[0.9, 0.1, 0.0]] * 4, CLASSES).threshold(0.1)

    assert found.coverage == 0
    assert found.confidence > 1


def test_copies_widen_the_interval_and_ungraded_rows_do_not_count() -> None:
    y, proba = held_out(40)
    graded = np.arange(40) < 30

    apart = metrics(y, proba, CLASSES).accuracy
    copied = metrics(y, proba, CLASSES, groups=np.arange(40) // 4).accuracy
    part = metrics(y, proba, CLASSES, graded=graded)

    assert copied.upper - copied.lower > apart.upper - apart.lower
    assert part.confusion.sum() == 30


def test_a_label_outside_the_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="not in classes"):
        metrics(["z"], [[1.0, 0.0, 0.0]], CLASSES)
    with pytest.raises(ValueError, match="share from 0 to 1"):
        metrics(["a"], [[1.0, 0.0, 0.0]], CLASSES).threshold(1.5)
