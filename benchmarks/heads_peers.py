"""scikit-learn's classifiers, configured as a specialist would, behind one interface."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
)
from sklearn.linear_model import (
    LogisticRegression,
    LogisticRegressionCV,
    RidgeClassifierCV,
)
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.svm import SVC

from pigeonhole.classifier.arrays import Floats, Ints

LEAST_PROBABILITY = 1e-6
"""Probabilities of peers are at least this; zeros of kNN would make its log loss infinite."""


@dataclass(frozen=True)
class Peer:
    """A classifier to compare with."""

    name: str
    make: Callable[[int, int], Any]  # (folds, samples) -> estimator
    least_samples: int  # per label


def _svm(folds: int, samples: int) -> Any:
    return CalibratedClassifierCV(SVC(C=10.0), cv=folds, ensemble=False)


PEERS = (
    Peer("LogisticRegression", lambda folds, samples: LogisticRegression(max_iter=1000), 1),
    Peer(
        "LogisticRegressionCV",
        lambda folds, samples: LogisticRegressionCV(
            Cs=10,
            cv=folds,
            scoring="neg_log_loss",
            max_iter=1000,
            l1_ratios=(0.0,),
            use_legacy_attributes=False,
        ),
        2,
    ),
    Peer(
        "RidgeClassifierCV",
        lambda folds, samples: RidgeClassifierCV(alphas=np.logspace(-3, 3, 13)),
        1,
    ),
    Peer(
        "LinearDiscriminantAnalysis",
        lambda folds, samples: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        2,
    ),
    Peer("SVM", _svm, 2),
    Peer(
        "kNN",
        lambda folds, samples: KNeighborsClassifier(min(5, samples), weights="distance"),
        1,
    ),
    Peer("nearest mean", lambda folds, samples: NearestCentroid(), 2),
)


def probabilities(fitted: Any, rows: Floats, labels: int) -> Floats:
    """Return ``(n, labels)`` probabilities: the softmax of the scores if there are none."""
    if hasattr(fitted, "predict_proba"):
        proba = fitted.predict_proba(rows)
    else:
        scores = fitted.decision_function(rows)
        proba = softmax(np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores, axis=1)
    known = np.zeros((len(rows), labels))
    known[:, np.asarray(fitted.classes_, dtype=int)] = proba
    clipped = np.clip(known, LEAST_PROBABILITY, None)
    return np.asarray(clipped / clipped.sum(axis=1, keepdims=True))


def draw(codes: Ints, samples: int, seed: int) -> tuple[Ints, Ints]:
    """Return rows for training, ``samples`` per label but at most half of them, and the rest."""
    rng = np.random.default_rng(seed)
    taken = []
    for label in np.unique(codes):
        rows = rng.permutation(np.flatnonzero(codes == label))
        taken.append(rows[: max(1, min(samples, len(rows) // 2))])
    train = np.sort(np.concatenate(taken))
    return train, np.setdiff1d(np.arange(len(codes)), train)
