"""Learning: from vectors and annotations to a model's numbers; no database, no clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from pigeonhole.classifier import Estimate, FewShotClassifier
from pigeonhole.classifier.metrics import Metrics, metrics
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.predictions import pack, pack_held_out

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
    held_out: bytes
    metrics: dict[str, Any]  # JSON
    classifier: str
    answers: dict[UUID, tuple[UUID, float]]  # sample -> label, confidence


def learn(
    examples: Sequence[Example],
    vectors: Mapping[str, NDArray[np.float16]],
    report: Report,
) -> Learned:
    """Fit, cross-validate, and predict every example that has a vector.

    Args:
        examples: Annotated and other samples of one function.
        vectors: By ``sha256``, ``(dim,)`` of unit length.
        report: Called with a stage and the fraction done of the whole.
    """
    examples = [example for example in examples if example.sha256 in vectors]
    rows = np.stack([vectors[example.sha256] for example in examples]).astype(np.float32)
    known = np.array([example.label is not None for example in examples])
    y = np.array([str(example.label) for example in examples if example.label is not None])
    groups = groups_of(rows[known])
    classifier = FewShotClassifier().fit(rows[known], y, groups=groups, progress=report)
    labels = tuple(UUID(label) for label in classifier.classes_)
    proba = np.empty((len(rows), len(labels)), np.float32)
    proba[known] = classifier.cv_proba_
    if not known.all():
        proba[~known] = classifier.predict_proba(rows[~known])
    graded = metrics(
        y, classifier.cv_proba_, classifier.classes_, groups, graded=classifier.cv_measured_
    )
    return Learned(
        head=pack(classifier.to_arrays()),
        held_out=pack_held_out(
            [example.id for example in examples if example.label is not None],
            labels,
            np.searchsorted(classifier.classes_, y),
            proba[known],
        ),
        metrics=_to_json(graded),
        classifier=f"{classifier.head_.name}: {classifier.head_.why}",
        answers={
            example.id: (labels[best], float(row[best]))
            for example, row, best in zip(examples, proba, proba.argmax(axis=1), strict=True)
        },
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
                "precision": _estimate(label.precision),
                "recall": _estimate(label.recall),
                "f1": label.f1,
                "support": label.support,
            }
            for label in graded.labels
        ],
        "confusion": graded.confusion.tolist(),
    }


def _estimate(estimate: Estimate | None) -> dict[str, float] | None:
    """None where too few samples were held out for a figure that means anything."""
    return None if estimate is None or estimate.too_early else asdict(estimate)
