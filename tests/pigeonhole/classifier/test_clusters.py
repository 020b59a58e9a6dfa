"""Clusters of unlabelled rows."""

import numpy as np
import pytest

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.clusters import MOST, clusters
from tests.pigeonhole.classifier.synthetic import blobs


def test_without_a_model_every_row_is_in_one_cluster_with_rows_of_its_own_label() -> None:
    rows, labels = blobs((30, 30, 30), apart=2.0)
    nothing = np.full(90, -1)

    found = clusters(rows, nothing, np.zeros(90), np.zeros(90, bool), None)

    assert sorted(row for one in found for row in one.rows.tolist()) == list(range(90))
    assert {(one.label, one.purity) for one in found} == {(-1, None)}
    assert [len(set(labels[one.rows])) for one in found] == [1] * len(found)
    assert [one.cohesion for one in found] == sorted((one.cohesion for one in found), reverse=True)


def test_the_purest_clusters_come_first_and_mostly_strange_ones_without_a_label_last() -> None:
    rows, labels = blobs((40, 40, 40), apart=2.0)
    taught = np.flatnonzero(labels < 2)[::4]
    fitted = FewShotClassifier().fit(rows[taught], labels[taught])
    proba = fitted.predict_proba(rows)
    guesses, confidences = proba.argmax(axis=1), proba.max(axis=1)
    strange = labels == 2
    strange[0] = True  # single ones stay with the rows that they resemble

    found = clusters(rows, guesses, confidences, strange, fitted.geometry())

    named = [one for one in found if one.purity is not None]
    assert found[: len(named)] == named
    purities = [one.purity for one in named if one.purity is not None]
    assert purities == sorted(purities, reverse=True)
    for one in found:
        assert set(labels[one.rows]) == {2 if one.label < 0 else one.label}
    for one in named:
        assert one.purity == pytest.approx(confidences[one.rows].mean())


def test_a_cluster_has_a_bounded_number_of_rows_the_most_typical_first() -> None:
    same = np.tile(np.eye(1, 8, dtype=np.float32), (MOST + 5, 1))
    same[-1] = [0.8, 0.6, 0, 0, 0, 0, 0, 0]

    nothing, never = np.zeros(len(same)), np.zeros(len(same), bool)
    found = clusters(same, np.full(len(same), -1), nothing, never, None)

    [large] = [one for one in found if len(one.rows) > 1]
    assert len(large.rows) == MOST
    assert large.closeness.tolist() == sorted(large.closeness.tolist(), reverse=True)
    assert clusters(same[:0], np.zeros(0, int), nothing[:0], never[:0], None) == []
