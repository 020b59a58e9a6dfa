"""Calibration of the cosine from which an encoder's images are near-duplicates."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance
from sklearn.datasets import load_sample_images

from pigeonhole.encoders.preprocessing import Floats

TILES = (1, 2)  # rows and columns into which each of scikit-learn's two photos is cut


def calibrate(
    preprocess: Callable[[Image.Image], Floats], embed: Callable[[Floats], Floats]
) -> float:
    """Return an encoder's mean cosine of photos and slightly altered copies of them, -1 to 1.

    The photos are tiles of those in scikit-learn. The copies are compressed as JPEG, reduced by a
    quarter, cropped by 5 % or brightened, like images that are uploaded a second time.
    """
    tiles = [tile for photo in load_sample_images().images for tile in _tiles(photo)]
    images = [each for tile in tiles for each in (tile, *_copies(tile))]
    rows = embed(np.stack([preprocess(each) for each in images]))
    rows = rows.reshape(len(tiles), -1, rows.shape[1])
    cosines = np.einsum("td,tcd->tc", rows[:, 0], rows[:, 1:])
    return round(float(cosines.mean()), 3)


def _tiles(photo: np.ndarray) -> list[Image.Image]:
    height, width = photo.shape[0] // TILES[0], photo.shape[1] // TILES[1]
    return [
        Image.fromarray(photo[top : top + height, left : left + width])
        for top in range(0, height * TILES[0], height)
        for left in range(0, width * TILES[1], width)
    ]


def _copies(tile: Image.Image) -> list[Image.Image]:
    width, height = tile.size
    saved = io.BytesIO()
    tile.save(saved, "JPEG", quality=75)
    edge = (width // 40, height // 40)
    return [
        Image.open(saved).convert("RGB"),
        tile.resize((width * 3 // 4, height * 3 // 4), Image.Resampling.BICUBIC),
        tile.crop((*edge, width - edge[0], height - edge[1])),
        ImageEnhance.Brightness(tile).enhance(1.15),
    ]
