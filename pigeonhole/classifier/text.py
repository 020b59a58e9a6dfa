"""Expected means of the labels, derived from prototypes of their names."""

import numpy as np

from pigeonhole.classifier.arrays import Bools, Floats
from pigeonhole.classifier.gaussian import Prior

ALONE_SCALE = 15.0
"""Logits per unit of cosine while there is no sample."""
USUAL_REACH = 0.25
"""Expected length of a label's mean along its name's direction, for embeddings of length 1."""
REACH_WEIGHT = 2.0
"""How many samples the expected length counts for."""

LEAST_AGREEMENT = 1.5
"""Standard errors by which means must be nearer to their own names than to others'."""
LEAST_LABELS = 4
"""The fewest labels for which that can be tested."""
FEW = 3
"""Samples per label below which shrinking means helps, whatever the names say."""


def directions(text: Floats) -> tuple[Floats, Bools]:
    """Return the prototypes without their common mean, and which labels have one.

    Args:
        text: ``(labels, dim)`` prototypes, with NaN rows for labels without one.

    Returns:
        ``(labels, dim)``, zero for labels without a prototype, and ``(labels,)``.
    """
    known: Bools = np.asarray(np.isfinite(text).all(axis=1))
    found = np.where(known[:, None], text, np.float32(0))
    if known.sum() > 1:
        found[known] -= found[known].mean(axis=0)
    return found, known


def prior_of(coordinates: Floats, known: Bools, counts: Floats, means: Floats) -> Prior:
    """Return the prior means: the names' directions, scaled by a length fitted to the samples.

    That length, the reach, is the slope of the labels' means on their directions, weighted by
    samples, with a weak pull towards ``USUAL_REACH``. If the names are uninformative, the reach and
    so their influence is about zero.

    Args:
        coordinates: ``(labels, r)`` the names' directions in the span.
        known: ``(labels,)`` whether each label has a direction.
        counts: ``(labels,)`` numbers of samples.
        means: ``(labels, r)`` means of the samples, relative to their common mean.
    """
    if not known.any():
        return Prior(np.zeros_like(means), np.zeros_like(counts))
    weights = counts * known
    along = float(weights @ np.einsum("ij,ij->i", coordinates, means))
    length = float((coordinates[known] ** 2).sum() / known.sum())
    pull = REACH_WEIGHT * length
    reach = (along + pull * USUAL_REACH) / (
        float(weights @ (coordinates**2).sum(axis=1)) + pull + 1e-12
    )
    return Prior(
        np.asarray(max(reach, 0.0) * coordinates, dtype=means.dtype),
        known.astype(counts.dtype),
        heard=_agree(coordinates, known & (counts > 0), counts, means),
    )


def _agree(coordinates: Floats, both: Bools, counts: Floats, means: Floats) -> bool:
    """Return whether names are informative about means, or there are too few samples to test it.

    If they are uninformative, a label's mean is as near to the names of other labels as to its own.
    """
    labels = int(both.sum())
    if labels < LEAST_LABELS or counts[both].mean() < FEW:
        return True
    names, found = coordinates[both], means[both] - means[both].mean(axis=0)
    names = names / np.maximum(np.linalg.norm(names, axis=1, keepdims=True), 1e-12)
    found = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
    cosines = names @ found.T
    others = cosines[~np.eye(labels, dtype=bool)]
    error = max(float(others.std()), 1e-12) / np.sqrt(labels)
    return bool(np.diag(cosines).mean() - others.mean() >= LEAST_AGREEMENT * error)
