"""What a person should look at next: likely mistakes, and what teaches most."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from sklearn.cluster import KMeans

from pigeonhole.classifier.arrays import Bools, Floats, Ints, Labels
from pigeonhole.classifier.neighbours import groups_of, nearest

__all__ = [
    "Comparison",
    "compare",
    "groups_of",
    "informativeness",
    "mistake_scores",
    "near_duplicates",
    "nearest",
]

near_duplicates = groups_of


def mistake_scores(
    y: Labels, proba: Floats, classes: Labels, graded: Bools | None = None
) -> Floats:
    """Return how likely each label is to be wrong, 0 to 1: one minus its held-out probability.

    Args:
        y: ``(n,)`` labels.
        proba: ``(n, k)`` held-out.
        classes: ``(k,)`` sorted.
        graded: ``(n,)`` rows that can be judged, as ``cv_measured_``; others score 0.

    Source: Northcutt, Jiang and Chuang, "Confident learning: Estimating uncertainty in dataset
    labels", Journal of Artificial Intelligence Research 70, 2021 (self-confidence).
    """
    codes = np.searchsorted(np.asarray(classes), np.asarray(y))
    scores = 1 - np.asarray(proba)[np.arange(len(codes)), codes]
    return scores if graded is None else np.where(graded, scores, 0.0)


def informativeness(
    X_pool: Floats,  # noqa: N803
    proba_pool: Floats | None,
    X_labelled: Floats,  # noqa: N803
    *,
    count: int | None = None,
    seed: int = 0,
) -> Ints:
    """Return pool rows in the order in which annotating them teaches most."""
    n = len(X_pool)
    count = n if count is None else min(count, n)
    if not count:
        return np.zeros(0, dtype=np.int64)
    if proba_pool is None or len(X_labelled) < 20:
        chosen = _typical(X_pool, X_labelled, min(count, 20), seed)
    else:
        top = np.sort(proba_pool, axis=1)
        margin = top[:, -1] - (top[:, -2] if proba_pool.shape[1] > 1 else 0)
        chosen = np.argsort(margin, kind="stable")[:40]
    rest = np.setdiff1d(np.arange(n), chosen)
    if proba_pool is not None and proba_pool.shape[1] > 1:
        top = np.sort(proba_pool[rest], axis=1)
        rest = rest[np.argsort(top[:, -1] - top[:, -2], kind="stable")]
    return np.concatenate([chosen, rest])[:count]


def _typical(pool: Floats, labelled: Floats, count: int, seed: int) -> Ints:
    both = np.concatenate([labelled, pool])
    clusters = min(len(both), len(labelled) + count)
    fitted = KMeans(clusters, n_init=1, random_state=seed).fit(both)
    taken = set(fitted.labels_[: len(labelled)].tolist())
    mine = fitted.labels_[len(labelled) :]
    distance = ((pool - fitted.cluster_centers_[mine]) ** 2).sum(axis=1)
    sizes = np.bincount(mine, minlength=clusters)
    wanted = [c for c in np.argsort(-sizes, kind="stable") if sizes[c] and c not in taken]
    picks = [int(np.flatnonzero(mine == c)[distance[mine == c].argmin()]) for c in wanted[:count]]
    return np.asarray(picks, dtype=np.int64)


@dataclass(frozen=True)
class Comparison:
    """Two models on the same held-out samples."""

    gained: int
    lost: int
    p_value: float
    worse: bool


def compare(
    y: Labels, proba_old: Floats, proba_new: Floats, classes: Labels, level: float = 0.05
) -> Comparison:
    """Tell whether the new model is worse, by the exact one-sided McNemar test.

    Args:
        y: ``(n,)`` labels of samples held out from both.
        proba_old: ``(n, k)``.
        proba_new: ``(n, k)``.
        classes: ``(k,)`` sorted.
        level: Worse is what chance explains with at most this probability.

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
