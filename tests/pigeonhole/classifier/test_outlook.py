import numpy as np
import pytest

from pigeonhole.classifier.outlook import outlook


def test_the_next_samples_are_worth_most_for_labels_with_errors_and_few_samples() -> None:
    counts, hits = np.array([14, 14, 34, 0]), np.array([7, 14, 28, 0])

    found = outlook(counts, counts, hits, 20)

    assert found is not None
    assert found.labels == (0, 2)
    overall = 13 / 62
    gains = [
        count / 62 * (wrong + 4 * overall) / (count + 4) * (1 - (1 + 10 / (count + 6)) ** -0.4)
        for count, wrong in ((14, 7), (34, 6))
    ]
    assert found.gain == pytest.approx(sum(gains))


def test_nothing_is_said_below_sixty_graded_samples_or_of_one_label() -> None:
    counts = np.array([30, 30])

    assert outlook(counts, np.array([30, 29]), np.array([20, 20]), 20) is None
    assert outlook(np.array([80, 0]), np.array([80, 0]), np.array([80, 0]), 20) is None
    assert outlook(counts, counts, np.array([20, 20]), 20) is not None
