"""Synthetic embeddings for tests."""

import numpy as np

from pigeonhole.classifier.arrays import Floats, Ints


def blobs(
    counts: tuple[int, ...], dim: int = 40, apart: float = 1.0, seed: int = 0
) -> tuple[Floats, Ints]:
    """Return unit rows around one direction per label, ``counts`` of each, and their labels."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(counts)), counts)
    means = apart * np.linalg.qr(rng.standard_normal((dim, len(counts))))[0].T
    rows = means[codes] + rng.standard_normal((len(codes), dim)) * 0.15
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), codes


def directions(labels: int, dim: int = 40, seed: int = 0) -> Floats:
    """Return the directions around which ``blobs`` with the same arguments places its rows."""
    rng = np.random.default_rng(seed)
    return np.asarray(np.linalg.qr(rng.standard_normal((dim, labels)))[0].T.astype(np.float32))
