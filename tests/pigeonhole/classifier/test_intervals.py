"""Confidence intervals of an observed share."""

import numpy as np
import pytest

from pigeonhole.classifier.intervals import (
    difference,
    effective_count,
    group_sizes,
    held_out_share,
    wilson,
)


def test_wilson_gives_the_textbook_interval() -> None:
    estimate = wilson(0.8, 50)

    assert (estimate.lower, estimate.upper) == pytest.approx((0.6696, 0.8876), abs=1e-4)


def test_the_interval_of_a_difference_is_that_of_the_paper() -> None:
    found = difference(wilson(56 / 70, 70), wilson(48 / 80, 80))  # Newcombe 1998, table II, (a)

    assert found == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_without_observations_the_interval_is_everything() -> None:
    estimate = wilson(float("nan"), 0)

    assert (estimate.lower, estimate.upper, estimate.count) == (0.0, 1.0, 0.0)
    assert estimate.too_early


def test_an_observed_share_of_one_is_not_certain() -> None:
    assert wilson(1.0, 20).upper == 1.0
    assert 0.8 < wilson(1.0, 20).lower < 0.9


def test_copies_count_as_one_observation() -> None:
    assert effective_count(np.ones(30, int)) == 30
    assert effective_count(np.full(30, 3)) == pytest.approx(10)
    assert group_sizes(np.array([5, 5, 7]), 3).tolist() == [2, 2, 1]
    assert group_sizes(None, 3).tolist() == [1, 1, 1]


def test_held_out_samples_count_for_less_and_ungraded_ones_may_be_right_or_wrong() -> None:
    right, graded = np.array([True] * 80 + [False] * 20), np.ones(100, bool)

    full = held_out_share(right, np.ones(100, int), graded)
    graded[:20] = False
    part = held_out_share(right, np.ones(100, int), graded)

    assert full.count == pytest.approx(100 / 1.5)
    assert full.lower == wilson(0.8, 100 / 1.5).lower
    assert part.value == 0.75
    assert part.lower == pytest.approx(wilson(0.75, 80 / 1.45).lower * 0.8)
    assert part.upper == pytest.approx(wilson(0.75, 80 / 1.45).upper * 0.8 + 0.2)


def test_many_held_out_samples_count_half() -> None:
    many = held_out_share(np.arange(2000) % 5 > 0, np.ones(2000, int), np.ones(2000, bool))

    assert (many.value, many.count) == (0.8, 1000)
