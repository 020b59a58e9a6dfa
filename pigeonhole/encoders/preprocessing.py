"""Steps that all encoders share, before the model's own transform and after its network."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

VERSION = 4  # part of an encoder's identity; raise it if the embedding of an image changes
LONGEST = 8  # ratio of the sides to which a longer image is cropped

Floats = NDArray[np.float32]


def transformed(rgb: Image.Image, transform: Callable[[Image.Image], torch.Tensor]) -> Floats:
    """Return an image ``(3, h, w)`` after a model's transform.

    An image longer than 8 to 1 is cropped to its centre first. Otherwise the transform, which
    resizes the shortest side to the model's size, could take any amount of memory.
    """
    most = LONGEST * min(rgb.size)
    if max(rgb.size) > most:
        width, height = min(rgb.width, most), min(rgb.height, most)
        left, top = (rgb.width - width) // 2, (rgb.height - height) // 2
        rgb = rgb.crop((left, top, left + width, top + height))
    pixels: Floats = transform(rgb).numpy()
    return pixels


def unit(rows: Floats) -> Floats:
    """Return rows scaled to length 1; rows of zeros stay zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled
