import numpy as np

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.evidence import Geometry


def in_rooms(samples: int, seed: int = 0) -> tuple[Floats, Ints]:
    """Return rows of three labels, which differ more by the room of the photo than by the label."""
    rng = np.random.default_rng(seed)
    codes = np.tile(np.arange(3), samples)
    rows = 0.05 * rng.standard_normal((len(codes), 40))
    rows[np.arange(len(codes)), codes] += 1
    rows[np.arange(len(codes)), 10 + rng.integers(0, 6, len(codes))] += 2
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), codes


def test_evidence_follows_the_label_and_not_what_else_photos_share() -> None:
    rows, codes = in_rooms(20)
    queries, truth = in_rooms(10, seed=1)
    geometry = FewShotClassifier().fit(rows, codes).geometry()

    by_model, _ = geometry.nearest(rows, queries, 5)
    by_cosine = np.argsort(-queries @ rows.T, axis=1)[:, :5]

    assert (codes[by_model] == truth[:, None]).mean() > 0.95
    assert (codes[by_cosine] == truth[:, None]).mean() < 0.6


def test_without_the_evidence_an_answer_is_less_sure_than_without_five_other_samples() -> None:
    rows, codes = in_rooms(8)
    queries, _ = in_rooms(4, seed=1)
    fitted = FewShotClassifier().fit(rows, codes)
    before = fitted.predict_proba(queries).max(axis=1)
    answers = fitted.predict(queries)
    rng = np.random.default_rng(0)

    def without(taken: Ints, at: int) -> float:
        rest = np.delete(np.arange(len(rows)), taken)
        proba = FewShotClassifier().fit(rows[rest], codes[rest]).predict_proba(queries[at : at + 1])
        return float(before[at] - proba[0, answers[at]])

    evidence, _ = fitted.geometry().nearest(rows, queries, 5)
    with_them = [without(evidence[at], at) for at in range(len(queries))]
    with_others = [without(rng.permutation(len(rows))[:5], at) for at in range(len(queries))]

    assert np.mean(with_them) > np.mean(with_others)


def test_a_head_with_one_label_has_no_axis_and_compares_whole_vectors() -> None:
    rows, _ = in_rooms(20)
    geometry = Geometry.of(np.ones((40, 1), np.float32), np.zeros(40, np.float32))

    _, cosines = geometry.nearest(rows, rows[:4], 5)

    whole = -np.sort(-rows[:4] @ rows.T, axis=1)[:, :5]
    np.testing.assert_allclose(cosines, whole, atol=1e-5)


def test_the_nearest_come_first_and_equally_near_ones_in_order() -> None:
    rows = np.array([[1, 0], [0, 1], [1, 0], [0.6, 0.8]], np.float32)
    plain = Geometry(np.zeros(2, np.float32), np.zeros((2, 0), np.float32))

    indices, cosines = plain.nearest(rows, np.array([[1, 0]], np.float32), 3)

    assert indices.tolist() == [[0, 2, 3]]
    np.testing.assert_allclose(cosines, [[1, 1, 0.6]], rtol=1e-6)


def test_similarity_is_a_cosine_in_which_the_axes_that_separate_labels_count_ten_times() -> None:
    rows, codes = in_rooms(20)
    geometry = FewShotClassifier().fit(rows, codes).geometry()

    away = rows - geometry.origin
    inside = away @ geometry.axes @ geometry.axes.T
    placed = inside + 0.1 * (away - inside)
    placed /= np.linalg.norm(placed, axis=1, keepdims=True)

    assert geometry.axes.shape == (40, 2)
    np.testing.assert_allclose(geometry.cosines(rows, rows[:9]), placed[:9] @ placed.T, atol=1e-5)


def test_a_query_has_the_same_evidence_alone_and_in_a_batch() -> None:
    rows, codes = in_rooms(20)
    geometry = FewShotClassifier().fit(rows, codes).geometry()

    together, _ = geometry.nearest(rows, rows[:7], 4)
    alone = [geometry.nearest(rows, rows[at : at + 1], 4)[0][0].tolist() for at in range(7)]

    assert together.tolist() == alone


def test_without_rows_there_is_no_evidence() -> None:
    geometry = Geometry.of(np.eye(4, 3, dtype=np.float32), np.zeros(4, np.float32))

    indices, cosines = geometry.nearest(np.zeros((0, 4), np.float32), np.eye(4)[:2], 5)

    assert indices.shape == cosines.shape == (2, 0)
