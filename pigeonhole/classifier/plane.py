"""A plane in which vectors that look alike are near each other, for drawing a map of images.

It is spanned by the first two principal components, in the space in which a head separates its
labels if there is one (`Geometry`): the directions in which the labels differ count ``1 / REST``
times as much as all others. A projection keeps its places when samples are added, unlike UMAP or
t-SNE, and takes two products for each vector.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from pigeonhole.classifier.arrays import Floats
from pigeonhole.classifier.evidence import REST, Geometry


@dataclass(frozen=True)
class Plane:
    """A projection of vectors to two dimensions."""

    columns: Floats  # (dim, 2)
    middle: Floats  # (2,)

    @classmethod
    def of(cls, rows: Floats, geometry: Geometry | None) -> "Plane":
        """Return the plane of the first two principal components of vectors (n, dim).

        It is scaled so that the farthest of these has a distance of 1 from the middle. With fewer
        than three vectors a component may be missing; its coordinate is 0.
        """
        columns = np.zeros((rows.shape[1], 2), np.float32)
        count = min(2, len(rows) - 1)
        if count > 0:
            seen = _stretched(rows - rows.mean(axis=0), geometry)
            found = PCA(count, svd_solver="randomized", random_state=0).fit(seen).components_.T
            columns[:, :count] = _stretched(found.T, geometry).T
        places = rows @ columns
        middle = places.mean(axis=0) if len(rows) else np.zeros(2, np.float32)
        farthest = np.sqrt(((places - middle) ** 2).sum(axis=1).max(initial=0)) or 1
        return cls(columns / farthest, middle / farthest)

    def places(self, rows: Floats) -> Floats:
        """Return the places ``(m, 2)`` of vectors (m, dim)."""
        return np.asarray(rows @ self.columns - self.middle)


def _stretched(rows: Floats, geometry: Geometry | None) -> Floats:
    """Return vectors with the directions that do not separate labels shortened."""
    if geometry is None:
        return rows
    inside = (rows @ geometry.axes) @ geometry.axes.T
    return np.asarray(REST * rows + (1 - REST) * inside)
