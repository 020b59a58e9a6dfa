"""Prediction when some labels have a name but no sample yet.

A head that learned from samples separates the taught labels, the names separate the untaught ones,
and a gate estimates the probability that a photo shows a taught label at all. The gate combines two
features: how near the photo is to the mean of a taught label, and the odds by the names. To fit it,
each taught label is treated as untaught in turn.

Source: Chao et al., "An empirical study and analysis of generalized zero-shot learning for object
recognition in the wild", ECCV 2016 (why taught labels must be held back, and by how much).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_expit, log_softmax, logsumexp

from pigeonhole.classifier.arrays import Bools, Floats, Ints, Labels
from pigeonhole.classifier.folds import measurable
from pigeonhole.classifier.text import ALONE_SCALE, USUAL_REACH

CENTRE = np.array([11.0, 1.6, -4.0])
"""Prior mean of the gate's weights: of nearness and of names, and the offset."""
NAMES_ALONE = np.array([0.0, 1.0, 0.0])
"""The weights that the prior mean moves to if taught labels do not differ from other photos."""
SPREAD = np.array([4.0, 0.4, 1.5])
"""Prior standard deviation of each weight."""
EVIDENCE = 2.0
"""How many independent photos a taught label counts for, since its photos resemble each other."""
SHARPNESS = 10.0
"""Sharpness of the soft maximum over cosines."""
REACH = 0.6 * USUAL_REACH
"""Expected length of a taught label's mean along its name's direction."""
LEAST_LABELS = 0.3
"""How many taught labels the prior of the photos' common mean counts for."""
SCALE_SPREAD = 0.7
"""Prior standard deviation of the logarithm of the names' scale."""
ENOUGH = 0.5
"""A mean counts in full if chance explains at most half of its squared distance."""
USUAL_VARIANCE = 0.4
"""Expected squared distance of photos of a label from their mean, for embeddings of length 1."""


@dataclass(frozen=True)
class Gate:
    """The gate, which joins taught and untaught labels in one distribution."""

    taught: Bools  # (k,)
    names: Floats  # (dim, k) directions of the names
    origin: Floats  # (dim,) the mean of photos in general
    means: Floats  # (dim, t) directions of the taught labels' means from the origin
    weights: Floats  # (4,) of nearness, of names, the offset, and the scale among untaught labels

    def log_shares(self, rows: Floats) -> tuple[Floats, Floats]:
        """Return the log probabilities (n,) that each row shows a taught and an untaught label."""
        named = rows @ self.names
        facts = np.stack([nearness(rows, self.origin, self.means), odds(named, self.taught)], 1)
        score = facts @ self.weights[:2] + self.weights[2]
        return log_expit(score), log_expit(-score)

    def logits(self, rows: Floats, taught_logits: Floats) -> Floats:
        """Return log probabilities ``(n, k)`` of all labels.

        Args:
            rows: ``(n, dim)``.
            taught_logits: ``(n, t)`` calibrated among the taught labels.
        """
        return self._joined(*self.log_shares(rows), rows, taught_logits)

    def held_out(self, rows: Floats, near: Floats, taught_logits: Floats) -> Floats:
        """Return held-out log probabilities ``(n, k)`` of all labels for the rows of ``fit``.

        Args:
            rows: ``(n, dim)``.
            near: ``(n,)`` their nearness to means that were computed without them.
            taught_logits: ``(n, t)`` held out, calibrated among the taught labels.
        """
        score = np.stack([near, odds(rows @ self.names, self.taught)], 1) @ self.weights[:2]
        score += self.weights[2]
        return self._joined(log_expit(score), log_expit(-score), rows, taught_logits)

    def to_arrays(self) -> dict[str, Floats | Bools]:
        """Return the gate as arrays, without ``taught``, which the estimator stores."""
        return {
            "gate_names": self.names.astype(np.float16),
            "gate_origin": self.origin,
            "gate_means": self.means.astype(np.float16),
            "gate_weights": self.weights,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Labels]) -> "Gate":
        """Return the gate from the ``arrays`` of an estimator."""
        return cls(
            arrays["taught"],
            arrays["gate_names"].astype(np.float32),
            arrays["gate_origin"],
            arrays["gate_means"].astype(np.float32),
            arrays["gate_weights"],
        )

    def _joined(self, yes: Floats, no: Floats, rows: Floats, taught_logits: Floats) -> Floats:
        found = np.empty((len(rows), len(self.taught)), np.float32)
        found[:, self.taught] = log_softmax(taught_logits, axis=1) + yes[:, None]
        named = self.weights[3] * (rows @ self.names[:, ~self.taught])
        found[:, ~self.taught] = log_softmax(named, axis=1) + no[:, None]
        return found


@dataclass(frozen=True)
class Opened:
    """A fitted gate, and its held-out probabilities for the rows of ``fit``."""

    gate: Gate
    held_out: Floats  # (n, k) log probabilities of rows, held out
    as_untaught: Floats  # (n, k) of rows whose label was treated as untaught; NaN with one label


def nearness(rows: Floats, origin: Floats, means: Floats) -> Floats:
    """Return ``(n,)``: each row's soft maximum of cosines to ``means`` (dim, t) from ``origin``."""
    return np.asarray(_soft_maximum(_cosines(rows, origin, means)))


def odds(named: Floats, taught: Bools) -> Floats:
    """Return ``(n,)``: the log odds of taught labels from products (n, k) of rows with names."""
    scaled = ALONE_SCALE * named
    return np.asarray(logsumexp(scaled[:, taught], axis=1) - logsumexp(scaled[:, ~taught], axis=1))


def open_gate(
    rows: Floats,
    codes: Ints,
    dealt: Ints,
    taught: Bools,
    names: Floats,
    taught_logits: Floats,
    pool_mean: Floats | None,
) -> Opened:
    """Fit the gate, and predict each row held out, and as if its label were untaught.

    Args:
        rows: ``(n, dim)``.
        codes: ``(n,)`` labels among the taught ones, 0 to t - 1, each of which occurs.
        dealt: ``(n,)`` fold numbers.
        taught: ``(k,)`` whether each label has rows.
        names: ``(k, dim)`` directions of the names.
        taught_logits: ``(n, t)`` held out.
        pool_mean: ``(dim,)`` mean of photos without a label. None: there are none.
    """
    labels = int(taught.sum())
    counts = np.bincount(codes, minlength=labels).astype(np.float32)
    sums = np.stack([rows[codes == code].sum(axis=0) for code in range(labels)])
    means = sums / counts[:, None]
    directions = names[taught]
    within = float(((rows - means[codes]) ** 2).sum())
    noise = within / max(len(rows) - labels, 1) if len(rows) > labels else USUAL_VARIANCE

    def origin_of(kept: Bools) -> Floats:
        rest = (means - REACH * directions)[kept].sum(axis=0)
        guess = rest / (kept.sum() + LEAST_LABELS)
        if pool_mean is None:
            return np.asarray(guess)
        return np.asarray(pool_mean if kept.sum() == 1 else 0.5 * (guess + pool_mean))

    origin = origin_of(np.ones(labels, bool))
    near = _held_out_nearness(rows, codes, dealt, sums, counts, origin)
    named = rows @ names.T
    taught_columns = np.flatnonzero(taught)
    facts, truth, weights, names_losses = [np.stack([near, odds(named, taught)], 1)], [], [], []
    truth.append(np.ones(len(rows), bool))
    # Held-out rows that are the only ones of their label would look as if they were untaught.
    fair = measurable(codes, dealt, labels)
    weights.append(fair / len(taught) / counts[codes])
    masks = []
    for code, column in enumerate(taught_columns):
        mine, others = codes == code, np.arange(labels) != code
        mask = taught.copy()
        mask[column] = False
        names_losses.append((named[mine][:, ~mask], int((~mask)[:column].sum())))
        if labels == 1:
            break
        start = origin_of(others)
        seen = nearness(rows[mine], start, _directions(means[others] - start).T)
        facts.append(np.stack([seen, odds(named[mine], mask)], 1))
        truth.append(np.zeros(int(mine.sum()), bool))
        share = (len(taught) - labels) / len(taught)
        weights.append(np.full(int(mine.sum()), share / labels / counts[code]))
        masks.append((mine, others, mask))
    apart = _apart(means - origin, counts, noise)
    centre = NAMES_ALONE + apart * (CENTRE - NAMES_ALONE)
    scale = _names_scale(names_losses, EVIDENCE * labels)
    if labels == 1:
        fitted, scale = NAMES_ALONE if pool_mean is None else centre, ALONE_SCALE
    elif not fair.any():
        fitted = centre
    else:
        fitted = _fit(
            np.concatenate(facts), np.concatenate(truth), np.concatenate(weights), labels, centre
        )
    gate = Gate(
        taught,
        _half(names.T),
        np.asarray(origin, np.float32),
        _half(_directions(means - origin).T),
        np.append(fitted, scale).astype(np.float32),
    )
    as_untaught = np.full((len(rows), len(taught)), np.nan, np.float32)
    for (mine, others, mask), seen in zip(masks, facts[1:], strict=True):
        stand_in = Gate(mask, gate.names, gate.origin, gate.means[:, others], gate.weights)
        as_untaught[mine] = stand_in.held_out(
            rows[mine], seen[:, 0], taught_logits[mine][:, others]
        )
    return Opened(gate, gate.held_out(rows, near, taught_logits), as_untaught)


def _fit(facts: Floats, truth: Bools, weights: Floats, labels: int, centre: Floats) -> Floats:
    """Return the gate's weights and offset, by logistic regression with prior mean ``centre``."""
    facts = facts.astype(np.float64)
    signs = np.where(truth, 1.0, -1.0)
    worth = weights * min(len(truth), EVIDENCE * labels)

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = signs * (facts @ weights[:2] + weights[2])
        pull = (weights - centre) / SPREAD
        slope = -worth * signs * np.exp(log_expit(-score))
        gradient = np.append(slope @ facts, slope.sum()) + pull / SPREAD
        return float(-(worth * log_expit(score)).sum() + 0.5 * pull @ pull), gradient

    return np.asarray(minimize(loss, centre, jac=True, method="L-BFGS-B").x)


def _names_scale(parts: list[tuple[Floats, int]], worth: float) -> float:
    """Return the logits per unit of cosine among untaught labels, fitted to the taught ones.

    Args:
        parts: For each taught label, products ``(n, u)`` of its rows with the directions of the
            labels that count as untaught, and the label's column among them.
        worth: The number of independent photos that all of them count for.
    """

    def loss(logarithm: Floats) -> float:
        total = 0.5 * float(((logarithm[0] - np.log(ALONE_SCALE)) / SCALE_SPREAD) ** 2)
        for named, at in parts:
            scaled = np.exp(logarithm[0]) * named.astype(np.float64)
            total += worth / len(parts) * float((logsumexp(scaled, axis=1) - scaled[:, at]).mean())
        return total

    found = minimize(loss, np.array([np.log(ALONE_SCALE)]), method="L-BFGS-B")
    return float(np.exp(found.x[0]))


def _held_out_nearness(
    rows: Floats, codes: Ints, dealt: Ints, sums: Floats, counts: Floats, origin: Floats
) -> Floats:
    """Return each row's nearness to means of the samples outside its fold."""
    near = np.zeros(len(rows))
    for fold in range(int(dealt.max()) + 1):
        out = np.flatnonzero(dealt == fold)
        left, less = sums.copy(), counts.copy()
        np.subtract.at(left, codes[out], rows[out])
        np.subtract.at(less, codes[out], 1)
        there = less > 0
        if not there.any():
            there, left, less = counts > 0, sums, counts  # there is no other row to compare with
        means = left[there] / less[there, None]
        near[out] = nearness(rows[out], origin, _directions(means - origin).T)
    return near


def _apart(away: Floats, counts: Floats, noise: float) -> float:
    """Return how clearly means differ from the mean of photos in general, 0 (by chance) to 1.

    Args:
        away: ``(t, dim)`` offsets of the means from the mean of photos in general.
        counts: ``(t,)`` number of photos in each mean.
        noise: Mean squared distance of a photo from its label's mean.
    """
    squared = np.maximum((away * away).sum(axis=1), 1e-9)
    return float(np.clip((1 - noise / counts / squared) / ENOUGH, 0, 1).mean())


def _directions(away: Floats) -> Floats:
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6))


def _cosines(rows: Floats, origin: Floats, means: Floats) -> Floats:
    return np.asarray(_directions(rows - origin) @ means)


def _soft_maximum(values: Floats) -> Floats:
    return np.asarray(logsumexp(SHARPNESS * values.astype(np.float64), axis=1) / SHARPNESS)


def _half(values: Floats) -> Floats:
    """Return the values as float32, rounded as stored, so that a stored gate predicts the same."""
    return np.ascontiguousarray(values.astype(np.float16), dtype=np.float32)
