"""Two real photos, which ship inside scikit-learn, and crops of them."""

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image


def photo(name: str) -> Image.Image:
    """Return ``china.jpg`` (a temple) or ``flower.jpg``, 640 x 427 pixels."""
    return Image.fromarray(np.asarray(load_sample_image(name)))


def crops(name: str) -> list[Image.Image]:
    """Return three overlapping crops of a photo, 380 x 380 pixels."""
    whole = photo(name)
    return [whole.crop((left, 20, left + 380, 400)) for left in (40, 120, 200)]
