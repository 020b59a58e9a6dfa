"""Labels that have a name but no sample yet, beside labels that have samples."""

import numpy as np
import pytest
from scipy.special import log_expit

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.calibration import doubt, doubted
from pigeonhole.classifier.nearness import MIDDLE, Means
from pigeonhole.classifier.untaught import Gate, odds

LABELS, DIM = 6, 32


def photos(each: int, seed: int, *, told: float = 0.5) -> tuple[Floats, Ints]:
    """Return ``each`` photos of every label; ``told``: how strongly they follow its name."""
    random = np.random.default_rng(seed)
    codes = np.repeat(np.arange(LABELS), each)
    own = np.eye(DIM)[LABELS + codes]
    rows = np.eye(DIM)[DIM - 1] + told * np.eye(DIM)[codes] + 0.7 * own
    rows = rows + 0.16 * random.standard_normal(rows.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), codes


def names() -> dict[int, Floats]:
    return dict(enumerate(np.eye(DIM, dtype=np.float32)[:LABELS]))


def fit(taught: list[int], each: int = 10, told: float = 0.5) -> FewShotClassifier:
    rows, codes = photos(each, seed=0, told=told)
    kept = np.isin(codes, taught)
    return FewShotClassifier().fit(rows[kept], codes[kept], prototypes=names())


@pytest.mark.parametrize("each", [1, 2, 10])
@pytest.mark.parametrize("taught", range(1, LABELS + 1))
def test_teaching_some_labels_is_never_worse_than_their_names_alone(taught: int, each: int) -> None:
    rows, codes = photos(30, seed=1, told=0.2)
    alone = FewShotClassifier().fit(rows[:0], codes[:0], prototypes=names())

    some = fit(list(range(taught)), each, told=0.2)

    assert some.score(rows, codes) >= alone.score(rows, codes) - 0.01
    assert some.taught_.tolist() == [label < taught for label in range(LABELS)]


@pytest.mark.parametrize("each", [1, 2, 10])
def test_accuracy_on_all_labels_rises_with_each_label_taught(each: int) -> None:
    rows, codes = photos(30, seed=1, told=0.2)

    scores = [
        fit(list(range(taught)), each, told=0.2).score(rows, codes)
        for taught in range(1, LABELS + 1)
    ]

    assert scores == sorted(scores)
    assert scores[-1] > scores[0] + 0.3


def test_a_label_without_a_sample_is_still_answered() -> None:
    rows, codes = photos(30, seed=1)
    beyond = codes >= 3

    found = fit([0, 1, 2]).predict(rows)

    assert (found[beyond] == codes[beyond]).mean() > 0.8
    assert (found[~beyond] == codes[~beyond]).mean() > 0.8


def test_with_one_label_taught_there_is_no_accuracy_and_nothing_is_graded() -> None:
    fitted = fit([2])

    assert fitted.cv_accuracy_.count == 0
    assert not fitted.cv_measured_.any()
    assert fitted.cv_untaught_proba_ is None


def test_each_label_with_samples_is_also_predicted_as_if_it_had_none() -> None:
    fitted = fit([0, 1, 2])

    again = fitted.cv_untaught_proba_
    assert again is not None
    assert again.shape == (30, LABELS)
    np.testing.assert_allclose(again.sum(axis=1), 1, atol=1e-5)
    own = np.repeat(np.arange(3), 10)
    assert (again[range(30), own] < fitted.cv_proba_[range(30), own]).mean() > 0.9


def test_with_all_labels_taught_there_is_no_gate() -> None:
    fitted = fit(list(range(LABELS)))

    assert fitted.cv_untaught_proba_ is None
    assert not any(name.startswith("gate") for name in fitted.to_arrays())


def test_a_stored_classifier_predicts_untaught_labels_as_before() -> None:
    fitted, (rows, _) = fit([0, 1]), photos(3, seed=2)

    again = FewShotClassifier.from_arrays(fitted.to_arrays())

    np.testing.assert_array_equal(again.predict_proba(rows), fitted.predict_proba(rows))
    np.testing.assert_array_equal(again.strangeness(rows), fitted.strangeness(rows))


def test_a_gate_stored_before_means_had_a_reliability_predicts_as_it_did_then() -> None:
    gate, (rows, _) = fit([0, 1])._gate, photos(3, seed=2)
    assert gate is not None
    old = gate.to_arrays() | {"taught": gate.taught}
    del old["gate_offsets"]
    old["gate_weights"] = np.array([11, 1.6, -4, 20], np.float32)
    near = Means(gate.means.origin, gate.means.directions, np.zeros(2)).nearness(rows)
    score = 11 * near + 1.6 * odds(15 * rows @ gate.names, gate.taught) - 4

    found = Gate.from_arrays(old).logits(rows, np.zeros((len(rows), 2), np.float32))

    np.testing.assert_allclose(found[:, 0], log_expit(score) - np.log(2), rtol=1e-5)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1, rtol=1e-5)


def test_a_mean_counts_as_much_as_chance_does_not_explain_of_its_distance() -> None:
    origin, means = np.zeros(2), np.array([[0.0, 0.5], [0.5, 0.0], [0.1, 0.0]])

    found = Means.of(means, np.array([1, 4, 1]), origin, noise=0.2)

    np.testing.assert_allclose(found.offsets / MIDDLE, [0.2, 0.8, 0.05])
    np.testing.assert_allclose(found.directions, [[0, 0.8**0.5, 0.05**0.5], [0.2**0.5, 0, 0]])


def test_a_photo_that_may_show_an_untaught_label_is_not_strange() -> None:
    rows, codes = photos(30, seed=1)
    fitted = fit([0, 1, 2])

    share = fitted.strangeness(rows[codes >= 3])

    assert (share <= 0.05).mean() <= 0.05


def test_a_label_is_predicted_from_its_first_sample_on() -> None:
    rows, codes = photos(200, seed=0)
    first = np.flatnonzero(codes == 5)[:1]
    kept = np.concatenate([np.flatnonzero(codes < 5), first])
    fitted = FewShotClassifier().fit(rows[kept], codes[kept], prototypes=names())

    new, truth = photos(50, seed=1)

    assert (fitted.predict(new[truth == 5]) == 5).mean() > 0.8


def test_what_few_samples_can_claim_is_capped() -> None:
    assert doubt(0) == 1 / 6
    assert doubt(88) == 0.02
    np.testing.assert_allclose(doubted(np.array([[1.0, 0.0]]), 0.02), [[0.99, 0.01]])
    rows, _ = photos(20, seed=1)
    assert fit(list(range(LABELS)), each=1).predict_proba(rows).max() <= 5 / 6 + 1 / 36 + 1e-6
