"""Nearness of photos to the labels' means, of which those of few photos are less reliable."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from pigeonhole.classifier.arrays import Floats, Ints

MIDDLE = 0.21
"""The cosine to a label's true mean at which a photo shows the label or another one equally."""
SHARPNESS = 10.0
"""Sharpness of the soft maximum over cosines."""
LEAST_RELIABILITY = 0.05
"""The least reliability of a mean, even if chance explains all of its distance."""


@dataclass(frozen=True)
class Means:
    """The taught labels' means, as seen from the mean of photos in general.

    The mean of few photos is noisy, so cosines to it are smaller, and say less, than those to the
    true mean. The share ``r`` of its squared distance that chance does not explain is its
    reliability. An estimated cosine to the true mean is ``cosine / sqrt(r)``, and its log odds
    count ``r`` times: ``r * (cosine / sqrt(r) - MIDDLE)``.
    """

    origin: Floats  # (dim,) the mean of photos in general
    directions: Floats  # (dim, t) from the origin, times sqrt(r)
    offsets: Floats  # (t,) r * MIDDLE

    @classmethod
    def of(cls, means: Floats, counts: Floats, origin: Floats, noise: float) -> "Means":
        """Return the ``means`` (t, dim) of ``counts`` (t,) photos as seen from ``origin``.

        Args:
            means: ``(t, dim)``.
            counts: ``(t,)``.
            origin: ``(dim,)``.
            noise: Mean squared distance of a photo from its label's mean.
        """
        away = means - origin
        squared = np.maximum((away * away).sum(axis=1), 1e-9)
        reliable = np.clip(1 - noise / counts / squared, LEAST_RELIABILITY, 1)
        return cls(origin, (_directions(away) * np.sqrt(reliable)[:, None]).T, reliable * MIDDLE)

    def without(self, code: int) -> "Means":
        """Return the means of all other labels."""
        return Means(
            self.origin, np.delete(self.directions, code, axis=1), np.delete(self.offsets, code)
        )

    def nearness(self, rows: Floats) -> Floats:
        """Return ``(n,)``: each row's soft maximum of cosines less offsets."""
        cosines = _directions(rows - self.origin) @ self.directions - self.offsets
        return np.asarray(logsumexp(SHARPNESS * cosines.astype(np.float64), axis=1) / SHARPNESS)


def held_out_nearness(
    rows: Floats,
    codes: Ints,
    dealt: Ints,
    sums: Floats,
    counts: Floats,
    origin: Floats,
    noise: float,
) -> Floats:
    """Return each row's nearness ``(n,)`` to means of the samples outside its fold.

    It is corrected for the labels that have no such samples.

    Args:
        rows: ``(n, dim)``.
        codes: ``(n,)`` labels, 0 to t - 1.
        dealt: ``(n,)`` fold numbers.
        sums: ``(t, dim)`` of the rows of each label.
        counts: ``(t,)`` of the rows of each label.
        origin: ``(dim,)`` as in ``Means``.
        noise: As in ``Means.of``.
    """
    near = np.zeros(len(rows))
    for fold in range(int(dealt.max()) + 1):
        out = np.flatnonzero(dealt == fold)
        left, less = sums.copy(), counts.copy()
        np.subtract.at(left, codes[out], rows[out])
        np.subtract.at(less, codes[out], 1)
        there = less > 0
        if not there.any():
            there, left, less = counts > 0, sums, counts  # there is no other row to compare with
        seen = Means.of(left[there] / less[there, None], less[there], origin, noise)
        near[out] = seen.nearness(rows[out]) + np.log(len(counts) / there.sum()) / SHARPNESS
    return near


def _directions(away: Floats) -> Floats:
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6))
