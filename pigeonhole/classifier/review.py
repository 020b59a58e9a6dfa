"""Samples for a person to review next: likely mistakes, and those worth annotating."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest
from sklearn.cluster import KMeans

from pigeonhole.classifier.arrays import Floats, Ints, Labels

FEW_LABELLED = 20
"""Below this many labelled samples, typical samples teach more than uncertain ones."""
UNSURE = 80
"""The number of most uncertain samples from which each batch is picked."""
BATCH = 5
"""The number of differing samples picked at a time."""
MOST_BATCHES = 40
"""The most batches; samples after them are ordered by margin alone."""


def mistake_scores(
    y: ArrayLike, proba: ArrayLike, classes: ArrayLike, graded: ArrayLike | None = None
) -> Floats:
    """Return how likely each label is to be wrong, 0 to 1: one minus its held-out probability.

    Args:
        y: ``(n,)`` labels.
        proba: ``(n, k)`` held-out probabilities.
        classes: ``(k,)`` sorted labels.
        graded: ``(n,)`` rows that can be graded, as ``cv_measured_``; the others score 0.

    Returns:
        ``(n,)``.

    Source: Northcutt, Jiang and Chuang, "Confident learning: Estimating uncertainty in dataset
    labels", Journal of Artificial Intelligence Research 70, 2021 (self-confidence).
    """
    codes = np.searchsorted(np.asarray(classes), np.asarray(y))
    scores = 1 - np.asarray(proba)[np.arange(len(codes)), codes]
    return scores if graded is None else np.where(np.asarray(graded), scores, 0.0)


def informativeness(
    X_pool: Floats,  # noqa: N803 - scikit-learn's name
    proba_pool: Floats | None,
    X_labelled: Floats,  # noqa: N803 - scikit-learn's name
    *,
    count: int | None = None,
    seed: int = 0,
) -> Ints:
    """Return the indices of pool rows, the most instructive to annotate first.

    While few samples are labelled, these are the centres of clusters without a labelled sample,
    largest cluster first. Then they are rows with the smallest margins, picked in small batches
    from the centres of clusters, so that rows annotated together differ.

    Args:
        X_pool: ``(n, dim)`` rows without a label.
        proba_pool: ``(n, k)`` the function's probabilities for them; None if it has no model.
        X_labelled: ``(m, dim)`` labelled rows.
        count: The most rows to return. None: all. The order does not depend on it.
        seed: Seed of the clustering.

    Source: Hacohen, Dekel and Weinshall, "Active learning on a budget: opposite strategies suit
    high and low budgets", ICML 2022 (typical ones first); Scheffer, Decomain and Wrobel, "Active
    hidden Markov models for information extraction", IDA 2001 (margins).
    """
    n = len(X_pool)
    wanted = n if count is None else min(count, n)
    if not wanted:
        return np.zeros(0, dtype=np.int64)
    picked: Ints = np.zeros(0, dtype=np.int64)
    if len(X_labelled) < FEW_LABELLED or proba_pool is None:
        picked = _typical(X_pool, X_labelled, seed)
    unsure: Ints = np.arange(n) if proba_pool is None else _by_margin(proba_pool)
    left = unsure[~np.isin(unsure, picked)]
    batches = [picked]
    for _ in range(MOST_BATCHES if proba_pool is not None else 0):
        if sum(map(len, batches)) >= wanted or len(left) <= BATCH:
            break
        near = left[:UNSURE]
        batch = near[_middles(X_pool[near], BATCH, seed)]
        batches.append(batch)
        left = left[~np.isin(left, batch)]
    return np.concatenate([*batches, left])[:wanted]


def _by_margin(proba: Floats) -> Ints:
    """Return the rows' indices, smallest gap between the two most probable labels first."""
    if proba.shape[1] < 2:
        return np.arange(len(proba))
    top = np.partition(proba, proba.shape[1] - 2, axis=1)[:, -2:]
    return np.argsort(top[:, 1] - top[:, 0], kind="stable")


def _clustered(rows: Floats, clusters: int, seed: int) -> KMeans:
    """Fit k-means clusters, at most as many as there are distinct rows."""
    different = len(np.unique(rows, axis=0))
    # OpenBLAS may set the flag although no value is invalid: numpy/numpy#24067.
    with np.errstate(invalid="ignore"):
        return KMeans(min(clusters, different), n_init=1, random_state=seed).fit(rows)


def _middles(rows: Floats, clusters: int, seed: int) -> Ints:
    """Return the row nearest to the centre of each cluster, larger clusters first."""
    fitted = _clustered(rows, clusters, seed)
    distances = fitted.transform(rows).min(axis=1)
    sizes = np.bincount(fitted.labels_)
    return np.array(
        [
            members[distances[members].argmin()]
            for members in (
                np.flatnonzero(fitted.labels_ == c) for c in np.argsort(-sizes, kind="stable")
            )
            if len(members)
        ],
        dtype=np.int64,
    )


def _typical(pool: Floats, labelled: Floats, seed: int) -> Ints:
    """Return the centres of the clusters that contain no labelled row, larger clusters first."""
    both = np.concatenate([labelled, pool])
    fitted = _clustered(both, len(labelled) + FEW_LABELLED, seed)
    mine = fitted.labels_[len(labelled) :]
    distances = fitted.transform(pool)[np.arange(len(pool)), mine]
    taken = set(fitted.labels_[: len(labelled)].tolist())
    order = np.argsort(-np.bincount(mine, minlength=fitted.n_clusters), kind="stable")
    found = [np.flatnonzero(mine == c) for c in order if c not in taken]
    return np.array([m[distances[m].argmin()] for m in found if len(m)], dtype=np.int64)


@dataclass(frozen=True)
class Comparison:
    """A comparison of two models on the same held-out samples."""

    gained: int  # samples that only the new model gets right
    lost: int  # samples that only the old model gets right
    p_value: float
    worse: bool  # whether the new model is significantly worse


def compare(
    y: Labels, proba_old: Floats, proba_new: Floats, classes: Labels, level: float = 0.05
) -> Comparison:
    """Compare two models by the exact one-sided McNemar test.

    Args:
        y: ``(n,)`` labels of samples held out from both models.
        proba_old: ``(n, k)`` probabilities of the old model.
        proba_new: ``(n, k)`` probabilities of the new model.
        classes: ``(k,)`` sorted labels.
        level: Significance level: the new model is worse if the p-value is at most this.

    Source: McNemar, "Note on the sampling error of the difference between correlated
    proportions or percentages", Psychometrika 12, 1947.
    """
    y, classes = np.asarray(y), np.asarray(classes)
    old = classes[np.asarray(proba_old).argmax(axis=1)] == y if len(y) else np.zeros(0, bool)
    new = classes[np.asarray(proba_new).argmax(axis=1)] == y if len(y) else np.zeros(0, bool)
    gained, lost = int((new & ~old).sum()), int((old & ~new).sum())
    p = (
        1.0
        if gained + lost == 0
        else float(binomtest(lost, gained + lost, alternative="greater").pvalue)
    )
    return Comparison(gained, lost, p, p <= level)
