"""Calibration by a temperature."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from pigeonhole.classifier.calibration import PRIOR_SCALE, PRIOR_WEIGHT, fit_scales, row_losses


def test_scales_minimise_the_loss_and_its_prior_for_every_candidate_at_once() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, 60)
    scores = rng.standard_normal((3, 60, 4)) + 2 * np.eye(4)[codes] * [[[0.2]], [[1]], [[3]]]

    scales = fit_scales(scores, codes)

    for candidate, scale in zip(scores, scales, strict=True):

        def loss(log_scale: float, candidate: np.ndarray = candidate) -> float:
            fit = -log_softmax(np.exp(log_scale) * candidate, axis=1)[np.arange(60), codes].sum()
            return float(fit + PRIOR_WEIGHT / 2 * (log_scale - np.log(PRIOR_SCALE)) ** 2)

        best = minimize_scalar(loss, bounds=(-6, 6), method="bounded", options={"xatol": 1e-9})
        np.testing.assert_allclose(np.log(scale), best.x, atol=2e-3)


def test_without_rows_the_prior_decides() -> None:
    assert fit_scales(np.zeros((2, 0, 3)), np.zeros(0, int)).tolist() == [PRIOR_SCALE] * 2


def test_the_temperature_is_finite_if_all_scores_are_right_or_all_are_wrong() -> None:
    codes = np.arange(5)

    for sign in (1, -1):
        [scale] = fit_scales(sign * 100 * np.eye(5)[None], codes)

        assert 0 < scale < 1e4


def test_row_losses_are_minus_log_probabilities() -> None:
    logits, codes = np.random.default_rng(0).standard_normal((7, 3)), np.arange(7) % 3

    expected = -np.log(softmax(logits, axis=1)[np.arange(7), codes])

    np.testing.assert_allclose(row_losses(logits, codes), expected)
