"""The heads' closed forms against naive refits."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.linear_model import Ridge as SklearnRidge

from pigeonhole.classifier.folds import assign_folds
from pigeonhole.classifier.gaussian import Prior, norms, solve
from pigeonhole.classifier.logistic import fit_logistic
from pigeonhole.classifier.moments import Linear, moments
from pigeonhole.classifier.ridge import Ridge, one_hot
from pigeonhole.classifier.span import MOST, span
from tests.pigeonhole.classifier.synthetic import blobs


@pytest.mark.parametrize("dim", [12, 200])
@pytest.mark.parametrize("shrinkage", [0.25, 0.9])
def test_folds_from_shared_moments_equal_refits_of_each_fold(dim: int, shrinkage: float) -> None:
    rows, codes = blobs((14, 9, 11), dim=dim, apart=0.4)
    rows, codes = rows.astype(np.float64), codes
    space = span(rows, np.zeros((0, dim)))
    z = space.project(rows)
    dealt = assign_folds(codes, None, 5)
    nothing = Prior(np.zeros((3, z.shape[1])), np.zeros(3))

    for fold in range(5):
        out = dealt == fold
        rest = moments(z, codes, 3) - moments(z[out], codes[out], 3)
        [solution] = solve(rest, nothing, (shrinkage,), dim)
        ours = z[out] @ solution.to_means - 0.5 * norms(solution, np.ones(3), 0.0)
        oracle = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
        oracle.fit(rows[~out], codes[~out])
        theirs = oracle.decision_function(rows[out]) - np.log(oracle.priors_)
        ours -= ours.mean(axis=1, keepdims=True)
        theirs -= theirs.mean(axis=1, keepdims=True)
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())


def test_ridge_held_out_scores_equal_refits_for_every_penalty_and_for_leave_one_out() -> None:
    rows, codes = blobs((9, 8, 7), dim=60, apart=0.3)
    rows = rows.astype(np.float64) - rows.mean(axis=0)
    ridge = Ridge(rows, codes, 3, 60)
    unit = (rows**2).sum() / 60
    wide = np.concatenate([rows, np.ones((24, 1))], axis=1)

    for dealt in (assign_folds(codes, None, 4), np.arange(24)):
        for penalty in (0.3, 10.0):
            scores = ridge.held_out(dealt, penalty)
            for fold in range(dealt.max() + 1):
                out = dealt == fold
                oracle = SklearnRidge(alpha=penalty * unit, fit_intercept=False)
                oracle.fit(wide[~out], one_hot(codes[~out], 3))
                np.testing.assert_allclose(scores[out], oracle.predict(wide[out]), atol=1e-8)


def test_ridge_head_of_all_rows_equals_a_refit() -> None:
    rows, codes = blobs((9, 8), dim=10, apart=0.3)
    rows = rows.astype(np.float64)
    unit = (rows**2).sum() / 10
    wide = np.concatenate([rows, np.ones((17, 1))], axis=1)

    head = Ridge(rows, codes, 2, 10).head(1.0)

    oracle = SklearnRidge(alpha=unit, fit_intercept=False).fit(wide, one_hot(codes, 2))
    np.testing.assert_allclose(head(rows), oracle.predict(wide), atol=1e-8)


def test_a_logistic_head_without_a_start_value_equals_that_of_scikit_learn() -> None:
    rows, codes = blobs((50, 50, 50), dim=5, apart=0.2)
    rows = rows.astype(np.float64)
    size = np.sqrt((rows**2).mean())
    penalty = 0.3

    ours = fit_logistic(rows, codes, Linear(np.zeros((5, 3)), np.zeros(3)), penalty, steps=25)

    # scikit-learn does not penalise the intercept, so it is given as a column.
    wide = np.concatenate([rows / size, np.ones((150, 1))], axis=1)
    oracle = LogisticRegression(C=1 / (penalty * 150), tol=1e-8, fit_intercept=False)
    theirs = oracle.fit(wide, codes).predict_proba(wide)
    logits = ours(rows)
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(proba, theirs, atol=2e-3)


def test_the_span_of_the_samples_keeps_all_inner_products() -> None:
    rows, _ = blobs((5, 5), dim=90)
    extra = np.random.default_rng(0).standard_normal((2, 90)).astype(np.float32)

    space = span(rows, extra)
    z = space.project(rows)

    assert space.basis is not None
    centred = rows - rows.mean(axis=0)
    np.testing.assert_allclose(z @ z.T, centred @ centred.T, atol=1e-5)
    np.testing.assert_allclose(z @ (extra @ space.basis).T, centred @ extra.T, atol=1e-4)


def test_the_span_of_more_samples_than_dimensions_keeps_the_axes_of_largest_variance() -> None:
    random = np.random.default_rng(0)
    rows = (random.standard_normal((900, 20)) @ random.standard_normal((20, 1100))).astype("f")

    space = span(rows, np.zeros((0, 1100), np.float32))
    z = space.project(rows)

    assert space.basis is not None
    assert space.basis.shape == (1100, MOST)
    np.testing.assert_allclose(space.basis.T @ space.basis, np.eye(MOST), atol=1e-5)
    centred = rows - rows.mean(axis=0)
    lost = 1 - (z * z).sum() / (centred * centred).sum()
    assert abs(lost) < 1e-5
