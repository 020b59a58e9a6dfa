"""Prediction when some labels have a name but no sample yet.

A head that learned from samples separates the taught labels, the names separate the untaught ones,
and a gate estimates the probability that a photo shows a taught label at all. The gate combines two
features: how near the photo is to the mean of a taught label, and the odds by the names. Without
evidence it follows the names, the more so the fewer labels and photos there are; with three taught
labels or more, it is fitted by treating each of them as untaught in turn.

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
from pigeonhole.classifier.nearness import SHARPNESS, Means, held_out_nearness
from pigeonhole.classifier.text import ALONE_SCALE, USUAL_REACH

NEARNESS = 11.0
"""Expected log odds per unit of nearness that a photo shows a taught label."""
NAMES_SCALE = 25.0
"""Expected log odds per unit of cosine with the names."""
SPREAD = np.array([4.0, 0.35, 1.0])
"""Prior standard deviations of the weight of nearness, of the odds' (about 1) and of the offset."""
SCALE_SPREAD = 0.5
"""Prior standard deviation of the logarithm of the names' scale."""
UNSURE = 3.0
"""Without a pool, nearness counts for ``t / (t + UNSURE)``: few labels hardly tell the origin."""
EVIDENCE = 2.0
"""How many independent photos a taught label counts for, since its photos resemble each other."""
FEW_LABELS = 2
"""Labels that are not evidence: what separates two labels says little about others."""
REACH = 0.6 * USUAL_REACH
"""Expected length of a taught label's mean along its name's direction."""
LEAST_LABELS = 0.3
"""How many taught labels the prior of the photos' common mean counts for."""
USUAL_VARIANCE = 0.4
"""Expected squared distance of photos of a label from their mean, for embeddings of length 1."""


@dataclass(frozen=True)
class Gate:
    """The gate, which joins taught and untaught labels in one distribution."""

    taught: Bools  # (k,)
    names: Floats  # (dim, k) directions of the names
    means: Means
    weights: Floats
    """(5,) of nearness, of the odds, the offset, and the scale of names among untaught labels and
    in the odds."""

    def logits(self, rows: Floats, taught_logits: Floats) -> Floats:
        """Return log probabilities ``(n, k)`` of all labels.

        Args:
            rows: ``(n, dim)``.
            taught_logits: ``(n, t)`` calibrated among the taught labels.
        """
        return self.held_out(rows, self.means.nearness(rows), taught_logits)

    def log_shares(self, near: Floats, named: Floats) -> tuple[Floats, Floats]:
        """Return the log probabilities (n,) that each row shows a taught and an untaught label.

        Args:
            near: ``(n,)`` nearness.
            named: ``(n, k)`` products with the names.
        """
        score = self.weights[0] * near + self.weights[2]
        score = score + self.weights[1] * odds(self.weights[4] * named, self.taught)
        return log_expit(score), log_expit(-score)

    def held_out(self, rows: Floats, near: Floats, taught_logits: Floats) -> Floats:
        """Return held-out log probabilities ``(n, k)`` of all labels for the rows of ``fit``.

        Args:
            rows: ``(n, dim)``.
            near: ``(n,)`` their nearness to means that were computed without them.
            taught_logits: ``(n, t)`` held out, calibrated among the taught labels.
        """
        named = rows @ self.names
        yes, no = self.log_shares(near, named)
        found = np.empty((len(rows), len(self.taught)), np.float32)
        found[:, self.taught] = log_softmax(taught_logits, axis=1) + yes[:, None]
        scaled = self.weights[3] * named[:, ~self.taught]
        found[:, ~self.taught] = log_softmax(scaled, axis=1) + no[:, None]
        return found

    def to_arrays(self) -> dict[str, Floats | Bools]:
        """Return the gate as arrays, without ``taught``, which the estimator stores."""
        return {
            "gate_names": self.names.astype(np.float16),
            "gate_origin": self.means.origin,
            "gate_means": self.means.directions.astype(np.float16),
            "gate_offsets": self.means.offsets,
            "gate_weights": self.weights,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Labels]) -> "Gate":
        """Return the gate from the ``arrays`` of an estimator.

        Those stored before means had a reliability lack the offsets and the scale of the odds.
        """
        means, weights = arrays["gate_means"].astype(np.float32), arrays["gate_weights"]
        offsets = arrays.get("gate_offsets", np.zeros(means.shape[1], np.float32))
        if len(weights) == 4:
            weights = np.append(weights, np.float32(ALONE_SCALE))
        return cls(
            arrays["taught"],
            arrays["gate_names"].astype(np.float32),
            Means(arrays["gate_origin"], means, offsets),
            weights,
        )


@dataclass(frozen=True)
class Opened:
    """A fitted gate, and its held-out probabilities for the rows of ``fit``."""

    gate: Gate
    held_out: Floats  # (n, k) log probabilities of rows, held out
    as_untaught: Floats  # (n, k) of rows whose label was treated as untaught; NaN with one label


def odds(scaled: Floats, taught: Bools) -> Floats:
    """Return ``(n,)``: the log odds of taught labels from logits (n, k) of names."""
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

    whole = Means.of(means, counts, origin_of(np.ones(labels, bool)), noise)
    near = held_out_nearness(rows, codes, dealt, sums, counts, whole.origin, noise)
    named = rows @ names.T
    columns = np.flatnonzero(taught).tolist()
    scale = _names_scale([(named[codes == code], at) for code, at in enumerate(columns)])
    seen = np.full(len(rows), np.nan)  # nearness to the means of all labels but the row's own
    for code in range(labels if labels > 1 else 0):
        others = np.arange(labels) != code
        apart = Means.of(means[others], counts[others], origin_of(others), noise)
        seen[codes == code] = apart.nearness(rows[codes == code])
    sure = 1.0 if pool_mean is not None else labels / (labels + UNSURE)
    fitted = np.array([sure * NEARNESS, 1.0, 0.0])
    # Held-out rows that are the only ones of their label would look as if they were untaught.
    fair = measurable(codes, dealt, labels)
    worth = EVIDENCE * (labels - FEW_LABELS)
    if fair.any() and worth > 0:
        masks = [_without(taught, column) for column in columns]
        as_taught = _facts(near, scale * named, [taught] * labels, codes)
        as_other = _facts(seen, scale * named, masks, codes)
        each = min(worth, len(rows)) / 2 / labels / counts[codes]
        fitted = _fit(as_taught[fair], as_other, each[fair], each, fitted)
    gate = Gate(
        taught,
        _half(names.T),
        Means(
            np.asarray(whole.origin, np.float32),
            _half(whole.directions),
            np.asarray(whole.offsets, np.float32),
        ),
        _weights(fitted, scale, taught),
    )
    as_untaught = np.full((len(rows), len(taught)), np.nan, np.float32)
    for code, column in enumerate(columns if labels > 1 else []):
        mine, mask = codes == code, _without(taught, column)
        stand_in = Gate(mask, gate.names, gate.means.without(code), _weights(fitted, scale, mask))
        logits = np.delete(taught_logits[mine], code, axis=1)
        as_untaught[mine] = stand_in.held_out(rows[mine], seen[mine], logits)
    return Opened(gate, gate.held_out(rows, near, taught_logits), as_untaught)


def _without(taught: Bools, column: int) -> Bools:
    mask = taught.copy()
    mask[column] = False
    return mask


def _facts(near: Floats, scaled: Floats, masks: list[Bools], codes: Ints) -> Floats:
    """Return nearness and odds ``(n, 2)`` of each row if the labels of its mask are taught.

    What depends only on the number of labels, taught and in all, is subtracted.
    """
    found = np.empty((len(near), 2))
    for code, mask in enumerate(masks):
        mine, prior = codes == code, _prior_odds(mask)
        found[mine, 0] = near[mine] - np.log(mask.sum()) / SHARPNESS
        found[mine, 1] = odds(scaled[mine], mask) - prior
    return found


def _weights(fitted: Floats, scale: float, taught: Bools) -> Floats:
    """Return a gate's weights; the offset has the prior odds and what ``_facts`` subtracts."""
    near, named, offset = fitted
    offset += (1 - named) * _prior_odds(taught) - near * np.log(taught.sum()) / SHARPNESS
    return np.array([near, named, offset, scale, scale], np.float32)


def _prior_odds(taught: Bools) -> float:
    return float(np.log(taught.sum() / (~taught).sum()))


def _fit(
    as_taught: Floats, as_other: Floats, worth: Floats, other_worth: Floats, centre: Floats
) -> Floats:
    """Return the gate's weights and offset, by logistic regression with prior mean ``centre``."""
    facts = np.concatenate([as_taught, as_other])
    worth = np.concatenate([worth, other_worth])
    signs = np.repeat([1.0, -1.0], [len(as_taught), len(as_other)])

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = signs * (facts @ weights[:2] + weights[2])
        pull = (weights - centre) / SPREAD
        slope = -worth * signs * np.exp(log_expit(-score))
        gradient = np.append(slope @ facts, slope.sum()) + pull / SPREAD
        return float(-(worth * log_expit(score)).sum() + 0.5 * pull @ pull), gradient

    return np.asarray(minimize(loss, centre, jac=True, method="L-BFGS-B").x)


def _names_scale(parts: list[tuple[Floats, int]]) -> float:
    """Return the logits per unit of cosine with the names, fitted to the taught labels.

    Args:
        parts: For each taught label, products ``(n, k)`` of its rows with all names, and the
            label's column. Each label counts for one independent photo.
    """

    def loss(logarithm: Floats) -> float:
        total = 0.5 * float(((logarithm[0] - np.log(NAMES_SCALE)) / SCALE_SPREAD) ** 2)
        for named, at in parts:
            scaled = np.exp(logarithm[0]) * named.astype(np.float64)
            total += float((logsumexp(scaled, axis=1) - scaled[:, at]).mean())
        return total

    found = minimize(loss, np.array([np.log(NAMES_SCALE)]), method="L-BFGS-B")
    return float(np.exp(found.x[0]))


def _half(values: Floats) -> Floats:
    """Return the values as float32, rounded as stored, so that a stored gate predicts the same."""
    return np.ascontiguousarray(values.astype(np.float16), dtype=np.float32)
