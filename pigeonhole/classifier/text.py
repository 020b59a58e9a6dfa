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
        np.asarray(max(reach, 0.0) * coordinates, dtype=means.dtype), known.astype(counts.dtype)
    )
