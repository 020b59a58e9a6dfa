"""Pictures that tests draw, encode and decode."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from pigeonhole import images
from pigeonhole.images import Picture

RED, WHITE = (255, 0, 0), (255, 255, 255)

LIMITS: dict[str, Any] = {"max_bytes": 20_000_000, "max_pixels": 50_000_000}


def decode(data: bytes, *, at_least: int | None = None) -> Picture:
    return images.decode(data, **LIMITS, at_least=at_least)


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def quadrants(width: int = 64, height: int = 32) -> Image.Image:
    """Return a picture: top left red, top right green, bottom left blue, bottom right white."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def corners(image: Image.Image) -> str:
    """Return the names of the colours of the four quadrants, row by row."""
    names: dict[tuple[int, ...], str] = {
        (1, 0, 0): "R",
        (0, 1, 0): "G",
        (0, 0, 1): "B",
        (1, 1, 1): "W",
    }
    found = ""
    for y in (image.height // 4, image.height * 3 // 4):
        for x in (image.width // 4, image.width * 3 // 4):
            pixel = np.asarray(image)[y, x]
            assert ((pixel < 40) | (pixel > 215)).all(), pixel
            found += names[tuple(int(value > 127) for value in pixel)]
    return found
