"""How far an observed share may be trusted."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri  # type: ignore[import-untyped]

from pigeonhole.classifier.arrays import Ints

LEAST_COUNT = 10
"""Fewer graded samples than this say nothing worth a number."""


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval, and the number of samples that it rests on."""

    value: float
    lower: float
    upper: float
    count: float

    @property
    def too_early(self) -> bool:
        """Whether it rests on so few samples that the number should not be shown."""
        return self.count < LEAST_COUNT


def wilson(value: float, count: float, level: float = 0.95) -> Estimate:
    """Return the score interval of a share ``value`` of ``count`` independent trials.

    Without a trial nothing is known: 0 to 1.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927.
    """
    if count <= 0:
        return Estimate(float("nan"), 0.0, 1.0, 0.0)
    z = float(ndtri(0.5 + level / 2))
    centre = (value + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(value * (1 - value) / count + (z / (2 * count)) ** 2)
    lower = 0.0 if value == 0 else max(0.0, centre - half)
    upper = 1.0 if value == 1 else min(1.0, centre + half)
    return Estimate(float(value), float(lower), float(upper), float(count))


def effective_count(sizes: Ints) -> float:
    """Return for how many independent samples ``n`` count that stand in groups of ``sizes``.

    Kish's formula for clusters whose members all agree: (sum of sizes)^2 / (sum of squares).

    Source: Kish, "Survey Sampling", 1965, section 8.2 (design effect of unequal clusters).
    """
    groups = 1 / np.maximum(sizes, 1)
    total = float(len(sizes))
    if not total:
        return 0.0
    squares = float((groups * sizes.astype(float) ** 2).sum())
    return total * total / squares
