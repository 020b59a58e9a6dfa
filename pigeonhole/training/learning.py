"""Learning: computes a model from vectors and annotations, without database or clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from pigeonhole.classifier import Estimate, FewShotClassifier
from pigeonhole.classifier.intervals import held_out_effect
from pigeonhole.classifier.metrics import Metrics, metrics
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.classifier.race import Choice
from pigeonhole.classifier.review import Comparison, compare, mistake_scores
from pigeonhole.services.held_out import KEPT_RANKS, HeldOut, pack

LEAST_HELD_OUT = 20 / held_out_effect(20)
"""Independent samples that accuracy is given from: those that 20 graded ones count for."""
LISTED = 50
"""Samples listed of those that two models answer differently."""
LEAST_CONFIDENCE = 1e-3
"""What counts in log loss for an answer that was held impossible."""
LEAST_OF_LABEL = 5
"""Fewest graded samples for figures of a label; their intervals are wide at first."""

Floats = NDArray[np.float32]
Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Example:
    """An annotated sample as learning sees it."""

    id: UUID
    sha256: str
    label: UUID
    group: UUID | None = None  # of near-duplicates; None if there is none or it is unknown


@dataclass(frozen=True)
class Learned:
    """A model, ready to be written."""

    head: bytes
    held_out: HeldOut
    metrics: dict[str, Any]  # JSON
    classifier: str
    seed: int
    choice: Choice | None
    """What its heads' race chose; None without a sample."""
    raced: bool
    """Whether that race was its own, over all examples."""


def learn(
    examples: Sequence[Example],
    vectors: Mapping[str, NDArray[np.float16]],
    prototypes: Mapping[UUID, Floats],
    near_duplicate: float,
    report: Report,
    unlabelled: Floats | None = None,
    *,
    grouped: bool = False,
    choice: Choice | None = None,
) -> Learned:
    """Fit and cross-validate on the examples that have a vector.

    Args:
        examples: Annotated samples of one function.
        vectors: By ``sha256``, ``(dim,)`` of unit length.
        prototypes: By label, ``(dim,)`` of unit length, from its name and description.
        near_duplicate: The cosine from which two samples are held out together.
        report: Called with a stage and the fraction done of the whole.
        unlabelled: ``(m, dim)`` vectors of samples that nobody has annotated, oldest first.
        grouped: Whether the examples' groups are known. To find them costs as much as the fit, and
            of 10,000 examples ten times as much.
        choice: What a race on nearly the same examples chose, in place of another race.
    """
    examples = [example for example in examples if example.sha256 in vectors]
    dim = len(next(iter(prototypes.values())))
    rows = np.array([vectors[example.sha256] for example in examples], np.float32).reshape(-1, dim)
    y = np.array([str(example.label) for example in examples], str)
    if grouped:
        groups = _groups(examples)
    else:
        groups = groups_of(rows, [example.sha256 for example in examples], near_duplicate)
    classifier = FewShotClassifier().fit(
        rows,
        y,
        groups=groups,
        prototypes={str(label): vector for label, vector in prototypes.items()},
        unlabelled=unlabelled,
        progress=report,
        choice=choice,
    )
    graded = metrics(
        y,
        classifier.cv_proba_,
        classifier.classes_,
        groups,
        graded=classifier.cv_measured_,
        folds=classifier.cv_folds_,
    )
    return Learned(
        head=pack(classifier.to_arrays()),
        held_out=_held_out(examples, y, classifier, groups),
        metrics=_to_json(graded) | {"unlabelled": classifier.pool_size_},
        classifier=f"{classifier.head_.name}: {classifier.head_.why}",
        seed=classifier.random_state,
        choice=classifier.choice_,
        raced=choice is None,
    )


def _groups(examples: Sequence[Example]) -> NDArray[np.integer[Any]]:
    """Return ids from 0 as `groups_of` numbers them, in the order of their first examples."""
    codes: dict[UUID, int] = {}
    return np.array(
        [codes.setdefault(example.group or example.id, len(codes)) for example in examples],
        np.int64,
    )


def _held_out(
    examples: Sequence[Example],
    y: NDArray[np.str_],
    classifier: FewShotClassifier,
    groups: NDArray[np.integer[Any]],
) -> HeldOut:
    proba, classes, graded = classifier.cv_proba_, classifier.classes_, classifier.cv_measured_
    untaught = classifier.cv_untaught_proba_
    top = np.argsort(-proba, axis=1, kind="stable")[:, :KEPT_RANKS]
    return HeldOut(
        samples={example.id: row for row, example in enumerate(examples)},
        labels=tuple(UUID(label) for label in classes),
        truth=np.searchsorted(classes, y).astype(np.int32),
        top=top.astype(np.int32),
        confidence=np.take_along_axis(proba, top, axis=1).astype(np.float32),
        graded=graded,
        sizes=np.bincount(groups, minlength=1)[groups].astype(np.int32),
        strangeness=classifier.cv_strangeness_.astype(np.float32),
        mistake=mistake_scores(y, proba, classes, graded).astype(np.float32),
        untaught_top=None if untaught is None else untaught.argmax(axis=1).astype(np.int32),
        untaught_confidence=None if untaught is None else untaught.max(axis=1).astype(np.float32),
        untaught_mistake=None
        if untaught is None
        else mistake_scores(y, untaught, classes).astype(np.float32),
        fold=classifier.cv_fold_.astype(np.int16),
    )


def taught(held_out: HeldOut) -> set[UUID]:
    """Return the labels that a model has seen samples of."""
    return {held_out.labels[index] for index in np.unique(held_out.truth)}


def is_worse(old: HeldOut, new: HeldOut) -> Comparison:
    """Return whether a model does worse than another on the samples held out from both.

    Samples annotated otherwise since are left out, and so are labels deleted since: of the old
    model, the most likely of the labels that are left counts. A model that learned more labels has
    a harder task on the same samples, so it is never worse than one that learned fewer.
    Source: see `compare`.
    """
    before, after = _common(old, new)
    truth = np.ones(len(before), np.int64)
    return compare(
        truth,
        np.eye(2)[old.right_among(frozenset(new.labels))[before].astype(int)],
        np.eye(2)[new.right[after].astype(int)],
        np.arange(2),
    )


def comparison(old: HeldOut, new: HeldOut) -> dict[str, Any]:
    """Return what two models say of the samples held out from both, as JSON; see `is_worse`."""
    before, after = _common(old, new)
    was_right = old.right_among(frozenset(new.labels))[before]
    is_right = new.right[after]
    ids = {row: str(id) for id, row in new.samples.items()}
    tested = is_worse(old, new)
    flips = {"gained": is_right & ~was_right, "lost": was_right & ~is_right}
    return {
        "count": len(before),
        "accuracy_before": float(was_right.mean()) if len(before) else None,
        "accuracy_after": float(is_right.mean()) if len(before) else None,
        "log_loss_before": _log_loss(old, before),
        "log_loss_after": _log_loss(new, after),
        **{name: int(rows.sum()) for name, rows in flips.items()},
        **{
            f"{name}_samples": [ids[row] for row in after[rows][:LISTED]]
            for name, rows in flips.items()
        },
        "p_value": tested.p_value,
        "worse": tested.worse,
    }


def _log_loss(held_out: HeldOut, rows: NDArray[np.int64]) -> float | None:
    if not len(rows):
        return None
    confidence = 1 - held_out.mistake[rows].astype(np.float64)  # of the annotated label
    return float(-np.log(np.clip(confidence, LEAST_CONFIDENCE, 1)).mean())


def _common(old: HeldOut, new: HeldOut) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of samples held out from both models, of the old and of the new one."""
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
    return before, after


def _to_json(graded: Metrics) -> dict[str, Any]:
    accuracy = _estimate(graded.accuracy)  # without an accuracy, the other metrics mean nothing
    return {
        "accuracy": accuracy,
        "balanced_accuracy": accuracy and graded.balanced_accuracy,
        "macro_f1": accuracy and graded.macro_f1,
        "calibration_error": accuracy and graded.calibration_error,
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


def _estimate(estimate: Estimate | None, least: float = LEAST_HELD_OUT) -> dict[str, float] | None:
    """None where too few samples were held out for a figure that means anything."""
    return None if estimate is None or estimate.count < least else asdict(estimate)
