"""What the labels' names say of where their samples lie."""

import numpy as np

from pigeonhole.classifier.arrays import Bools, Floats
from pigeonhole.classifier.gaussian import Prior

ALONE_SCALE = 15.0
"""Logits a unit of cosine while there is no sample."""
USUAL_REACH = 0.25
"""How far along its name's direction a label's mean lies, of unit vectors, before any sample."""
REACH_WEIGHT = 2.0
"""How many samples that guess counts for."""

LEAST_AGREEMENT = 1.5
"""Standard errors by which means must lie nearer to their own names than to others'."""
LEAST_LABELS = 4
"""With fewer labels that cannot be told."""
FEW = 3
"""Samples a label before which means gain from being pulled anywhere."""


def directions(text: Floats) -> tuple[Floats, Bools]:
    """Return the prototypes without what all share, zero where there is none, and where they are.

    Args:
        text: ``(labels, dim)``, NaN rows for labels without a prototype.
    """
    known: Bools = np.asarray(np.isfinite(text).all(axis=1))
    found = np.where(known[:, None], text, np.float32(0))
    if known.sum() > 1:
        found[known] -= found[known].mean(axis=0)
    return found, known


def prior_of(coordinates: Floats, known: Bools, counts: Floats, means: Floats) -> Prior:
    """Return the prior means: the names' directions, as far out as the samples say.

    The reach is the slope of the labels' means on their directions, by samples, with a weak
    pull to the usual one. Where names say nothing it is about zero, and so is their influence.

    Args:
        coordinates: ``(labels, r)`` directions in the span.
        known: ``(labels,)`` where there is one.
        counts: ``(labels,)`` samples.
        means: ``(labels, r)`` of samples, from their common mean.
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
    """Tell whether names say something of where samples lie, or too little is known to say no.

    If they say nothing, a label's mean is as near to the names of other labels as to its own.
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
