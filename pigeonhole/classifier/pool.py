"""Semi-supervised learning: a head that also learns from a pool of photos without a label.

The labels' means and shared covariance are fitted by expectation-maximisation to the labelled
photos and, with soft labels, to those of the pool. Photos far from every mean get a low weight, and
a pool whose mean is too far from that of the labelled photos is ignored while few are labelled. The
labelled photos of each fold are held out in turn, and near-duplicates of labelled photos are left
out of the pool.

Source: Nigam et al., "Text classification from labeled and unlabeled documents using EM", Machine
Learning 39, 2000, section 5.3 (unlabelled data in a generative classifier); Huber, "Robust
estimation of a location parameter", Annals of Mathematical Statistics 35, 1964 (the weights).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, qr, solve_triangular
from scipy.linalg.blas import ssyrk
from scipy.special import expit, softmax

from pigeonhole.classifier.arrays import Bools, Floats, Ints
from pigeonhole.classifier.calibration import fit_scales, row_losses
from pigeonhole.classifier.discriminants import TRUST
from pigeonhole.classifier.moments import Linear

MOST = 2_000
"""The most photos of a pool that are used, the newest ones: more improve the head little."""
LEAST = 20
"""The fewest photos of a pool that is used."""
AXES = 256
"""The most dimensions in which the head is fitted."""
SHRINKAGE = 0.75
TEMPER = 0.75
"""How much of a mean's squared length counts, as in ``discriminants.TEMPERS``."""
SCALE = 0.4
"""Logits per unit of squared distance, for soft labels."""
ROUNDS = 3
"""Rounds of expectation-maximisation."""
FAR, STEEPNESS = 1.3, 4
"""A photo's weight falls beyond ``FAR`` times the labelled photos' median squared distance."""
SHIFTED = 2.0
"""A pool is shifted if its mean is off by more than this many times what chance explains."""
PLENTY = 5.0
"""Samples per label from which held-out samples show whether a shifted pool helps."""
LEAST_A_LABEL = 2.0
"""The fewest samples per label, on average, for which a pool is used."""
ONE_SHORT = 5.0
"""Prior log odds for the pool, to be divided by the number of samples per label.

The label of a held-out row has one sample less to learn from, and that costs the head that learned
from the pool more than the other one.
"""
DISTRUST = 3.0
"""Prior log odds against a shifted pool, which held-out samples must outweigh."""
NEAR_DUPLICATE = 0.97
"""Cosine from which a photo of the pool is left out as a near-duplicate of a labelled one."""


@dataclass(frozen=True)
class Pooled:
    """A head averaged with one that learned from the pool."""

    final: Linear
    held: Floats  # (n, k) held-out logits
    share: float  # 0 to 1, weight of the head that learned from the pool
    photos: int  # used from the pool


def refine(
    rows: Floats,
    codes: Ints,
    dealt: Ints,
    graded: Bools,
    pool: Floats,
    final: Linear,
    held: Floats,
    heads: list[Linear],
) -> Pooled | None:
    """Return the head averaged with one that also learned from ``pool``.

    The weights of the average come from held-out samples.

    Args:
        rows: ``(n, dim)`` samples.
        codes: ``(n,)`` their labels, 0 to k - 1, each of which occurs.
        dealt: ``(n,)`` their fold numbers.
        graded: ``(n,)`` whether each sample can be graded; these decide the weights.
        pool: ``(m, dim)`` unlabelled rows, oldest first.
        final: The head fitted to ``rows`` alone.
        held: ``(n, k)`` its held-out logits.
        heads: The heads fitted without each fold, which give the first soft labels.

    Returns:
        The averaged head; None if the pool is too small, too similar to the samples or too
        different from them, or there are too few samples to judge it by.
    """
    labels = held.shape[1]
    if len(rows) < LEAST_A_LABEL * labels or not graded.any():
        return None
    pool = pool[-MOST:]
    pool = pool[(pool @ rows.T).max(axis=1) < NEAR_DUPLICATE] if len(pool) else pool
    if len(pool) < LEAST:
        return None
    origin = np.concatenate([rows, pool]).mean(axis=0)
    basis = _basis(np.concatenate([rows, pool]) - origin)
    inside, around = (rows - origin) @ basis, (pool - origin) @ basis
    shifted = _shift(inside, codes, around, labels) > SHIFTED
    if shifted and len(rows) < PLENTY * labels:
        return None
    dim = rows.shape[1]
    ours = np.zeros_like(held)
    for fold in range(int(dealt.max()) + 1):
        out = dealt == fold
        start = softmax(heads[fold](pool), axis=1)
        head = _learn(inside[~out], codes[~out], around, start, dim)
        ours[out] = head(inside[out])
    whole = _learn(inside, codes, around, softmax(final(pool), axis=1), dim)
    scale = float(fit_scales(ours[None, graded], codes[graded])[0])
    ours *= np.float32(scale)
    gain = row_losses(held[graded], codes[graded]) - row_losses(ours[graded], codes[graded])
    before = -DISTRUST if shifted else ONE_SHORT * labels / len(rows)
    share = float(expit(TRUST * gain.sum(dtype=np.float64) + before))
    weights = (basis @ whole.weights * scale).astype(np.float32)
    bias = (whole.bias * scale - origin @ weights).astype(np.float32)
    kept = np.float32(share)
    mixed = Linear(
        kept * weights + (1 - kept) * final.weights, kept * bias + (1 - kept) * final.bias
    )
    return Pooled(mixed, kept * ours + (1 - kept) * held, share, len(pool))


def _basis(away: Floats) -> Floats:
    """Return an orthonormal basis (dim, r) of the rows, or of ``AXES`` random sums of many rows."""
    if len(away) > AXES:
        random = np.random.default_rng(0)
        dealt = np.zeros((-(-len(away) // AXES) * AXES, away.shape[1]), np.float32)
        dealt[: len(away)] = away[random.permutation(len(away))]
        dealt[: len(away)] *= random.choice(np.array([-1, 1], np.float32), len(away))[:, None]
        away = dealt.reshape(-1, AXES, away.shape[1]).sum(axis=0)
    basis, _ = qr(away.T, mode="economic", check_finite=False)
    return np.asarray(basis, np.float32)


def _shift(rows: Floats, codes: Ints, pool: Floats, labels: int) -> float:
    """Return the squared distance of the pool's mean from the labels' mean, over its expectation.

    The expectation is that of a pool with the same distribution as the samples.
    """
    counts = np.bincount(codes, minlength=labels)
    means = _sums(rows, codes, labels) / counts[:, None]
    middle = means.mean(axis=0)
    within = float(((rows - means[codes]) ** 2).sum()) / max(len(rows) - labels, 1)
    chance = within * float((1 / counts).mean()) / labels
    chance += float(((means - middle) ** 2).sum()) / labels / len(pool)
    return float(((pool.mean(axis=0) - middle) ** 2).sum()) / max(chance, 1e-12)


def _sums(rows: Floats, codes: Ints, labels: int) -> Floats:
    return np.asarray(np.eye(labels, dtype=np.float32)[codes].T @ rows)


def _learn(rows: Floats, codes: Ints, pool: Floats, soft: Floats, dim: int) -> Linear:
    """Return the head after ``ROUNDS`` of expectation-maximisation from soft labels ``(m, k)``."""
    labels = soft.shape[1]
    counts = np.bincount(codes, minlength=labels).astype(np.float32)
    sums, scatter = _sums(rows, codes, labels), rows.T @ rows
    soft = np.asarray(soft, np.float32)
    for step in range(ROUNDS):
        mass = counts + soft.sum(axis=0)
        means = (sums + soft.T @ pool) / np.maximum(mass, 1e-9)[:, None]
        around = _scatter(pool * np.sqrt(soft.sum(axis=1))[:, None])
        within = (scatter + around - (means.T * mass) @ means) / mass.sum()
        covariance = (1 - SHRINKAGE) * within
        spread = max(float(np.trace(within)) / dim, 1e-9)
        covariance[np.diag_indices_from(covariance)] += SHRINKAGE * spread
        factor = cholesky(covariance.T, lower=True, overwrite_a=True, check_finite=False)
        white = _whitened(means, factor)
        solved = solve_triangular(factor, white, lower=True, trans="T", check_finite=False)
        lengths = (white * white).sum(axis=0)
        mine = _lengths(rows, factor) - (2 * rows @ solved - lengths)[range(len(rows)), codes]
        mine /= 1 - np.minimum(1 / np.maximum(mass[codes], 2), 0.5)
        # Noise lengthens the mean of few photos; its expected share is subtracted.
        half = 0.5 * (lengths - float(mine.mean()) / np.maximum(mass, 1))
        if step == ROUNDS - 1:
            break
        scores = pool @ solved - half
        own = _lengths(pool, factor) - 2 * scores.max(axis=1)
        far = max(FAR * float(np.median(mine)), 1e-9)
        weights = (far / np.maximum(own, far)) ** STEEPNESS
        soft = softmax(SCALE * (scores + (1 - TEMPER) * half), axis=1) * weights[:, None]
        soft = np.asarray(soft, np.float32)
    missing = np.where(mass > 0, 0, -1e4)
    return Linear(solved, np.asarray(missing - TEMPER * half, np.float32))


def _scatter(rows: Floats) -> Floats:
    """Return the rows' sum of products with themselves; half of a general product is enough."""
    upper = ssyrk(1.0, rows.T)
    return np.asarray(np.triu(upper) + np.triu(upper, 1).T)


def _whitened(rows: Floats, factor: Floats) -> Floats:
    """Return the rows as columns, multiplied by the inverse of the lower Cholesky factor."""
    return np.asarray(solve_triangular(factor, rows.T, lower=True, check_finite=False))


def _lengths(rows: Floats, factor: Floats) -> Floats:
    """Return each row's squared length (n,) under the inverse of the factored covariance."""
    white = _whitened(rows, factor)
    return np.asarray((white * white).sum(axis=0))
