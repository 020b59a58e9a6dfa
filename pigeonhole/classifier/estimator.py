"""The classifier: heads raced on held-out samples, calibrated, with honest figures."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from pigeonhole.classifier import novelty
from pigeonhole.classifier.arrays import Floats, Ints, Labels
from pigeonhole.classifier.folds import measurable
from pigeonhole.classifier.intervals import Estimate, group_sizes, held_out_share
from pigeonhole.classifier.race import Head, run_race
from pigeonhole.classifier.threads import one_thread

Progress = Callable[[str, float], None]
_BLOCK = 4096


class FewShotClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Learns labels from few embedded samples, and from the labels' names before that.

    Heads race on the log loss of held-out samples; the winner is calibrated on them.

    Args:
        random_state: Shuffles samples into folds. Equal input gives equal output.

    Attributes:
        classes_: ``(k,)`` sorted labels, those of ``y`` and of ``prototypes``.
        cv_proba_: ``(n, k)`` calibrated probabilities of each row by heads that did not see
            it or its group.
        cv_measured_: ``(n,)`` whether the row's label had a sample besides those held out
            with it, without which its row of ``cv_proba_`` can't be graded.
        cv_folds_: How many parts of the samples were held out in turn.
        cv_accuracy_: Share of graded rows that ``cv_proba_`` gets right, with its interval.
        cv_strangeness_: ``(n,)`` like ``strangeness``, for the rows of ``fit``.
        head_: The candidate that won, and why.
    """

    classes_: Labels
    cv_accuracy_: Estimate
    head_: Head

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,  # noqa: N803 - scikit-learn's name
        y: ArrayLike,
        groups: Ints | None = None,
        prototypes: Mapping[Any, ArrayLike] | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Learn from ``X`` (n, dim), one label each in ``y``, and cross-validate.

        Args:
            X: Embeddings, best of length 1.
            y: Labels, strings or numbers.
            groups: ``(n,)`` ids of near-duplicates: equal ones are held out together.
            prototypes: A vector (dim,) for a label, from its name; also for labels that no
                sample has. With these, ``X`` may be empty.
            progress: Called with a stage ("selecting", "cross_validating", "fitting") and the
                fraction done of it.

        Raises:
            ValueError: No sample and no prototype, or shapes that don't match.
        """
        prototypes = dict(prototypes or {})
        if prototypes and not np.shape(X)[0]:
            dim = len(next(iter(prototypes.values())))
            rows = np.zeros((0, dim), np.float32)
            labels: Labels = np.zeros(0, dtype=np.asarray(list(prototypes)).dtype)
            self.n_features_in_ = dim
        else:
            rows, labels = validate_data(self, X, y, dtype=np.float32)
        _check_labels(labels)
        self.classes_ = _sorted_labels(labels, prototypes)
        codes = np.searchsorted(self.classes_, labels)
        text = _prototype_rows(prototypes, self.classes_, rows.shape[1])
        if groups is not None:
            groups = np.asarray(groups)
            if groups.shape != codes.shape:
                raise ValueError(f"groups has shape {groups.shape}; give one id a row of X.")
        with one_thread():
            result = run_race(
                rows, codes, len(self.classes_), groups, text, self.random_state, progress
            )
        self.head_ = result.head
        self._weights, self._bias = result.linear.weights, result.linear.bias
        self._shape = result.shape
        self.cv_folds_ = len(np.unique(result.dealt))
        graded = self.cv_measured_ = measurable(codes, result.dealt, len(self.classes_))
        self._novelty = novelty.Novelty.of(result.looks[graded])
        self.cv_strangeness_ = self._novelty.share(self._novelty.scores(result.looks))
        self.cv_proba_ = result.held_out
        for start in range(0, len(codes), _BLOCK):
            part = self.cv_proba_[start : start + _BLOCK]
            part[:] = softmax(part, axis=1)
        right = self.cv_proba_.argmax(axis=1) == codes
        self.cv_accuracy_ = held_out_share(right, group_sizes(groups, len(codes)), graded)
        return self

    def predict_logits(self, X: ArrayLike) -> Floats:  # noqa: N803
        """Return calibrated logits ``(n, k)``: ``predict_proba`` is their softmax."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        with one_thread():
            return np.asarray(rows @ self._weights + self._bias)

    def predict_proba(self, X: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability ``(n, k)`` of each label in ``classes_``."""
        return np.asarray(softmax(self.predict_logits(X).astype(np.float64), axis=1))

    def predict(self, X: ArrayLike) -> Labels:  # noqa: N803
        """Return the likeliest label of each row."""
        logits = self.predict_logits(X)
        return np.asarray(self.classes_[logits.argmax(axis=1)])

    def strangeness(self, X: ArrayLike) -> Floats:  # noqa: N803
        """Return the share of own held-out samples that look at least as strange as each row.

        Low is strange: at most 0.05 says "none of these", and does so for at most 5 % of the
        samples like those learnt from.
        """
        logits = self.predict_logits(X)
        with one_thread():
            cosines = self._shape.cosines(np.asarray(X, dtype=np.float32))
        return self._novelty.share(self._novelty.scores(novelty.looks_of(logits, cosines)))

    def to_arrays(self) -> dict[str, Labels]:
        """Return all that predicting needs as plain arrays, none of them of objects."""
        check_is_fitted(self)
        labels = json.dumps(self.classes_.tolist()).encode()
        return {
            "labels": np.frombuffer(labels, dtype=np.uint8).copy(),
            "weights": self._weights,
            "bias": self._bias,
            "origin": self._shape.origin,
            "directions": self._shape.directions,
            "axes": self._shape.axes,
            "centres": self._novelty.centres,
            "spreads": self._novelty.spreads,
            "own": self._novelty.own,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Labels]) -> Self:
        """Return a classifier that predicts as the one that gave ``arrays`` did."""
        self = cls()
        self.classes_ = np.asarray(json.loads(arrays["labels"].tobytes()))
        self._weights, self._bias = arrays["weights"], arrays["bias"]
        self._shape = novelty.Shape(arrays["origin"], arrays["directions"], arrays["axes"])
        self._novelty = novelty.Novelty(arrays["centres"], arrays["spreads"], arrays["own"])
        self.n_features_in_ = len(self._weights)
        return self


def _check_labels(labels: Labels) -> None:
    if labels.dtype.kind == "f" and (labels != np.floor(labels)).any():
        raise ValueError("Unknown label type: continuous. Give labels as strings or whole numbers.")


def _sorted_labels(labels: Labels, prototypes: Mapping[Any, ArrayLike]) -> Labels:
    if not prototypes:
        return np.unique(labels)
    return np.unique(np.concatenate([labels, np.asarray(list(prototypes))]))


def _prototype_rows(prototypes: Mapping[Any, ArrayLike], classes: Labels, dim: int) -> Floats:
    """Return ``(k, dim)`` prototypes; a label without one has NaN."""
    text = np.full((len(classes), dim), np.nan, dtype=np.float32)
    for label, vector in prototypes.items():
        vector = np.asarray(vector, dtype=np.float32)
        if vector.shape != (dim,) or not np.isfinite(vector).all():
            raise ValueError(f"The prototype of {label!r} is not {dim} finite numbers.")
        text[np.searchsorted(classes, label)] = vector
    return text
