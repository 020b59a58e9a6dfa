"""The space spanned by the samples, in which heads are fitted when samples are few."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh, qr

from pigeonhole.classifier.arrays import Floats

MOST = 512
"""The most dimensions of the span; the rest is treated as noise."""
_LEAST_VARIANCE = 1e-6


@dataclass(frozen=True)
class Span:
    """An origin and an orthonormal basis; a ``basis`` of None means the whole space."""

    origin: Floats  # (dim,)
    basis: Floats | None  # (dim, r)

    def project(self, rows: Floats) -> Floats:
        """Return the coordinates (n, r) of ``rows`` (n, dim)."""
        centred = rows - self.origin
        return centred if self.basis is None else np.asarray(centred @ self.basis)

    def lift(self, directions: Floats) -> Floats:
        """Return directions (r, m) of the span as directions (dim, m) of the whole space."""
        return directions if self.basis is None else np.asarray(self.basis @ directions)


def span(rows: Floats, extra: Floats) -> Span:
    """Return the span of centred ``rows`` (n, dim) and of the directions ``extra`` (m, dim).

    A shrunk covariance depends only on inner products between samples. So up to ``MOST`` dimensions
    nothing is lost, and n x n matrices replace dim x dim ones. A larger span is reduced to ``MOST``
    sums of rows with random signs; that was as accurate as its widest axes and as all of it.

    Source: Clarkson and Woodruff, "Low rank approximation and regression in input sparsity time",
    STOC 2013, section 4 (the sketch); Halko, Martinsson and Tropp, "Finding structure with
    randomness", SIAM Review 53, 2011, algorithm 4.1 (the range finder that uses it).
    """
    origin = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1], rows.dtype)
    if len(rows) + len(extra) >= rows.shape[1]:
        return Span(origin, None)
    stacked = np.concatenate([rows - origin, extra])
    if len(stacked) > MOST:
        mixed = _sketch(stacked).T  # in column order, which spares LAPACK a copy
        basis, _ = qr(mixed, mode="economic", overwrite_a=True, check_finite=False)
    else:
        values, vectors = eigh(stacked @ stacked.T, check_finite=False)
        kept = values > _LEAST_VARIANCE * max(float(values[-1:].sum()), 1e-12)
        basis = stacked.T @ (vectors[:, kept] / np.sqrt(values[kept]))
    return Span(origin, np.ascontiguousarray(basis, dtype=rows.dtype))


def _sketch(rows: Floats) -> Floats:
    """Return ``MOST`` sums (MOST, dim), each of a few rows with random signs."""
    random = np.random.default_rng(0)
    n, dim = rows.shape
    dealt = np.zeros((-(-n // MOST) * MOST, dim), rows.dtype)
    dealt[:n] = rows[random.permutation(n)]
    dealt[:n] *= random.choice(np.array([-1, 1], rows.dtype), n)[:, None]
    return np.asarray(dealt.reshape(-1, MOST, dim).sum(axis=0))
