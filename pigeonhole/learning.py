"""Learning: from vectors and annotations to a model's numbers; no database, no clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from pigeonhole.classifier import Estimate, FewShotClassifier
from pigeonhole.classifier.intervals import LEAST_COUNT
from pigeonhole.classifier.metrics import Metrics, metrics
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.classifier.review import Comparison, compare, mistake_scores
from pigeonhole.predictions import KEPT_RANKS, HeldOut, pack

LEAST_OF_LABEL = 5
"""Graded samples from which a label has figures of its own; their intervals are wide at first."""

Floats = NDArray[np.float32]
Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Example:
    """A sample as learning sees it; ``label`` is None when nobody has annotated it."""

    id: UUID
    sha256: str
    label: UUID | None


@dataclass(frozen=True)
class Learned:
    """A model, ready to be written."""

    head: bytes
    held_out: HeldOut
    metrics: dict[str, Any]  # JSON
    classifier: str
    seed: int
    answers: dict[UUID, tuple[UUID, float]]  # by sample: label and confidence


def learn(
    examples: Sequence[Example],
    vectors: Mapping[str, NDArray[np.float16]],
    prototypes: Mapping[UUID, Floats],
    near_duplicate: float,
    report: Report,
) -> Learned:
    """Fit, cross-validate, and predict every example that has a vector.

    Args:
        examples: Annotated and other samples of one function.
        vectors: By ``sha256``, ``(dim,)`` of unit length.
        prototypes: By label, ``(dim,)`` of unit length, from its name and description.
        near_duplicate: The cosine from which two samples are held out together.
        report: Called with a stage and the fraction done of the whole.
    """
    examples = [example for example in examples if example.sha256 in vectors]
    dim = len(next(iter(prototypes.values())))
    rows = np.array([vectors[example.sha256] for example in examples], np.float32).reshape(-1, dim)
    known = np.array([example.label is not None for example in examples], bool)
    y = np.array([str(example.label) for example in examples if example.label is not None], str)
    shas = [example.sha256 for example in examples if example.label is not None]
    groups = groups_of(rows[known], shas, near_duplicate)
    classifier = FewShotClassifier().fit(
        rows[known],
        y,
        groups=groups,
        prototypes={str(label): vector for label, vector in prototypes.items()},
        progress=report,
    )
    classes = classifier.classes_
    labels = tuple(UUID(label) for label in classes)
    proba = np.empty((len(rows), len(labels)), np.float32)
    proba[known] = classifier.cv_proba_
    if not known.all():
        proba[~known] = classifier.predict_proba(rows[~known])
    graded = metrics(
        y,
        proba[known],
        classes,
        groups,
        graded=classifier.cv_measured_,
        folds=classifier.cv_folds_,
    )
    return Learned(
        head=pack(classifier.to_arrays()),
        held_out=_held_out(examples, y, labels, classifier, groups),
        metrics=_to_json(graded),
        classifier=f"{classifier.head_.name}: {classifier.head_.why}",
        seed=classifier.random_state,
        answers={
            example.id: (labels[best], float(row[best]))
            for example, row, best in zip(examples, proba, proba.argmax(axis=1), strict=True)
        },
    )


def _held_out(
    examples: Sequence[Example],
    y: NDArray[np.str_],
    labels: tuple[UUID, ...],
    classifier: FewShotClassifier,
    groups: NDArray[np.integer[Any]],
) -> HeldOut:
    annotated = [example.id for example in examples if example.label is not None]
    proba, classes, graded = classifier.cv_proba_, classifier.classes_, classifier.cv_measured_
    top = np.argsort(-proba, axis=1, kind="stable")[:, :KEPT_RANKS]
    return HeldOut(
        samples={id: row for row, id in enumerate(annotated)},
        labels=labels,
        truth=np.searchsorted(classes, y).astype(np.int32),
        top=top.astype(np.int32),
        confidence=np.take_along_axis(proba, top, axis=1).astype(np.float32),
        graded=graded,
        sizes=np.bincount(groups, minlength=1)[groups].astype(np.int32),
        strangeness=classifier.cv_strangeness_.astype(np.float32),
        mistake=mistake_scores(y, proba, classes, graded).astype(np.float32),
    )


def taught(held_out: HeldOut) -> set[UUID]:
    """The labels that a model has seen samples of."""
    return {held_out.labels[index] for index in np.unique(held_out.truth)}


def is_worse(old: HeldOut, new: HeldOut) -> Comparison:
    """Whether a model does worse than another on the samples held out from both.

    Samples annotated otherwise since are left out. A model that learned more labels has a harder
    task on the same samples, so it is never worse than one that did not have to tell them apart.
    Source: see `compare`.
    """
    rows = (
        []
        if taught(new) - taught(old)
        else [
            (old.samples[id], row)
            for id, row in new.samples.items()
            if id in old.samples
            and old.labels[old.truth[old.samples[id]]] == new.labels[new.truth[row]]
            and old.graded[old.samples[id]]
            and new.graded[row]
        ]
    )
    before, after = np.array(rows, np.int64).reshape(-1, 2).T
    truth = np.ones(len(rows), np.int64)
    return compare(
        truth,
        np.eye(2)[old.right[before].astype(int)],
        np.eye(2)[new.right[after].astype(int)],
        np.arange(2),
    )


def _to_json(graded: Metrics) -> dict[str, Any]:
    return {
        "accuracy": _estimate(graded.accuracy),
        "balanced_accuracy": graded.balanced_accuracy,
        "macro_f1": graded.macro_f1,
        "calibration_error": graded.calibration_error,
        "folds": graded.folds,
        "classes": [str(label.label) for label in graded.labels],
        "labels": [
            {
                "precision": _estimate(label.precision, LEAST_OF_LABEL),
                "recall": _estimate(label.recall, LEAST_OF_LABEL),
                "f1": label.f1,
                "support": label.support,
            }
            for label in graded.labels
        ],
        "confusion": graded.confusion.tolist(),
    }


def _estimate(estimate: Estimate | None, least: float = LEAST_COUNT) -> dict[str, float] | None:
    """None where too few samples were held out for a figure that means anything."""
    return None if estimate is None or estimate.count < least else asdict(estimate)
