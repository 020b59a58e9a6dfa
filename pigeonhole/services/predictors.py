"""What models say: of new pictures, and of samples that were held out of their training."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.evidence import Geometry
from pigeonhole.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    NotTrainedError,
    PigeonholeError,
)
from pigeonhole.kinds import Decision
from pigeonhole.services.held_out import HeldOut, unpack, unpack_held_out
from pigeonhole.tables import Function, Label, Model, ModelArrays

Floats = NDArray[np.float32]

AT_ONCE = 16
"""Models that are read together."""
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
class Predictor:
    """A model in memory."""

    model: Model
    labels: tuple[UUID, ...]
    classifier: FewShotClassifier
    held_out: HeldOut

    @cached_property
    def geometry(self) -> Geometry:
        """The space in which its evidence is looked for."""
        return self.classifier.geometry()

    def most_likely(
        self, vectors: Floats, existing: frozenset[UUID]
    ) -> list[tuple[UUID | None, float | None]]:
        """Return the most likely label of each new picture and its confidence, as `predict` does.

        None for both where fewer than two of the model's labels are left.
        """
        kept = [index for index, label in enumerate(self.labels) if label in existing]
        if len(kept) < 2:
            return [(None, None)] * len(vectors)
        proba = among(self.classifier.predict_proba(vectors), kept)
        best = proba.argmax(axis=1)
        shares = proba.max(axis=1)
        return [
            (self.labels[kept[place]], share)
            for place, share in zip(best.tolist(), shares.tolist(), strict=True)
        ]

    def predict(
        self, vectors: Floats, *, existing: frozenset[UUID], max_error_rate: float
    ) -> list[Prediction]:
        """What the model says of new pictures, by their vectors ``(n, dim)``.

        Labels deleted since the training are left out; their confidence is spread evenly over the
        others, of which it says nothing.

        Raises:
            NotTrainedError: Fewer than two of the model's labels are left.
        """
        kept = [index for index, label in enumerate(self.labels) if label in existing]
        if len(kept) < 2:
            raise NotTrainedError(
                "All labels of the model have been deleted. Annotate samples to train a new one."
            )
        proba = among(self.classifier.predict_proba(vectors), kept)
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

    def label_set(self, prediction: Prediction, coverage: float) -> list[tuple[UUID, float]]:
        """Return the labels, most likely first, that hold the true one in a share ``coverage``.

        It is never empty. If a ranking was cut where labels are still likely enough, all others are
        in it, with confidence 0.

        Raises:
            InvalidError: ``coverage`` is not above 0 and below 1.
        """
        if not 0 < coverage < 1:
            raise InvalidError("`coverage` must be above 0 and below 1.", path=("coverage",))
        least = self.held_out.set_threshold(coverage)
        ranking = prediction.ranking
        found = [ranking[0], *(one for one in ranking[1:] if one[1] >= least)]
        if len(found) == len(ranking) < len(self.labels):
            known = {label for label, _ in ranking}
            found += [(label, 0.0) for label in self.labels if label not in known]
        return found

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


def among(proba: NDArray[Any], kept: Sequence[int]) -> NDArray[Any]:
    """Return probabilities (n, k) of the kept labels, the rest spread evenly over them."""
    found = proba[:, kept]
    return np.asarray(found + (1 - found.sum(axis=1, keepdims=True)) / max(len(kept), 1))


def decide(confidence: float, strangeness: float, least: float) -> Decision:
    """What to do with an answer, by how sure it is and how strange its picture looks."""
    if strangeness <= STRANGE:
        return Decision.NONE_OF_THESE
    return Decision.ACCEPT if confidence >= least else Decision.REVIEW


def _build(model: Model, arrays: ModelArrays) -> Predictor:
    classifier = FewShotClassifier.from_arrays(unpack(arrays.head))
    labels = tuple(UUID(label) for label in classifier.classes_)
    return Predictor(model, labels, classifier, unpack_held_out(arrays.held_out))


def too_old(model: Model) -> ConflictError:
    """What is told of a version whose numbers are kept no longer."""
    return ConflictError(
        f"Version {model.version} can no longer be activated: only its metrics are kept."
    )


@dataclass
class Predictors:
    """Models used lately; a model never changes, so none is ever stale."""

    _recent: LRUCache[UUID, Predictor] = field(default_factory=lambda: LRUCache(64))

    async def get(self, model_id: UUID) -> Predictor:
        """A model, read at its first use.

        Raises:
            ConflictError: It is so old that its numbers are kept no longer.
        """
        [found] = await self.get_many([model_id])
        if isinstance(found, PigeonholeError):
            raise found
        return found

    async def get_many(self, ids: Sequence[UUID]) -> list[Predictor | PigeonholeError]:
        """Several models, read together; in the place of one that cannot be had stands why."""
        found: dict[UUID, Predictor | PigeonholeError] = {}
        missing = []
        for id in ids:
            predictor = self._recent.get(id)
            if predictor is None:
                missing.append(id)
            else:
                found[id] = predictor
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            models = {row.id: row for row in await Model.filter(id__in=part)}
            arrays = {row.model_id: row for row in await ModelArrays.filter(model_id__in=part)}
            pairs = [(models[id], arrays[id]) for id in models if id in arrays]
            built = await asyncio.to_thread(lambda pairs: [_build(*pair) for pair in pairs], pairs)
            for predictor in built:
                found[predictor.model.id] = predictor
                self._recent[predictor.model.id] = predictor
            for id in part:
                if id not in found:
                    gone = NotFoundError("Model not found.")
                    found[id] = too_old(models[id]) if id in models else gone
        return [found[id] for id in ids]

    async def label_set(
        self, prediction: Prediction, coverage: float
    ) -> list[tuple[UUID, float]] | None:
        """Return `Predictor.label_set` of the model that predicted; None if it is not kept."""
        try:
            predictor = await self.get(prediction.model.id)
        except ConflictError:
            return None
        return predictor.label_set(prediction, coverage)

    def keep(self, predictor: Predictor) -> None:
        """Keep a model that this process has just made, which need not be read again."""
        self._recent[predictor.model.id] = predictor

    async def active(self, function: Function) -> Predictor:
        """The model that answers for a function.

        Raises:
            NotTrainedError: There is none yet.
        """
        if function.active_model_id is None:
            raise NotTrainedError(
                f"{function.name} has no trained model. It is trained once it has two labels."
            )
        return await self.get(function.active_model_id)


async def label_ids(function_id: UUID) -> frozenset[UUID]:
    """The labels that a function has now."""
    found = await Label.filter(function_id=function_id).values_list("id", flat=True)
    return frozenset(found)  # type: ignore[arg-type]  # tortoise types a list of any values
