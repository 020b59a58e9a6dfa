"""Steps that all encoders share, before the model's own transform and after its network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.encoders.parts import BEYOND, MOST

VERSION = 4  # part of an encoder's identity; raise it if the embedding of an image changes
LONGEST = 8  # ratio of the sides to which a longer image is cropped

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Preprocessing:
    """How an upright image in sRGB is resized and cropped, or padded, for the network."""

    resize: int  # pixels of the shortest side, or of both sides if ``squash``
    squash: bool  # whether the image is resized to a square regardless of its shape
    interpolation: str  # Pillow's name of the filter, in lower case
    crop: int  # pixels of the central square that is used
    longest: int = LONGEST  # if ``squash``: the most that the sides may differ, as a factor
    beyond: int = BEYOND  # ratio of the sides above which an image has several parts
    most: int = MOST  # the most parts of an image
    fill: int | None = None  # 0 to 255: the longest side is resized, and the rest is this grey


def transformed(rgb: Image.Image, transform: Callable[[Image.Image], Floats]) -> Floats:
    """Return an image ``(3, h, w)`` after a model's transform.

    An image longer than 8 to 1 is cropped to its centre first. Otherwise the transform, which
    resizes the shortest side to the model's size, could take any amount of memory.
    """
    most = LONGEST * min(rgb.size)
    if max(rgb.size) > most:
        width, height = min(rgb.width, most), min(rgb.height, most)
        left, top = (rgb.width - width) // 2, (rgb.height - height) // 2
        rgb = rgb.crop((left, top, left + width, top + height))
    return transform(rgb)


def squared(rgb: Image.Image, steps: Preprocessing) -> NDArray[np.uint8]:
    """Return an image resized and cropped as torchvision does it, ``(3, crop, crop)``.

    It is padded as open_clip does it, if the steps say so.
    """
    if steps.fill is not None:
        return _padded(rgb, steps, steps.fill)
    if steps.squash:
        size = (steps.resize, steps.resize)
    else:
        long = int(steps.resize * max(rgb.size) / min(rgb.size))
        size = (steps.resize, long) if rgb.width <= rgb.height else (long, steps.resize)
    resized = rgb.resize(size, Image.Resampling[steps.interpolation.upper()])
    left, top = (round((side - steps.crop) / 2) for side in size)
    square = resized.crop((left, top, left + steps.crop, top + steps.crop))
    return np.ascontiguousarray(np.asarray(square, np.uint8).transpose(2, 0, 1))


def _padded(rgb: Image.Image, steps: Preprocessing, fill: int) -> NDArray[np.uint8]:
    ratio = max(rgb.size) / steps.resize
    width, height = (round(side / ratio) for side in rgb.size)
    resized = rgb.resize((width, height), Image.Resampling[steps.interpolation.upper()])
    found = np.full((3, steps.crop, steps.crop), fill, np.uint8)
    left, top = (steps.crop - width) // 2, (steps.crop - height) // 2
    pixels = np.asarray(resized, np.uint8).transpose(2, 0, 1)
    found[:, top : top + height, left : left + width] = pixels
    return found


def normalised(squares: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float]) -> Floats:
    """Return pixels ``(..., 3, h, w)`` less the mean and divided by the deviation of channels.

    Both are on the scale of 0 to 1.
    """
    scaled = squares.astype(np.float32) / np.float32(255)
    offset, scale = (np.array(each, np.float32)[:, None, None] for each in (mean, std))
    found: Floats = (scaled - offset) / scale
    return found


def unit(rows: Floats) -> Floats:
    """Return rows scaled to length 1; rows of zeros stay zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled
