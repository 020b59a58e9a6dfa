"""Quality metrics of a function, computed from held-out probabilities."""

from dataclasses import dataclass, replace

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
MORE_ERRORS = 1.0
"""Errors assumed in addition to those observed, so that the error rate holds for new samples."""


@dataclass(frozen=True)
class LabelMetrics:
    """Metrics of one label; None where no sample was graded."""

    label: str | int | float
    precision: Estimate | None
    recall: Estimate | None
    f1: float | None
    support: int
    """The number of samples of the label, graded or not."""


@dataclass(frozen=True)
class Threshold:
    """A least confidence, with the share of samples that reach it and their error rate."""

    confidence: float  # 0 to 1; above 1 when no sample may be answered
    coverage: float  # 0 to 1
    error_rate: Estimate


@dataclass(frozen=True)
class Metrics:
    """Metrics over graded held-out samples."""

    accuracy: Estimate
    balanced_accuracy: float | None
    macro_f1: float | None
    calibration_error: float | None
    folds: int | None
    labels: tuple[LabelMetrics, ...]
    confusion: Ints  # (k, k) counts, rows the true label, columns the answer
    confidences: Floats  # (m,) of graded samples
    right: Bools  # (m,)
    sizes: Ints  # (m,) size of the group of each sample

    def threshold(self, max_error_rate: float) -> Threshold:
        """Return the least confidence that keeps the error rate within ``max_error_rate``."""
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
    """Return the metrics of held-out probabilities.

    Args:
        y: ``(n,)`` labels, each one of ``classes``.
        proba: ``(n, k)`` held-out probabilities.
        classes: ``(k,)`` sorted, as an estimator's ``classes_``.
        groups: ``(n,)`` ids of near-duplicates, which together count for about one sample.
        graded: ``(n,)`` the rows that count, as an estimator's ``cv_measured_``. None: all.
        folds: The number of folds that ``proba`` came from, copied to the result.

    Raises:
        ValueError: A label is not one of ``classes``, or the shapes do not match.
    """
    y, classes = np.asarray(y), np.asarray(classes)
    found: Floats = np.asarray(proba)
    if found.shape != (len(y), len(classes)):
        raise ValueError(f"proba has shape {found.shape}; it must be {(len(y), len(classes))}.")
    codes = np.searchsorted(classes, y).clip(max=max(len(classes) - 1, 0))
    if len(y) and (classes[codes] != y).any():
        raise ValueError("y contains a label that is not in classes; list every label there.")
    kept = np.ones(len(y), dtype=bool) if graded is None else np.asarray(graded, dtype=bool)
    seen = np.bincount(codes, minlength=len(classes))
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
        _label(classes[c].item(), confusion, c, codes == c, answers == c, sizes, int(seen[c]))
        for c in range(k)
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
    label: str | int | float,
    confusion: Ints,
    c: int,
    mine: Bools,
    said: Bools,
    sizes: Ints,
    support: int,
) -> LabelMetrics:
    hits, graded, answers = int(confusion[c, c]), int(mine.sum()), int(said.sum())
    return LabelMetrics(
        label=label,
        precision=_share(hits, answers, sizes[said]),
        recall=_share(hits, graded, sizes[mine]),
        f1=2 * hits / (graded + answers) if graded else None,
        support=support,
    )


def _share(hits: int, samples: int, sizes: Ints) -> Estimate | None:
    if not samples:
        return None
    return replace(wilson(hits / samples, effective_count(sizes)), samples=samples)


def calibration_error(confidences: Floats, right: Bools) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy.

    It uses ten bins of equal width, weighted by the number of samples in each.

    Source: Guo et al., "On calibration of modern neural networks", ICML 2017, section 2.
    """
    if not len(confidences):
        return float("nan")
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=confidences - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidences))


def threshold(
    confidences: Floats,
    right: Bools,
    sizes: Ints,
    max_error_rate: float,
    weights: Floats | None = None,
) -> Threshold:
    """Return the least confidence that keeps the error rate within ``max_error_rate``.

    An answer is accepted if its confidence reaches the threshold. The result is the lowest
    threshold at which the error rate among accepted samples, with one more assumed error, is at
    most ``max_error_rate``. If there is none, the confidence is above 1 and the coverage 0.

    Args:
        confidences: ``(m,)`` of graded held-out samples.
        right: ``(m,)`` whether each answer was right.
        sizes: ``(m,)`` size of the group of near-duplicates of each sample.
        max_error_rate: The largest share of wrong answers among accepted ones, 0 to 1.
        weights: ``(m,)`` how many samples each sample counts for. None: one each.

    Source: Angelopoulos et al., "Conformal risk control", ICLR 2024, section 2 (one more error).

    Raises:
        ValueError: ``max_error_rate`` is not from 0 to 1.
    """
    if not 0 <= max_error_rate <= 1:
        raise ValueError(f"max_error_rate is {max_error_rate}; give a share from 0 to 1.")
    order = np.argsort(-confidences, kind="stable")
    sure = confidences[order]
    counted = np.ones(len(sure)) if weights is None else weights[order]
    errors = np.cumsum(counted * ~right[order])
    answered = np.cumsum(counted)
    last_of_ties = np.append(sure[1:] < sure[:-1], True)[: len(sure)]
    within = errors + MORE_ERRORS <= max_error_rate * (answered + MORE_ERRORS) + 1e-9
    kept = np.flatnonzero((within | (max_error_rate == 1)) & last_of_ties)
    if not len(kept):
        return Threshold(float(np.nextafter(1, 2)), 0.0, wilson(float("nan"), 0))
    at = int(kept[-1])
    count = effective_count(sizes[order][: at + 1])
    return Threshold(
        float(sure[at]),
        float(answered[at] / answered[-1]),
        replace(wilson(float(errors[at] / answered[at]), count), samples=at + 1),
    )


def set_threshold(
    true_confidences: Floats, sizes: Ints, coverage: float, weights: Floats | None = None
) -> float:
    """Return the least confidence of the labels in a set that contains the true one often enough.

    By the cross-conformal method: at least a share ``coverage`` of held-out predictions, counting
    one more assumed failure, gives the true label this confidence. 0 if there are too few samples.

    Args:
        true_confidences: ``(m,)`` of the true label of each graded held-out sample.
        sizes: ``(m,)`` size of the group of near-duplicates of each sample.
        coverage: Share of sets that contain the true label, above 0 and below 1.
        weights: ``(m,)`` how many samples each sample counts for. None: one each.

    Source: Vovk, "Cross-conformal predictors", Annals of Mathematics and Artificial Intelligence
    74, 2015, section 2; Sadinle, Lei and Wasserman, "Least ambiguous set-valued classifiers with
    bounded error levels", Journal of the American Statistical Association 114, 2019 (the score).
    """
    order = np.argsort(-true_confidences, kind="stable")
    counted = (np.ones(len(order)) if weights is None else weights) / np.maximum(sizes, 1)
    held = np.cumsum(counted[order])
    total = float(held[-1]) + 1 if len(held) else 1.0
    at = int(np.searchsorted(held, coverage * total - 1e-9))
    return float(true_confidences[order][at]) if at < len(held) else 0.0
