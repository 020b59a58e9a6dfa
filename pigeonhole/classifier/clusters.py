"""Clusters of unlabelled rows that probably share a label, so that a person labels them at once.

Rows are separated by the label that the model predicts, and then clustered by what their images
show. So a cluster of rows that the model takes for the wrong label is mostly of one other label.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

from pigeonhole.classifier.arrays import Bools, Floats, Ints
from pigeonhole.classifier.evidence import Geometry
from pigeonhole.classifier.threads import one_thread

MOST = 40
"""The most rows of a cluster: as many photos as a person takes in at a glance."""
TARGET = 10
"""Mean rows of a cluster."""
REST = 0.5
"""Factor for directions in which the model's labels do not differ.

They tell apart what is labelled wrongly and what has no label yet.
"""
AXES = 128
"""Dimensions in which k-means compares rows."""
ITERATIONS = 20
"""The most iterations of k-means, which bound its time."""


@dataclass(frozen=True)
class Cluster:
    """Rows that are similar to each other.

    Attributes:
        rows: ``(n,)`` indices, those closest to the cluster's mean first.
        closeness: ``(n,)`` cosine of each row to the mean, -1 to 1, largest first.
        label: Code of the label that the model predicts for all of them; -1 if none is likely.
        purity: Mean confidence of these predictions, 0 to 1: the share of rows that is expected
            to have the label. None without a label.
    """

    rows: Ints
    closeness: Floats
    label: int
    purity: float | None

    @property
    def cohesion(self) -> float:
        """Mean cosine of the rows to the cluster's mean."""
        return float(self.closeness.mean())


def clusters(
    rows: Floats,
    guesses: Ints,
    confidences: Floats,
    strange: Bools,
    geometry: Geometry | None,
    *,
    seed: int = 0,
) -> list[Cluster]:
    """Return clusters of rows, the purest first, then those without a label, most similar first.

    Args:
        rows: ``(n, dim)`` of length 1.
        guesses: ``(n,)`` codes of the predicted labels, -1 for none.
        confidences: ``(n,)`` of the predictions, 0 to 1.
        strange: ``(n,)`` whether a row is unlike all that the model knows. A cluster has no label
            if most of its rows are; single ones are left where they are similar to others.
        geometry: The space in which the model separates its labels; None without a model.
        seed: Seed of the clustering.
    """
    if not len(rows):
        return []
    found = []
    with one_thread:
        points = _points(rows, geometry, seed)
        for guess in np.unique(guesses).tolist():
            members = np.flatnonzero(guesses == guess)
            for part in _split(points[members], seed):
                found.append(_cluster(rows, members[part], guess, confidences, strange))
    return sorted(found, key=lambda one: (one.purity is None, -(one.purity or one.cohesion)))


def _points(rows: Floats, geometry: Geometry | None, seed: int) -> Floats:
    """Return the rows in few dimensions; those in which the labels differ count most."""
    if geometry is None:
        return _projected(rows - rows.mean(axis=0), seed)
    away = rows - geometry.origin
    along = np.sqrt(1 - REST**2) * (away @ geometry.axes)
    points = np.concatenate([along, REST * _projected(away, seed)], axis=1)
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-6))


def _projected(rows: Floats, seed: int) -> Floats:
    """Return rows in ``AXES`` random directions, which keep distances nearly as they are.

    Source: Johnson and Lindenstrauss, "Extensions of Lipschitz mappings into a Hilbert space",
    Contemporary Mathematics 26, 1984.
    """
    directions = np.random.default_rng(seed).standard_normal((rows.shape[1], AXES), np.float32)
    return np.asarray(rows @ directions / np.sqrt(AXES), np.float64)


def _split(points: Floats, seed: int) -> list[Ints]:
    """Return the indices of each cluster's points."""
    different = len(np.unique(points.round(4), axis=0))  # equal rows differ by rounding
    wanted = min(different, max(1, round(len(points) / TARGET)))
    fitted = KMeans(wanted, n_init=1, max_iter=ITERATIONS, random_state=seed).fit(points)
    order = np.argsort(fitted.labels_, kind="stable")
    sizes = np.bincount(fitted.labels_, minlength=wanted)
    return [part for part in np.split(order, np.cumsum(sizes)[:-1]) if len(part)]


def _cluster(
    rows: Floats, members: Ints, guess: int, confidences: Floats, strange: Bools
) -> Cluster:
    """Return a cluster of rows, without those farthest from its mean if it has too many."""
    middle = rows[members].mean(axis=0)
    closeness = rows[members] @ (middle / max(float(np.linalg.norm(middle)), 1e-6))
    order = np.argsort(-closeness, kind="stable")[:MOST]
    kept = members[order]
    if guess < 0 or strange[kept].mean() > 0.5:
        return Cluster(kept, closeness[order], -1, None)
    return Cluster(kept, closeness[order], guess, float(confidences[kept].mean()))
