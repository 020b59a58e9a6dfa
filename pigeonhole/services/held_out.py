"""Predictions of samples that were held out of a model's training, as it keeps them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from pigeonhole.classifier.intervals import Estimate, effective_count, held_out_effect, wilson
from pigeonhole.classifier.metrics import Threshold, set_threshold, threshold

KEPT_RANKS = 10
"""Labels kept of a held-out prediction."""
ARRAYS = ("truth", "top", "confidence", "graded", "sizes", "strangeness", "mistake")
"""The arrays of held-out predictions, in the order of `HeldOut`."""
OPTIONAL_ARRAYS = ("untaught_top", "untaught_confidence", "untaught_mistake", "fold")
"""Arrays that models trained before they were introduced lack."""


@dataclass(frozen=True)
class HeldOut:
    """Predictions of samples that were held out, the ``k`` most likely labels of each."""

    samples: Mapping[UUID, int]  # sample ID to index of its row in the arrays below
    labels: tuple[UUID, ...]
    truth: NDArray[np.int32]  # (n,) index into labels
    top: NDArray[np.int32]  # (n, k) index into labels, most likely first
    confidence: NDArray[np.float32]  # (n, k)
    graded: NDArray[np.bool_]  # (n,) whether its label had samples besides those held out with it
    sizes: NDArray[np.int32]  # (n,) of its group of near-duplicates
    strangeness: NDArray[np.float32]  # (n,) 0 to 1, low is strange
    mistake: NDArray[np.float32]  # (n,) 0 to 1, how likely the annotation is one
    untaught_top: NDArray[np.int32] | None = None  # (n,) answers as if the label had no sample
    untaught_confidence: NDArray[np.float32] | None = None  # (n,)
    untaught_mistake: NDArray[np.float32] | None = None  # (n,)
    fold: NDArray[np.int16] | None = None  # (n,) from 0: each was predicted without its fold
    _thresholds: LRUCache[float, Threshold] = field(
        default_factory=lambda: LRUCache(8), init=False, compare=False
    )
    _finding: Lock = field(default_factory=Lock, init=False, compare=False)

    def mistake_score(self, sample: UUID, label: UUID | None) -> float | None:
        """Return how likely it is a mistake that a sample has this label, 0 to 1.

        None where it cannot be told, as for another label than the model learned.
        """
        row = self.samples.get(sample)
        if row is None or not self.graded[row] or self.labels[self.truth[row]] != label:
            return None
        return float(self.mistake[row])

    def most_likely(self, sample: UUID, existing: frozenset[UUID]) -> tuple[UUID, float] | None:
        """The most likely label of a sample that still exists, and its confidence.

        None for samples that were not held out, and when all labels kept of it were deleted.
        """
        row = self.samples.get(sample)
        if row is not None:
            for label, share in zip(
                self.top[row].tolist(), self.confidence[row].tolist(), strict=True
            ):
                if self.labels[label] in existing:
                    return self.labels[label], share
        return None

    def fold_of(self, sample: UUID) -> int | None:
        """Return the fold that a sample was held out with, from 0; None for other samples."""
        row = self.samples.get(sample)
        return None if row is None or self.fold is None else int(self.fold[row])

    def _graded_answers(self) -> tuple[NDArray[Any], ...]:
        """Return confidences, whether they are right, sizes of groups, and weights, (m,) each.

        While labels are untaught, photos of them are as likely as of others, and each sample counts
        a second time: as it is answered if its own label has no sample.
        """
        kept = self.graded
        found = (self.confidence[kept, 0], self.right[kept], self.sizes[kept])
        taught = len(np.unique(self.truth))
        if self.untaught_top is None or self.untaught_confidence is None:
            return (*found, np.ones(int(kept.sum())))
        share = 1 - taught / len(self.labels)
        again = (self.untaught_confidence, self.untaught_top == self.truth, self.sizes)
        weights = [
            np.full(int(kept.sum()), 1 - share),
            np.full(len(self.truth), share * kept.sum() / max(len(self.truth), 1)),
        ]
        both = zip(found, again, strict=True)
        return (*(np.concatenate(pair) for pair in both), np.concatenate(weights))

    def error_rate(self, least: float) -> Estimate:
        """Return the share of wrong answers among those of at least a confidence."""
        confidences, right, sizes, weights = self._graded_answers()
        sure = (confidences >= least) & (weights > 0)
        counted = weights[sure]
        if not counted.sum():
            return wilson(float("nan"), 0)
        whole = effective_count(sizes[sure]) * float(counted.mean())
        rate = float((counted * ~right[sure]).sum() / counted.sum())
        samples = int((self.confidence[self.graded, 0] >= least).sum())
        return replace(wilson(rate, whole / held_out_effect(whole)), samples=samples)

    def set_threshold(self, coverage: float) -> float:
        """Return the least confidence of a label in a set that holds the true one so often."""
        kept = self.graded
        confidences, sizes, weights = 1 - self.mistake[kept], self.sizes[kept], None
        if self.untaught_mistake is not None and len(self.truth):
            share = 1 - len(np.unique(self.truth)) / len(self.labels)
            confidences = np.concatenate([confidences, 1 - self.untaught_mistake])
            sizes = np.concatenate([sizes, self.sizes])
            again = share * kept.sum() / len(self.truth)
            weights = np.repeat([1 - share, again], [int(kept.sum()), len(self.truth)])
        return set_threshold(confidences, sizes, coverage, weights)

    def right_among(self, labels: frozenset[UUID]) -> NDArray[np.bool_]:
        """``(n,)`` whether the most likely label of ``labels`` is the annotated one."""
        allowed = np.array([label in labels for label in self.labels], bool)[self.top]
        first = allowed.argmax(axis=1)
        answers = np.take_along_axis(self.top, first[:, None], axis=1)[:, 0]
        return np.asarray((answers == self.truth) & allowed.any(axis=1))

    @property
    def right(self) -> NDArray[np.bool_]:
        """``(n,)`` whether the most likely label is the annotated one."""
        return np.asarray(self.top[:, 0] == self.truth)

    def threshold(self, max_error_rate: float) -> Threshold:
        """The confidence to ask for so that errors stay within a promised rate.

        Found once for each rate asked lately: every held-out prediction asks for it.
        """
        with self._finding:
            found = self._thresholds.get(max_error_rate)
            if found is None:
                confidences, right, sizes, weights = self._graded_answers()
                found = threshold(confidences, right, sizes, max_error_rate, weights)
                self._thresholds[max_error_rate] = found
        return found


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
            **{
                name: array
                for name in OPTIONAL_ARRAYS
                if (array := getattr(held_out, name)) is not None
            },
        }
    )


def unpack_held_out(data: bytes) -> HeldOut:
    """Held-out predictions from an npz file."""
    arrays = unpack(data)
    return HeldOut(
        {id: row for row, id in enumerate(_to_ids(arrays["samples"]))},
        _to_ids(arrays["labels"]),
        *(arrays[name] for name in ARRAYS),
        *(arrays.get(name) for name in OPTIONAL_ARRAYS),
    )


def _to_array(ids: Sequence[UUID]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(id.bytes for id in ids), np.uint8).reshape(-1, 16)


def _to_ids(array: NDArray[np.uint8]) -> tuple[UUID, ...]:
    return tuple(UUID(bytes=row.tobytes()) for row in array)
