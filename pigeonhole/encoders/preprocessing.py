"""What every encoder does around its own transform and its own network."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

VERSION = 1  # part of an encoder's identity: raise it when equal pictures come out differently
LONGEST = 8  # times the shortest side

Floats = NDArray[np.float32]


def transformed(rgb: Image.Image, transform: Callable[[Image.Image], torch.Tensor]) -> Floats:
    """Apply a model's transform, to ``(3, h, w)``.

    A strip longer than 8 to 1 is cut to its middle first: the transform brings the shortest side
    to the model's size, which would take memory without bound.
    """
    most = LONGEST * min(rgb.size)
    if max(rgb.size) > most:
        width, height = min(rgb.width, most), min(rgb.height, most)
        left, top = (rgb.width - width) // 2, (rgb.height - height) // 2
        rgb = rgb.crop((left, top, left + width, top + height))
    pixels: Floats = transform(rgb).numpy()
    return pixels


def unit(rows: Floats) -> Floats:
    """Bring each row to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled
