"""Confusion matrices of old versions are stored without zeros, and read back unchanged."""

from pigeonhole.training import confusion

DENSE = {"classes": ["a", "b", "c"], "folds": 5, "confusion": [[7, 0, 1], [0, 0, 0], [2, 0, 9]]}
SPARSE = {
    "classes": ["a", "b", "c"],
    "folds": 5,
    "confusion_cells": [[0, 0, 7], [0, 2, 1], [2, 0, 2], [2, 2, 9]],
}


def test_zeros_are_left_out_and_all_other_counts_stay() -> None:
    assert confusion.without_zeros(DENSE) == SPARSE


def test_a_sparse_matrix_stays_as_it_is() -> None:
    assert confusion.without_zeros(SPARSE) == SPARSE


def test_both_forms_are_read_as_the_same_matrix() -> None:
    assert confusion.counts_of(DENSE) == DENSE["confusion"]
    assert confusion.counts_of(SPARSE) == DENSE["confusion"]
