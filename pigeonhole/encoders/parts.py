"""The parts of an image that a model sees.

A model's input is a square. For most images it is the centre. For an image longer than 2 to 1, of
which the centre shows little, there are several squares from end to end. Its embedding is a
weighted mean of theirs, in which squares that differ from the others count more.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

BEYOND = 2
"""Ratio of the sides above which an image has several parts; ordinary photos have 1.5."""
MOST = 8
"""The most parts of an image. If it is longer than 8 to 1, there are gaps between them."""


LEAST_WEIGHT = 1e-3
"""Weight of a part that equals the mean of all parts, so that equal parts have equal weights."""


@dataclass(frozen=True)
class Part:
    """A part of an upright image, in shares (0 to 1) of its width and height."""

    left: float
    top: float
    width: float
    height: float


def is_long(width: int, height: int) -> bool:
    """Return whether an image of this size has several parts."""
    return max(width, height) > BEYOND * min(width, height)


def squares(width: int, height: int) -> list[Part]:
    """Return the squares of an image that a model gets, from left to right or top to bottom."""
    shortest, longest = min(width, height), max(width, height)
    share = shortest / longest
    if is_long(width, height):
        count = min(MOST, ceil(longest / shortest))
        starts = [index * (1 - share) / (count - 1) for index in range(count)]
    else:
        starts = [(1 - share) / 2]
    if width >= height:
        return [Part(start, 0, share, 1) for start in starts]
    return [Part(0, start, 1, share) for start in starts]


def looked_at(width: int, height: int, seen: float | None) -> list[Part]:
    """Return the parts of an image that a model sees.

    Args:
        width: Pixels of the upright image.
        height: Pixels of the upright image.
        seen: Share of each square's sides that the model sees, from the centre. None: the model
            sees the whole image.
    """
    if seen is None:
        return [Part(0, 0, 1, 1)]
    edge = (1 - seen) / 2
    return [
        Part(
            part.left + edge * part.width,
            part.top + edge * part.height,
            seen * part.width,
            seen * part.height,
        )
        for part in squares(width, height)
    ]


def cut(rgb: Image.Image, width: int, height: int, seen: float | None) -> list[Image.Image]:
    """Return the parts of an image to embed.

    An image that is not long is returned whole, since the model's own transform crops its centre.

    Args:
        rgb: The upright image, which may have been decoded at a smaller size.
        width: Pixels of the image at its full size.
        height: Pixels of the image at its full size.
        seen: As for ``looked_at``.
    """
    if seen is None or not is_long(width, height):
        return [rgb]
    side = min(rgb.size)
    found = []
    for part in squares(width, height):
        left = min(round(part.left * rgb.width), rgb.width - side)
        top = min(round(part.top * rgb.height), rgb.height - side)
        found.append(rgb.crop((left, top, left + side, top + side)))
    return found


def joined(rows: Floats) -> Floats:
    """Return the embedding ``(dim,)``, of unit length, of an image from its parts' ``(n, dim)``.

    Each part is weighted by its distance (1 less the cosine) from the mean. In a plain mean, a
    small object on a long empty strip would have almost no weight.
    """
    if len(rows) == 1:
        alone: Floats = rows[0]
        return alone
    mean = rows.mean(axis=0)
    weights = LEAST_WEIGHT + np.maximum(1 - rows @ mean / _length(mean), 0)
    weighted = weights @ rows
    found: Floats = (weighted / _length(weighted)).astype(np.float32)
    return found


def _length(vector: Floats) -> float:
    return max(float(np.linalg.norm(vector)), float(np.finfo(np.float32).tiny))
