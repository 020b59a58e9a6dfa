"""A logistic head that starts from the discriminants' head and is regularised towards it."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.moments import Linear

MOST_WORK = 4e9
"""The most multiplications for all folds and penalties together: some tenths of a second."""


@dataclass(frozen=True)
class Plan:
    """The penalties to try, each starting from the head of the one before it."""

    penalties: tuple[float, ...]
    steps: int
    """The most steps of the minimiser for each penalty."""
    least: int
    """The fewest samples for which the plan improves the head."""
    least_a_dimension: float = 0.0
    """The fewest samples per dimension for which the plan improves the head."""


PLANS = (
    # With many samples per dimension, the head may move far from the discriminants'.
    Plan((0.3, 0.03, 0.003), 25, 0, least_a_dimension=2.0),
    # With fewer samples, a few steps refine it.
    Plan((0.03,), 5, 100),
)


def plan(samples: int, dim: int, labels: int, folds: int) -> Plan | None:
    """Return the first plan for which there are enough samples and whose work is affordable.

    The work is counted in multiplications, so that every machine selects the same plan.
    """
    for each in PLANS:
        work = 4.0 * samples * dim * labels * each.steps * (folds * len(each.penalties) + 1)
        enough = samples >= max(each.least, each.least_a_dimension * dim)
        if dim and enough and work <= MOST_WORK:
            return each
    return None


def fit_logistic(rows: Floats, codes: Ints, start: Linear, penalty: float, steps: int) -> Linear:
    """Return a multinomial logistic head fitted to ``rows`` and regularised towards ``start``.

    It minimises the mean log loss plus ``penalty / 2`` times the squared distance of the weights
    from those of ``start``, both for rows scaled to a root mean square of 1.

    Args:
        rows: ``(n, dim)``.
        codes: ``(n,)`` each row's label, from 0.
        start: The head to start from and to stay near.
        penalty: Weight of the distance from ``start``.
        steps: The most steps of the minimiser.

    Source: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009,
    section 4.4 (the model); Byrd et al., "A limited memory algorithm for bound constrained
    optimization", SIAM Journal on Scientific Computing 16, 1995 (the minimiser).
    """
    n, dim = rows.shape
    labels = len(start.bias)
    size = float(np.sqrt((rows.astype(np.float64) ** 2).mean())) or 1.0
    scaled = rows / size
    weights = start.weights * size
    first = np.concatenate([weights, start.bias[None, :]]).astype(np.float64).ravel()
    row_numbers = np.arange(n)

    def loss(flat: Floats) -> tuple[float, Floats]:
        head = flat.reshape(dim + 1, labels)
        logits = scaled @ head[:-1].astype(scaled.dtype) + head[-1].astype(scaled.dtype)
        logits -= logits.max(axis=1, keepdims=True)
        true = logits[row_numbers, codes].sum(dtype=np.float64)
        np.exp(logits, out=logits)
        total = logits.sum(axis=1, keepdims=True)
        value = float(np.log(total).sum(dtype=np.float64) - true) / n
        logits /= total
        logits[row_numbers, codes] -= 1
        away = flat - first
        slope = np.concatenate([scaled.T @ logits, logits.sum(axis=0, keepdims=True)])
        gradient = slope.astype(np.float64).ravel() / n + penalty * away
        return value + 0.5 * penalty * float(away @ away), gradient

    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": steps})
    head = found.x.reshape(dim + 1, labels).astype(rows.dtype)
    return Linear(head[:-1] / size, head[-1])
