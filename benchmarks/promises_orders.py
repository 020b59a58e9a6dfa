"""What to annotate next: accuracy after some annotations, by the order of annotation."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.heads_photos import Embedded
from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.classifier.review import informativeness

COUNTS = (20, 50, 100)
STEP = 5
"""Photos annotated between two trainings."""
CANDIDATES = 40
"""The most informative photos, of which the rarest predicted labels come first."""

Pick = Callable[[Embedded, Ints, Ints, Floats | None, Ints, int], Ints]


def orders(data: Embedded, draws: int) -> Iterator[dict[str, Any]]:
    """Yield the accuracy on half of the photos after annotating some of the others, by order.

    Names are given as prototypes. With a pool, the photos not yet annotated are given as well.
    ``gain`` is the mean difference from random order, and ``error`` its standard error.
    """
    picks: dict[str, Pick] = {"ours": _informative, "rarest label": _rarest, "random": _first}
    for pooled in (True, False):
        found = {
            name: np.array([_accuracies(data, pick, seed, pooled) for seed in range(draws)])
            for name, pick in picks.items()
        }
        for name, accuracies in found.items():
            gain = accuracies - found["random"]
            line: dict[str, Any] = {"promise": "what to annotate next", "order": name}
            line |= {"pool": pooled, "draws": draws}
            for at, count in enumerate(COUNTS):
                line[f"after {count}"] = round(100 * float(accuracies[:, at].mean()), 1)
                line[f"gain {count}"] = round(100 * float(gain[:, at].mean()), 1)
                error = float(gain[:, at].std(ddof=1)) / np.sqrt(draws) if draws > 1 else np.nan
                line[f"error {count}"] = round(100 * error, 1)
            yield line


def _accuracies(data: Embedded, pick: Pick, seed: int, pooled: bool) -> list[float]:
    """Return the accuracy after each of ``COUNTS`` annotations."""
    order = np.random.default_rng(seed).permutation(len(data.rows))
    left, test = order[: len(order) // 2], order[len(order) // 2 :]
    taught, accuracies = left[:0], []
    while True:
        known = len(np.unique(data.codes[taught])) > 1
        fitted = None
        if known and (pick is not _first or len(taught) in COUNTS):
            fitted = _fit(data, taught, left if pooled else None)
        if len(taught) in COUNTS:
            right = fitted is not None and fitted.predict(data.rows[test]) == data.codes[test]
            accuracies.append(float(np.mean(right)))
        if len(taught) >= COUNTS[-1]:
            return accuracies
        proba = None
        if fitted is not None:
            proba = np.zeros((len(left), len(data.labels)))
            proba[:, fitted.classes_] = fitted.predict_proba(data.rows[left])
        places = pick(data, taught, left, proba, data.codes[taught], seed)
        taught, left = np.concatenate([taught, left[places]]), np.delete(left, places)


def _fit(data: Embedded, taught: Ints, unlabelled: Ints | None) -> FewShotClassifier:
    rows = data.rows[taught]
    names = None if data.prototypes is None else dict(enumerate(data.prototypes))
    return FewShotClassifier().fit(
        rows,
        data.codes[taught],
        groups=groups_of(rows),
        prototypes=names,
        unlabelled=None if unlabelled is None else data.rows[unlabelled],
    )


def _informative(
    data: Embedded, taught: Ints, left: Ints, proba: Floats | None, codes: Ints, seed: int
) -> Ints:
    return informativeness(data.rows[left], proba, data.rows[taught], count=STEP, seed=seed)


def _rarest(
    data: Embedded, taught: Ints, left: Ints, proba: Floats | None, codes: Ints, seed: int
) -> Ints:
    """Return the informative photos whose predicted label has the fewest annotations so far.

    Source: Bae et al., "PCB", arXiv 2311.11178 (pseudo-class balance).
    """
    if proba is None:
        return _informative(data, taught, left, proba, codes, seed)
    near = informativeness(data.rows[left], proba, data.rows[taught], count=CANDIDATES, seed=seed)
    predicted = proba[near].argmax(axis=1)
    counts, picked = np.bincount(codes, minlength=proba.shape[1]), []
    waiting = list(range(len(near)))
    for _ in range(STEP):
        at = min(waiting, key=lambda place: (counts[predicted[place]], place))
        counts[predicted[at]] += 1
        waiting.remove(at)
        picked.append(near[at])
    return np.array(picked)


def _first(
    data: Embedded, taught: Ints, left: Ints, proba: Floats | None, codes: Ints, seed: int
) -> Ints:
    """Return the first photos: they are shuffled."""
    return np.arange(STEP)
