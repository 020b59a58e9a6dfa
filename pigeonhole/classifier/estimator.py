"""The classifier: selects a head on held-out samples, calibrates it and measures its accuracy."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from pigeonhole.classifier import novelty, text
from pigeonhole.classifier.arrays import Bools, Floats, Ints, Labels
from pigeonhole.classifier.calibration import doubt, doubted
from pigeonhole.classifier.evidence import Geometry
from pigeonhole.classifier.folds import measurable
from pigeonhole.classifier.intervals import (
    Estimate,
    effective_count,
    group_sizes,
    held_out_share,
)
from pigeonhole.classifier.pool import refine
from pigeonhole.classifier.race import Choice, Head, run_race
from pigeonhole.classifier.threads import one_thread
from pigeonhole.classifier.untaught import Gate, open_gate

Progress = Callable[[str, float], None]
_BLOCK = 4096


class FewShotClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn is untyped
    """Learns labels from few embedded samples and, before there are any, from the labels' names.

    The head with the least log loss on held-out samples is selected and calibrated on them.

    Args:
        random_state: Seed of the shuffle that assigns samples to folds.

    Attributes:
        classes_: ``(k,)`` sorted labels, those of ``y`` and of ``prototypes``.
        cv_proba_: ``(n, k)`` calibrated probabilities of each row by heads that did not see
            it or its group.
        cv_measured_: ``(n,)`` whether the row's label has a sample outside the row's fold;
            without one, its row of ``cv_proba_`` cannot be graded.
        cv_untaught_proba_: ``(n, k)`` like ``cv_proba_``, with each row's label treated as if it
            had no sample; None unless at least two labels have samples and others have none.
        pool_size_: The number of unlabelled rows that the classifier also learned from.
        taught_: ``(k,)`` whether each label has samples.
        cv_fold_: ``(n,)`` the fold of each row, from 0; each was predicted without its fold.
        cv_folds_: The number of folds.
        cv_accuracy_: Share of graded rows that ``cv_proba_`` gets right, with its interval.
        cv_strangeness_: ``(n,)`` like ``strangeness``, for the rows of ``fit``.
        head_: The head that was selected, and why.
        choice_: What a later fit to nearly the same samples may reuse; None without a sample.
    """

    classes_: Labels
    taught_: Bools
    cv_accuracy_: Estimate
    cv_untaught_proba_: Floats | None
    head_: Head
    choice_: Choice | None

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,  # noqa: N803 - scikit-learn's name
        y: ArrayLike,
        groups: Ints | None = None,
        prototypes: Mapping[Any, ArrayLike] | None = None,
        unlabelled: ArrayLike | None = None,
        progress: Progress | None = None,
        choice: Choice | None = None,
    ) -> Self:
        """Fit the classifier to samples and cross-validate it.

        Args:
            X: ``(n, dim)`` embeddings, preferably of length 1.
            y: ``(n,)`` labels, strings or whole numbers.
            groups: ``(n,)`` ids of groups of near-duplicates, which are held out together.
            prototypes: A vector ``(dim,)`` for each label, derived from its name; also for labels
                without a sample. With prototypes, ``X`` may be empty.
            unlabelled: ``(m, dim)`` embeddings without a label, from the same source as ``X``.
            progress: Called with a stage ("selecting", "cross_validating", "fitting") and the
                fraction of it that is done.
            choice: ``choice_`` of a classifier fitted to nearly the same samples. Its settings are
                taken over in place of a selection, which saves half of the time or more.

        Raises:
            ValueError: There is neither a sample nor a prototype, or the shapes do not match.
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
        named = _prototype_rows(prototypes, self.classes_, rows.shape[1])
        if groups is not None:
            groups = np.asarray(groups)
            if groups.shape != codes.shape:
                raise ValueError(f"groups has shape {groups.shape}; give one id per row of X.")
        pool = _pool_rows(unlabelled, rows.shape[1])
        present = np.bincount(codes, minlength=len(self.classes_)) > 0
        self.taught_ = present if present.any() else np.zeros_like(present)
        racing = present if present.any() else np.ones_like(present)
        among = (np.cumsum(racing) - 1)[codes]  # codes among the labels that race
        with one_thread:
            result = run_race(
                rows,
                among,
                int(racing.sum()),
                groups,
                named[racing],
                self.random_state,
                progress,
                choice,
            )
            linear, held, pooled = result.linear, result.held_out, None
            if racing.all() and len(pool) and len(rows):
                decides = measurable(among, result.dealt, len(racing))
                pooled = refine(
                    rows, among, result.dealt, decides, pool, linear, held, result.heads
                )
            if pooled is not None:
                linear, held = pooled.final, pooled.held
            opened = None
            if not racing.all():
                directions = text.directions(named)[0]
                middle = pool.mean(axis=0) if len(pool) else None
                opened = open_gate(rows, among, result.dealt, racing, directions, held, middle)
        self.head_, self.choice_ = result.head, result.choice
        self.pool_size_ = pooled.photos if pooled is not None else 0
        self._weights, self._bias = linear.weights, linear.bias
        self._shape = result.shape
        self.cv_fold_, self.cv_folds_ = result.dealt, len(np.unique(result.dealt))
        graded = self.cv_measured_ = measurable(among, result.dealt, int(racing.sum()))
        if self.taught_.sum() == 1:  # with one taught label there is nothing to tell apart
            graded = self.cv_measured_ = np.zeros_like(graded)
        sizes = group_sizes(groups, len(codes))
        self._doubt = doubt(effective_count(sizes[graded]))
        self._gate = None if opened is None else opened.gate
        self._novelty = novelty.Novelty.of(result.looks[graded])
        self.cv_strangeness_ = self._novelty.share(self._novelty.scores(result.looks))
        self.cv_proba_ = held if opened is None else opened.held_out
        for start in range(0, len(codes), _BLOCK):
            part = self.cv_proba_[start : start + _BLOCK]
            part[:] = doubted(softmax(part, axis=1), self._doubt)
        self.cv_untaught_proba_ = None
        if opened is not None and self.taught_.sum() > 1:
            self.cv_untaught_proba_ = doubted(np.exp(opened.as_untaught), self._doubt)
        if opened is not None:
            beyond = self.cv_proba_[:, ~self.taught_].sum(axis=1)
            self.cv_strangeness_ = np.maximum(self.cv_strangeness_, beyond)
        right = self.cv_proba_.argmax(axis=1) == codes
        self.cv_accuracy_ = held_out_share(right, sizes, graded)
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:  # noqa: N803 - scikit-learn's name
        """Return the probability ``(n, k)`` of each label in ``classes_``."""
        rows, logits = self._scored(X)
        return self._shares(rows, logits)

    def _scored(self, X: ArrayLike) -> tuple[Floats, Floats]:  # noqa: N803 - scikit-learn's name
        """Return the validated rows and the head's logits for the labels that it learned."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        with one_thread:
            return rows, np.asarray(rows @ self._weights + self._bias)

    def _shares(self, rows: Floats, logits: Floats) -> Floats:
        if self._gate is not None:
            with one_thread:
                logits = self._gate.logits(rows, logits)
        return doubted(softmax(logits.astype(np.float64), axis=1), self._doubt)

    def predict(self, X: ArrayLike) -> Labels:  # noqa: N803 - scikit-learn's name
        """Return the most probable label ``(n,)`` of each row."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def strangeness(self, X: ArrayLike) -> Floats:  # noqa: N803 - scikit-learn's name
        """Return the share ``(n,)`` of held-out samples that are at least as unusual as each row.

        A low share means an unusual row. The rule "at most 0.05 means none of these labels" flags
        at most 5 % of rows like the samples. Rows that probably show a label without samples get
        a high share.
        """
        rows, logits = self._scored(X)
        with one_thread:
            cosines = self._shape.cosines(rows)
        share = self._novelty.share(self._novelty.scores(novelty.looks_of(logits, cosines)))
        if self._gate is None:
            return share
        beyond = self._shares(rows, logits)[:, ~self.taught_].sum(axis=1)
        return np.asarray(np.maximum(share, beyond))

    def geometry(self) -> Geometry:
        """Return the space in which the head separates its labels and samples are compared."""
        check_is_fitted(self)
        return Geometry.of(self._weights, self._shape.origin)

    def to_arrays(self) -> dict[str, Labels]:
        """Return all that prediction needs as arrays, none of which has the object dtype."""
        check_is_fitted(self)
        labels = json.dumps(self.classes_.tolist()).encode()
        return (self._gate.to_arrays() if self._gate else {}) | {
            "labels": np.frombuffer(labels, dtype=np.uint8).copy(),
            "weights": self._weights,
            "bias": self._bias,
            "origin": self._shape.origin,
            "directions": self._shape.directions,
            "axes": self._shape.axes,
            "centres": self._novelty.centres,
            "spreads": self._novelty.spreads,
            "own": self._novelty.own,
            "taught": self.taught_,
            "doubt": np.asarray(self._doubt),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Labels]) -> Self:
        """Return a classifier that predicts like the one whose ``to_arrays`` gave ``arrays``."""
        self = cls()
        self.classes_ = np.asarray(json.loads(arrays["labels"].tobytes()))
        self._weights, self._bias = arrays["weights"], arrays["bias"]
        self._shape = novelty.Shape(arrays["origin"], arrays["directions"], arrays["axes"])
        self._novelty = novelty.Novelty(arrays["centres"], arrays["spreads"], arrays["own"])
        self.taught_ = arrays.get("taught", np.ones(len(self.classes_), dtype=bool))
        self._doubt = float(arrays.get("doubt", 0.0))
        self._gate = Gate.from_arrays(arrays) if "gate_weights" in arrays else None
        self.n_features_in_ = len(self._weights)
        return self


def _check_labels(labels: Labels) -> None:
    if labels.dtype.kind == "f" and (labels != np.floor(labels)).any():
        raise ValueError("Unknown label type: continuous. Give labels as strings or whole numbers.")


def _pool_rows(unlabelled: ArrayLike | None, dim: int) -> Floats:
    pool = np.asarray([] if unlabelled is None else unlabelled, dtype=np.float32)
    if not pool.size:
        return np.zeros((0, dim), np.float32)
    if pool.ndim != 2 or pool.shape[1] != dim:
        raise ValueError(f"unlabelled has shape {pool.shape}; give rows of {dim} numbers.")
    return pool


def _sorted_labels(labels: Labels, prototypes: Mapping[Any, ArrayLike]) -> Labels:
    if not prototypes:
        return np.unique(labels)
    return np.unique(np.concatenate([labels, np.asarray(list(prototypes))]))


def _prototype_rows(prototypes: Mapping[Any, ArrayLike], classes: Labels, dim: int) -> Floats:
    """Return the prototypes ``(k, dim)``, with NaN for a label without one."""
    text = np.full((len(classes), dim), np.nan, dtype=np.float32)
    for label, vector in prototypes.items():
        vector = np.asarray(vector, dtype=np.float32)
        if vector.shape != (dim,) or not np.isfinite(vector).all():
            raise ValueError(f"The prototype of {label!r} is not {dim} finite numbers.")
        text[np.searchsorted(classes, label)] = vector
    return text
