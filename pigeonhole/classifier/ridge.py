"""Ridge regression on one-hot labels, with its held-out scores in closed form."""

import numpy as np
from scipy.linalg import eigh, solve

from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.moments import Linear

PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Penalties to try, in units of the rows' total squared length per dimension."""
MOST_SAMPLES = 400
"""The most samples: with more, the n x n matrices cost more than the discriminants."""


def one_hot(codes: Ints, labels: int) -> Floats:
    """Return ``(n, labels)``, 1 at each row's label and 0 elsewhere."""
    return np.asarray(np.eye(labels)[codes])


class Ridge:
    """Ridge regression for any penalty, from one eigendecomposition of the n x n products.

    The intercept is a constant column that is penalised like the others, which keeps the formula
    for held-out scores exact.

    Source: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009,
    sections 3.4.1 (ridge) and 7.10.1 (leave-one-out of linear smoothers).
    """

    def __init__(self, rows: Floats, codes: Ints, labels: int, dim: int) -> None:
        self._rows = np.concatenate([rows, np.ones((len(rows), 1), rows.dtype)], axis=1)
        self._targets = one_hot(codes, labels)
        products = self._rows.astype(np.float64)
        values, self._vectors = eigh(products @ products.T, check_finite=False)
        self._values = np.maximum(values, 0)
        self._unit = max(float((rows.astype(np.float64) ** 2).sum()) / dim, 1e-12)
        self._rotated = self._vectors.T @ self._targets

    def held_out(self, dealt: Ints, penalty: float) -> Floats:
        """Return the scores ``(n, labels)`` of each row by the head fitted without its fold.

        With hat matrix H and a fold b, the held-out errors are ``(I - H_bb)^-1 (Y - HY)_b``;
        for folds of one row that is the leave-one-out formula ``(y - f) / (1 - h)``.
        """
        shrunk = self._values / (self._values + penalty * self._unit)
        fitted = self._vectors @ (shrunk[:, None] * self._rotated)
        errors = self._targets - fitted
        scores: Floats = np.empty_like(fitted)
        for fold in range(int(dealt.max()) + 1):
            out = np.flatnonzero(dealt == fold)
            part = self._vectors[out]
            gap = np.eye(len(out)) - (part * shrunk) @ part.T
            left = solve(gap, errors[out], assume_a="pos", check_finite=False)
            scores[out] = self._targets[out] - left
        return scores

    def head(self, penalty: float) -> Linear:
        """Return the head fitted to all rows."""
        dual = self._vectors @ (self._rotated / (self._values + penalty * self._unit)[:, None])
        full = np.asarray(self._rows.T @ dual, dtype=self._rows.dtype)
        return Linear(full[:-1], full[-1])
