"""How good a function is, from held-out probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pigeonhole.classifier.arrays import Bools, Floats, Ints
from pigeonhole.classifier.intervals import (
    Estimate,
    effective_count,
    group_sizes,
    held_out_share,
    wilson,
)

BINS = 10


@dataclass(frozen=True)
class LabelMetrics:
    """How well one label is told from the others; None where nothing was graded."""

    label: str | int | float
    precision: Estimate | None
    recall: Estimate | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class Threshold:
    """What asking for a confidence leaves: the share answered and the error among it."""

    confidence: float
    coverage: float
    error_rate: Estimate


@dataclass(frozen=True)
class Metrics:
    """Figures over graded held-out samples."""

    accuracy: Estimate
    balanced_accuracy: float | None
    macro_f1: float | None
    calibration_error: float | None
    folds: int | None
    labels: tuple[LabelMetrics, ...]
    confusion: Ints  # (k, k) counts, rows the true label, columns the answer
    confidences: Floats  # (m,) of graded samples
    right: Bools  # (m,)
    sizes: Ints  # (m,) how many samples stand in each one's group

    def threshold(self, max_error_rate: float) -> Threshold:
        """Return the least confidence to ask for so that errors stay within the promise."""
        return threshold(self.confidences, self.right, self.sizes, max_error_rate)


def metrics(
    y: ArrayLike,
    proba: ArrayLike,
    classes: ArrayLike,
    groups: Ints | None = None,
    *,
    graded: Bools | None = None,
    folds: int | None = None,
) -> Metrics:
    """Grade held-out probabilities.

    Args:
        y: ``(n,)`` labels, each one of ``classes``.
        proba: ``(n, k)`` held-out.
        classes: ``(k,)`` sorted, as an estimator's ``classes_``.
        groups: ``(n,)`` ids of near-duplicates, which together count for about one sample.
        graded: ``(n,)`` the rows that count, as an estimator's ``cv_measured_``. None: all.
        folds: How many folds ``proba`` came from, to pass on.

    Raises:
        ValueError: A label that is none of ``classes``, or shapes that don't match.
    """
    y, classes = np.asarray(y), np.asarray(classes)
    found: Floats = np.asarray(proba)
    if found.shape != (len(y), len(classes)):
        raise ValueError(f"proba has shape {found.shape}; it must be {(len(y), len(classes))}.")
    codes = np.searchsorted(classes, y).clip(max=max(len(classes) - 1, 0))
    if len(y) and (classes[codes] != y).any():
        raise ValueError("y holds a label that is none of classes; list every label there.")
    kept = np.ones(len(y), dtype=bool) if graded is None else np.asarray(graded, dtype=bool)
    codes, found = codes[kept], found[kept]
    all_sizes = group_sizes(None if groups is None else np.asarray(groups), len(y))
    sizes = all_sizes[kept]
    k, n = len(classes), len(codes)
    answers = found.argmax(axis=1) if n else np.zeros(0, np.int64)
    right = answers == codes
    everything = np.zeros(len(y), dtype=bool)
    everything[kept] = right
    confusion = np.bincount(codes * k + answers, minlength=k * k).reshape(k, k)
    labels = tuple(
        _label(classes[c].item(), confusion, c, codes == c, answers == c, sizes) for c in range(k)
    )
    recalls = [label.recall.value for label in labels if label.recall]
    f1s = [label.f1 for label in labels if label.f1 is not None]
    confidences = found.max(axis=1) if n else np.zeros(0)
    return Metrics(
        accuracy=held_out_share(everything, all_sizes, kept),
        balanced_accuracy=float(np.mean(recalls)) if recalls else None,
        macro_f1=float(np.mean(f1s)) if f1s else None,
        calibration_error=calibration_error(confidences, right) if n else None,
        folds=folds,
        labels=labels,
        confusion=confusion,
        confidences=confidences,
        right=right,
        sizes=sizes,
    )


def _label(
    label: str | int | float, confusion: Ints, c: int, mine: Bools, said: Bools, sizes: Ints
) -> LabelMetrics:
    hits, support, answers = int(confusion[c, c]), int(mine.sum()), int(said.sum())
    return LabelMetrics(
        label=label,
        precision=wilson(hits / answers, effective_count(sizes[said])) if answers else None,
        recall=wilson(hits / support, effective_count(sizes[mine])) if support else None,
        f1=2 * hits / (support + answers) if support else None,
        support=support,
    )


def calibration_error(confidences: Floats, right: Bools) -> float:
    """Return the expected calibration error: how far confidence is from being right, on average.

    Ten bins of equal width, weighted by how many samples each holds.

    Source: Guo et al., "On calibration of modern neural networks", ICML 2017, section 2.
    """
    if not len(confidences):
        return float("nan")
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=confidences - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidences))


def threshold(confidences: Floats, right: Bools, sizes: Ints, max_error_rate: float) -> Threshold:
    """Return the least confidence to ask for so that errors stay within the promise.

    Of the confidences at which the observed error rate among the samples answered is at most
    ``max_error_rate``, the one that answers most. When none does, nothing is answered: the
    confidence is above 1 and the coverage 0.

    Args:
        confidences: ``(m,)`` of graded held-out samples.
        right: ``(m,)`` whether each answer was right.
        sizes: ``(m,)`` how many samples stand in each one's group of near-duplicates.
        max_error_rate: The promise, 0 to 1.

    Raises:
        ValueError: ``max_error_rate`` is no share.
    """
    if not 0 <= max_error_rate <= 1:
        raise ValueError(f"max_error_rate is {max_error_rate}; give a share from 0 to 1.")
    order = np.argsort(-confidences, kind="stable")
    sure = confidences[order]
    errors = np.cumsum(~right[order])
    answered = np.arange(1, len(sure) + 1)
    last_of_ties = np.append(sure[1:] < sure[:-1], True)[: len(sure)]
    kept = np.flatnonzero((errors <= max_error_rate * answered) & last_of_ties)
    if not len(kept):
        return Threshold(float(np.nextafter(1, 2)), 0.0, wilson(float("nan"), 0))
    at = int(kept[-1])
    count = effective_count(sizes[order][: at + 1])
    return Threshold(
        float(sure[at]),
        float(answered[at] / len(sure)),
        wilson(float(errors[at] / answered[at]), count),
    )
