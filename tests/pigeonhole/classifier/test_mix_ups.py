import numpy as np

from pigeonhole.classifier.mix_ups import mix_ups


def test_a_pair_is_listed_by_its_interval_and_indistinguishable_only_near_guessing() -> None:
    cells = {(0, 0): 16, (0, 1): 14, (1, 0): 15, (1, 1): 15, (2, 2): 38, (2, 0): 2}
    truth = np.repeat([true for true, _ in cells], list(cells.values()))
    answers = np.repeat([answer for _, answer in cells], list(cells.values()))
    all_rows, ones = np.ones(100, np.bool_), np.ones(100, np.int64)

    [pair] = mix_ups(truth, answers, all_rows, ones, 4)
    [better] = mix_ups(np.repeat([0, 1], 30), np.arange(60) // 45, all_rows[:60], ones[:60], 2)
    copies = mix_ups(truth, answers, all_rows, np.full(100, 50), 4)

    assert pair.labels == (0, 1)
    assert (pair.share.value, pair.share.samples, pair.guessing) == (29 / 60, 60, 0.5)
    assert pair.indistinguishable is True
    assert better.indistinguishable is False
    assert pair.gain == 29 / 100
    assert copies == []  # two pictures, of which nothing is known
