"""What models say: of new pictures, and of samples that were held out of their training."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.metrics import Threshold, threshold
from pigeonhole.encoding import Recent
from pigeonhole.errors import ConflictError, NotTrainedError
from pigeonhole.models import Decision, Function, Label, Model, ModelArrays

Floats = NDArray[np.float32]

KEPT_RANKS = 10
"""Labels kept of a held-out prediction."""
ARRAYS = ("truth", "top", "confidence", "graded", "sizes", "strangeness", "mistake")
"""The arrays of held-out predictions, in the order of `HeldOut`."""
STRANGE = 0.05
"""At most this share of the function's own pictures look as strange: likely none of its labels."""


@dataclass(frozen=True)
class Prediction:
    """An answer of a model: labels and calibrated confidences (0 to 1), most likely first."""

    model: Model
    ranking: tuple[tuple[UUID, float], ...]
    decision: Decision
    vector: Floats | None = None  # (dim,) of the picture, where it is at hand

    @property
    def label_id(self) -> UUID:
        """The most likely label."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """How sure the model is of the most likely label."""
        return self.ranking[0][1]


@dataclass(frozen=True)
class HeldOut:
    """Predictions of samples that were held out, the ``k`` most likely labels of each."""

    samples: Mapping[UUID, int]  # to the row below
    labels: tuple[UUID, ...]
    truth: NDArray[np.int32]  # (n,) index into labels
    top: NDArray[np.int32]  # (n, k) index into labels, most likely first
    confidence: NDArray[np.float32]  # (n, k)
    graded: NDArray[np.bool_]  # (n,) whether its label had samples besides those held out with it
    sizes: NDArray[np.int32]  # (n,) of its group of near-duplicates
    strangeness: NDArray[np.float32]  # (n,) 0 to 1, low is strange
    mistake: NDArray[np.float32]  # (n,) 0 to 1, how likely the annotation is one
    _thresholds: Recent[float, Threshold] = field(
        default_factory=lambda: Recent(8), init=False, compare=False
    )

    def mistake_score(self, sample: UUID) -> float | None:
        """How likely a sample's annotation is a mistake; None where it cannot be told."""
        row = self.samples.get(sample)
        return None if row is None or not self.graded[row] else float(self.mistake[row])

    @property
    def right(self) -> NDArray[np.bool_]:
        """``(n,)`` whether the most likely label is the annotated one."""
        return np.asarray(self.top[:, 0] == self.truth)

    def threshold(self, max_error_rate: float) -> Threshold:
        """The confidence to ask for so that errors stay within a promised rate.

        Found once for each rate asked lately: every held-out prediction asks for it.
        """
        found = self._thresholds.recall(max_error_rate)
        if found is None:
            graded = self.graded
            found = threshold(
                self.confidence[graded, 0], self.right[graded], self.sizes[graded], max_error_rate
            )
            self._thresholds.keep(max_error_rate, found)
        return found


@dataclass(frozen=True)
class Predictor:
    """A model in memory."""

    model: Model
    labels: tuple[UUID, ...]
    classifier: FewShotClassifier
    held_out: HeldOut

    def predict(
        self, vectors: Floats, *, existing: frozenset[UUID], max_error_rate: float
    ) -> list[Prediction]:
        """What the model says of new pictures, by their vectors ``(n, dim)``.

        Labels deleted since the training are left out; the confidences of the others add up to 1.

        Raises:
            NotTrainedError: Fewer than two of the model's labels are left.
        """
        kept = [index for index, label in enumerate(self.labels) if label in existing]
        if len(kept) < 2:
            raise NotTrainedError(
                "The labels of the trained model were deleted; annotate samples to train anew."
            )
        proba = self.classifier.predict_proba(vectors)[:, kept]
        proba /= proba.sum(axis=1, keepdims=True)
        order = np.argsort(-proba, axis=1, kind="stable")
        strange = self.classifier.strangeness(vectors)
        least = self.held_out.threshold(max_error_rate).confidence
        return [
            Prediction(
                self.model,
                tuple((self.labels[kept[i]], float(row[i])) for i in ranks),
                decide(float(row[ranks[0]]), float(strangeness), least),
                vector,
            )
            for row, ranks, strangeness, vector in zip(proba, order, strange, vectors, strict=True)
        ]

    def held_out_prediction(
        self, sample: UUID, *, existing: frozenset[UUID], max_error_rate: float
    ) -> Prediction | None:
        """What the model said of a sample of its own training when that was held out.

        None for other samples, and when the labels that it thought of were deleted.
        """
        row = self.held_out.samples.get(sample)
        if row is None:
            return None
        ranking = [
            (self.held_out.labels[label], float(share))
            for label, share in zip(
                self.held_out.top[row], self.held_out.confidence[row], strict=True
            )
            if self.held_out.labels[label] in existing
        ]
        if not ranking:
            return None
        least = self.held_out.threshold(max_error_rate).confidence
        strangeness = float(self.held_out.strangeness[row])
        return Prediction(self.model, tuple(ranking), decide(ranking[0][1], strangeness, least))


def decide(confidence: float, strangeness: float, least: float) -> Decision:
    """What to do with an answer, by how sure it is and how strange its picture looks."""
    if strangeness <= STRANGE:
        return Decision.NONE_OF_THESE
    return Decision.ACCEPT if confidence >= least else Decision.REVIEW


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as an npz file, which holds numbers only and runs nothing when it is read."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """Arrays from an npz file."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return dict(archive)


def pack_held_out(held_out: HeldOut) -> bytes:
    """Held-out predictions as an npz file."""
    return pack(
        {
            "samples": _to_array(list(held_out.samples)),
            "labels": _to_array(held_out.labels),
            **{name: getattr(held_out, name) for name in ARRAYS},
        }
    )


def unpack_held_out(data: bytes) -> HeldOut:
    """Held-out predictions from an npz file."""
    arrays = unpack(data)
    return HeldOut(
        {id: row for row, id in enumerate(_to_ids(arrays["samples"]))},
        _to_ids(arrays["labels"]),
        *(arrays[name] for name in ARRAYS),
    )


def _to_array(ids: Sequence[UUID]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(id.bytes for id in ids), np.uint8).reshape(-1, 16)


def _to_ids(array: NDArray[np.uint8]) -> tuple[UUID, ...]:
    return tuple(UUID(bytes=row.tobytes()) for row in array)


def _build(model: Model, arrays: ModelArrays) -> Predictor:
    classifier = FewShotClassifier.from_arrays(unpack(arrays.head))
    labels = tuple(UUID(label) for label in classifier.classes_)
    return Predictor(model, labels, classifier, unpack_held_out(arrays.held_out))


def too_old(model: Model) -> ConflictError:
    """What is told of a version whose numbers are kept no longer."""
    return ConflictError(
        f"Version {model.version} is too old to answer again: only its figures are kept."
    )


@dataclass
class Predictors:
    """Models used lately; a model never changes, so none is ever stale."""

    _recent: Recent[UUID, Predictor] = field(default_factory=lambda: Recent(64))

    async def get(self, model_id: UUID) -> Predictor:
        """A model, read at its first use.

        Raises:
            ConflictError: It is so old that its numbers are kept no longer.
        """
        predictor = self._recent.recall(model_id)
        if predictor is None:
            model = await Model.get(id=model_id)
            arrays = await ModelArrays.get_or_none(model_id=model_id)
            if arrays is None:
                raise too_old(model)
            predictor = await asyncio.to_thread(_build, model, arrays)
            self._recent.keep(model_id, predictor)
        return predictor

    async def active(self, function: Function) -> Predictor:
        """The model that answers for a function.

        Raises:
            NotTrainedError: There is none yet.
        """
        if function.active_model_id is None:
            raise NotTrainedError(
                f"{function.name} has no trained model yet; annotate more samples."
            )
        return await self.get(function.active_model_id)


async def label_ids(function_id: UUID) -> frozenset[UUID]:
    """The labels that a function has now."""
    return frozenset(row.id for row in await Label.filter(function_id=function_id).only("id"))
