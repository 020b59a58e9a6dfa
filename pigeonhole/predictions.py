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
from pigeonhole.encoding import Recent
from pigeonhole.errors import NotTrainedError
from pigeonhole.models import Decision, Function, Label, Model, ModelArrays

Floats = NDArray[np.float32]

KEPT_RANKS = 10
"""Labels kept of a held-out prediction."""


@dataclass(frozen=True)
class Prediction:
    """An answer of a model: labels and calibrated confidences (0 to 1), most likely first."""

    model: Model
    ranking: tuple[tuple[UUID, float], ...]
    decision: Decision

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
        return [
            Prediction(
                self.model,
                tuple((self.labels[kept[i]], float(row[i])) for i in ranks),
                Decision.ACCEPT,
            )
            for row, ranks in zip(proba, order, strict=True)
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
        return Prediction(self.model, tuple(ranking), Decision.ACCEPT) if ranking else None


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as an npz file, which holds numbers only and runs nothing when it is read."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """Arrays from an npz file."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return dict(archive)


def pack_held_out(
    samples: Sequence[UUID], labels: Sequence[UUID], truth: NDArray[np.intp], proba: Floats
) -> bytes:
    """Keep held-out probabilities ``(n, labels)``: of each sample, the most likely labels."""
    top = np.argsort(-proba, axis=1, kind="stable")[:, :KEPT_RANKS]
    return pack(
        {
            "samples": _to_array(samples),
            "labels": _to_array(labels),
            "truth": truth.astype(np.int32),
            "top": top.astype(np.int32),
            "confidence": np.take_along_axis(proba, top, axis=1).astype(np.float32),
        }
    )


def _to_array(ids: Sequence[UUID]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(id.bytes for id in ids), np.uint8).reshape(-1, 16)


def _to_ids(array: NDArray[np.uint8]) -> tuple[UUID, ...]:
    return tuple(UUID(bytes=row.tobytes()) for row in array)


def _build(model: Model, arrays: ModelArrays) -> Predictor:
    held_out = unpack(arrays.held_out)
    classifier = FewShotClassifier.from_arrays(unpack(arrays.head))
    return Predictor(
        model,
        tuple(UUID(label) for label in classifier.classes_),
        classifier,
        HeldOut(
            {id: row for row, id in enumerate(_to_ids(held_out["samples"]))},
            _to_ids(held_out["labels"]),
            held_out["truth"],
            held_out["top"],
            held_out["confidence"],
        ),
    )


@dataclass
class Predictors:
    """Models used lately; a model never changes, so none is ever stale."""

    _recent: Recent[UUID, Predictor] = field(default_factory=lambda: Recent(64))

    async def get(self, model_id: UUID) -> Predictor:
        """A model, read at its first use."""
        predictor = self._recent.recall(model_id)
        if predictor is None:
            model = await Model.get(id=model_id)
            arrays = await ModelArrays.get(model_id=model_id)
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
