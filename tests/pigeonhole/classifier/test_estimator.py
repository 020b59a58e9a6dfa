"""The public interface of the classifier."""

import json
import warnings
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from pigeonhole.classifier import FewShotClassifier
from tests.pigeonhole.classifier.synthetic import blobs, directions


def test_scikit_learn_accepts_it_as_a_classifier() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)  # pandas and array APIs are not installed

        check_estimator(FewShotClassifier())


def test_it_separates_the_labels_of_iris_and_digits() -> None:
    for data, least in ((load_iris(), 0.95), (load_digits(), 0.94)):
        rows, labels = data.data[::2], data.target[::2]

        fitted = FewShotClassifier().fit(rows, labels)

        assert fitted.score(data.data[1::2], data.target[1::2]) >= least
        assert fitted.cv_accuracy_.lower <= least + 0.03 <= fitted.cv_accuracy_.upper


def test_equal_input_gives_equal_output_with_any_number_of_threads() -> None:
    rows, labels = blobs((30, 20, 10), apart=0.3)
    answers = []

    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            fitted = FewShotClassifier().fit(rows, labels)
            answers.append((fitted.cv_proba_, fitted.predict_proba(rows)))

    np.testing.assert_array_equal(answers[0][0], answers[1][0])
    np.testing.assert_array_equal(answers[0][1], answers[1][1])


def test_held_out_probabilities_sum_to_one_and_are_in_the_order_of_the_rows() -> None:
    rows, labels = blobs((12, 12, 12))
    order = np.random.default_rng(1).permutation(len(rows))

    fitted = FewShotClassifier().fit(rows[order], labels[order])

    assert fitted.cv_proba_.shape == (36, 3)
    np.testing.assert_allclose(fitted.cv_proba_.sum(axis=1), 1, atol=1e-5)
    assert (fitted.cv_proba_.argmax(axis=1) == labels[order]).mean() > 0.95


def test_the_names_alone_give_predictions_when_there_are_no_samples() -> None:
    rows, labels = blobs((5, 5, 5))
    names = {"ant": directions(3)[0], "bee": directions(3)[1], "cat": directions(3)[2]}

    fitted = FewShotClassifier().fit(np.zeros((0, 40)), [], prototypes=names)

    assert fitted.classes_.tolist() == ["ant", "bee", "cat"]
    assert fitted.head_.name == "text"
    assert (fitted.predict(rows) == np.array(["ant", "bee", "cat"])[labels]).all()
    assert fitted.cv_proba_.shape == (0, 3)
    assert fitted.cv_accuracy_.too_early
    assert (fitted.strangeness(rows) == 1).all()


def test_a_label_with_a_name_and_no_sample_can_be_predicted() -> None:
    rows, labels = blobs((10, 10, 10))
    seen = labels < 2
    names = dict(enumerate(directions(3)))

    fitted = FewShotClassifier().fit(rows[seen], labels[seen], prototypes=names)

    assert fitted.classes_.tolist() == [0, 1, 2]
    assert (fitted.predict(rows[~seen]) == 2).mean() >= 0.9


def test_uninformative_names_do_no_harm() -> None:
    rows, labels = blobs((20,) * 5, apart=0.4)
    train, test = np.arange(0, 100, 2), np.arange(1, 100, 2)
    noise = np.random.default_rng(7).standard_normal((5, 40))
    names = dict(enumerate(noise / np.linalg.norm(noise, axis=1, keepdims=True)))

    alone = FewShotClassifier().fit(rows[train], labels[train])
    named = FewShotClassifier().fit(rows[train], labels[train], prototypes=names)

    assert named.score(rows[test], labels[test]) >= alone.score(rows[test], labels[test]) - 0.02


@pytest.mark.parametrize(("each", "shift", "heard"), [(2, 1, True), (3, 1, False), (3, 0, True)])
def test_swapped_names_are_ignored_from_three_samples_per_label_on(
    each: int, shift: int, heard: bool
) -> None:
    rows, labels = blobs((each,) * 6)
    names = dict(enumerate(np.roll(directions(6), shift, axis=0)))

    fitted = FewShotClassifier().fit(rows, labels, prototypes=names)

    assert (fitted.head_.text_strength > 0) is heard


def test_a_label_without_a_sample_keeps_its_name_although_those_of_the_others_are_swapped() -> None:
    rows, labels = blobs((10,) * 6)
    seen = labels < 5
    theirs = directions(6)
    names = dict(enumerate(np.concatenate([np.roll(theirs[:5], 1, axis=0), theirs[5:]])))

    fitted = FewShotClassifier().fit(rows[seen], labels[seen], prototypes=names)

    assert fitted.head_.text_strength == 0.0
    assert (fitted.predict(rows[seen]) == labels[seen]).mean() >= 0.9
    assert (fitted.predict(rows[~seen]) == 5).mean() >= 0.7


def test_one_sample_per_label_is_enough_to_predict_but_not_to_claim_an_accuracy() -> None:
    rows, labels = blobs((10, 10, 10))

    fitted = FewShotClassifier().fit(rows[::10], labels[::10])

    assert fitted.score(rows, labels) >= 0.8
    assert not fitted.cv_measured_.any()
    assert fitted.cv_accuracy_.too_early
    assert (fitted.cv_accuracy_.lower, fitted.cv_accuracy_.upper) == (0.0, 1.0)


def test_a_single_label_is_always_predicted() -> None:
    rows, labels = blobs((4,))

    fitted = FewShotClassifier().fit(rows, labels)

    assert (fitted.predict_proba(rows) == 1).all()


def test_a_label_with_one_sample_is_predicted_beside_one_with_thousands() -> None:
    rows, labels = blobs((3000, 2), dim=30, apart=1.0)
    train = np.r_[0:2999, 3000]

    fitted = FewShotClassifier().fit(rows[train], labels[train])

    assert fitted.predict(rows[[2999, 3001]]).tolist() == [0, 1]


def test_many_labels_with_few_samples_are_separated() -> None:
    rows, labels = blobs((4,) * 200, dim=256, apart=2.0)
    train = np.arange(800) % 4 > 0

    fitted = FewShotClassifier().fit(rows[train], labels[train])

    assert fitted.score(rows[~train], labels[~train]) > 0.9


def test_copies_of_a_photo_do_not_inflate_the_claimed_accuracy() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 30)
    rows = rng.standard_normal((30, 20)).astype(np.float32)
    copies, copied = np.repeat(rows, 4, axis=0), np.repeat(labels, 4)

    naive = FewShotClassifier().fit(copies, copied)
    honest = FewShotClassifier().fit(copies, copied, groups=np.repeat(np.arange(30), 4))

    assert naive.cv_accuracy_.value > 0.9
    assert honest.cv_accuracy_.value < 0.6
    assert honest.cv_accuracy_.count == pytest.approx(30 / 1.325)


def test_stored_arrays_predict_the_same_and_stay_small() -> None:
    rows, labels = blobs((8,) * 10, dim=1280)
    fitted = FewShotClassifier().fit(rows, np.array([f"label {c}" for c in labels]))

    arrays = fitted.to_arrays()
    again = FewShotClassifier.from_arrays(arrays)

    assert sum(array.nbytes for array in arrays.values()) < 200_000
    assert all(array.dtype != object for array in arrays.values())
    assert again.classes_.tolist() == fitted.classes_.tolist()
    np.testing.assert_array_equal(again.predict_proba(rows), fitted.predict_proba(rows))
    np.testing.assert_array_equal(again.strangeness(rows), fitted.strangeness(rows))
    assert json.loads(arrays["labels"].tobytes()) == fitted.classes_.tolist()


def test_progress_names_its_stages_in_order_and_never_goes_back() -> None:
    rows, labels = blobs((12, 12))
    told: list[tuple[str, float]] = []

    FewShotClassifier().fit(rows, labels, progress=lambda *step: told.append(step))

    stages = list(dict.fromkeys(stage for stage, _ in told))
    assert stages == ["selecting", "cross_validating", "fitting"]
    for stage in stages:
        fractions = [fraction for name, fraction in told if name == stage]
        assert all(before <= after for before, after in pairwise(fractions))
        assert fractions[-1] == 1.0


def test_invalid_input_is_refused_with_the_reason() -> None:
    rows, labels = blobs((5, 5))

    with pytest.raises(ValueError, match="groups has shape"):
        FewShotClassifier().fit(rows, labels, groups=np.zeros(3, int))
    with pytest.raises(ValueError, match="prototype of 0 is not 40 finite numbers"):
        FewShotClassifier().fit(rows, labels, prototypes={0: np.ones(7)})
    with pytest.raises(ValueError, match="continuous"):
        FewShotClassifier().fit(rows, labels + 0.5)


def test_the_chosen_head_reports_why_it_won() -> None:
    rows, labels = blobs((10, 10, 10))

    head = FewShotClassifier().fit(rows, labels).head_

    assert head.name in head.losses
    assert set(head.losses) == {"nearest mean", "gaussian", "ridge"}
    assert "held-out log loss" in head.why


def test_many_samples_with_few_dimensions_let_the_logistic_head_compete() -> None:
    digits = load_digits()

    fitted = FewShotClassifier().fit(digits.data[::2], digits.target[::2])

    assert set(fitted.head_.losses) == {"nearest mean", "gaussian", "logistic"}
    assert fitted.head_.name == "logistic"


def test_a_hundred_samples_refine_the_discriminants() -> None:
    fewer = FewShotClassifier().fit(*blobs((33, 33, 33), dim=200)).head_
    enough = FewShotClassifier().fit(*blobs((34, 33, 33), dim=200)).head_

    assert "logistic" not in fewer.losses
    assert {"gaussian", "logistic"} < set(enough.losses)


def test_identical_rows_or_a_single_group_still_give_predictions() -> None:
    rows = np.ones((6, 4), np.float32)
    labels = np.array([0, 1, 0, 1, 0, 1])

    same = FewShotClassifier().fit(rows, labels)
    grouped = FewShotClassifier().fit(
        blobs((3, 3))[0], labels, groups=np.zeros(6, int), prototypes={0: np.ones(40)}
    )

    np.testing.assert_allclose(same.predict_proba(rows).sum(axis=1), 1)
    assert not grouped.cv_measured_.any()
    assert grouped.cv_accuracy_.too_early
