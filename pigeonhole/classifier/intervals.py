"""Confidence intervals of observed shares."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from pigeonhole.classifier.arrays import Bools, Ints

LEAST_COUNT = 10
"""The fewest graded samples for which a figure is shown."""


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval, and the number of samples that it rests on."""

    value: float
    lower: float
    upper: float
    count: float
    """The effective number of independent samples, from which the interval is computed."""
    samples: int = 0
    """The number of samples that it was measured on."""

    @property
    def too_early(self) -> bool:
        """Whether it rests on so few samples that the number should not be shown."""
        return self.count < LEAST_COUNT


def wilson(value: float, count: float, level: float = 0.95) -> Estimate:
    """Return the Wilson score interval of a share ``value`` of ``count`` independent trials.

    Without a trial the interval is 0 to 1.

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


def difference(one: Estimate, other: Estimate) -> tuple[float, float, float]:
    """Return the difference of two independent shares, and the ends of its 95 % interval.

    Source: Newcombe, "Interval estimation for the difference between independent proportions:
    comparison of eleven methods", Statistics in Medicine 17, 1998, method 10.
    """
    value = one.value - other.value
    below = np.hypot(one.value - one.lower, other.upper - other.value)
    above = np.hypot(one.upper - one.value, other.value - other.lower)
    return value, float(value - below), float(value + above)


def effective_count(sizes: Ints) -> float:
    """Return the effective number of independent samples among grouped ones.

    It is Kish's formula for clusters whose members all agree: (sum of sizes)^2 / (sum of squares).

    Args:
        sizes: ``(n,)`` size of the group of each sample.

    Source: Kish, "Survey Sampling", 1965, section 8.2 (design effect of unequal clusters).
    """
    groups = 1 / np.maximum(sizes, 1)
    total = float(len(sizes))
    if not total:
        return 0.0
    squares = float((groups * sizes.astype(float) ** 2).sum())
    return total * total / squares


HELD_OUT_EFFECT = 2.0
"""The most held-out samples that count for one independent sample, when there are many.

The heads of different folds share samples and are selected together, so their errors are
correlated, and each head learned from fewer samples than the final one. Measured over repeated
draws (docs/adr/0005-classifier-heads.md), the effect is smaller for fewer samples.
"""
LEAST_EFFECT, EFFECT_SAMPLES = 1.25, 400.0
"""The effect for no sample, and the number of samples over which it grows by one."""


def held_out_effect(count: float) -> float:
    """Return how many held-out samples count for one independent sample, of ``count`` in all."""
    return min(HELD_OUT_EFFECT, LEAST_EFFECT + count / EFFECT_SAMPLES)


def group_sizes(groups: Ints | None, count: int) -> Ints:
    """Return the size of the group of each of ``count`` samples; None means no groups."""
    if groups is None:
        return np.ones(count, dtype=np.int64)
    _, inverse, tally = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(tally[inverse])


def held_out_share(right: Bools, sizes: Ints, graded: Bools) -> Estimate:
    """Return the cross-validated accuracy with an interval that holds for new samples.

    Samples that could not be graded may all be wrong or all be right; the interval covers both.

    Args:
        right: ``(n,)`` whether each held-out answer was right.
        sizes: ``(n,)`` size of the group of each sample.
        graded: ``(n,)`` whether each sample could be graded.
    """
    whole = effective_count(sizes[graded])
    count = whole / held_out_effect(whole)
    if not count:
        return wilson(float("nan"), 0)
    estimate = wilson(float(right[graded].mean()), count)
    known = float(graded.mean())
    return Estimate(
        estimate.value,
        estimate.lower * known,
        estimate.upper * known + 1 - known,
        estimate.count,
        int(graded.sum()),
    )
