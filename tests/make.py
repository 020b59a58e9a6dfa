"""Pictures for tests."""

import base64
import functools
import io

import numpy as np
from PIL import Image, ImageOps
from sklearn.datasets import load_digits


def picture(seed: int = 0, *, side: int = 48, format: str = "PNG") -> bytes:
    """Return a picture of coloured noise for a seed, coarse enough to survive scaling."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return encode(Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC), format)


def encode(image: Image.Image, format: str = "PNG") -> bytes:
    """Return the bytes of a picture."""
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def data_uri(picture: bytes) -> str:
    """Return a PNG as a data URI."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@functools.cache
def digits(count: int = 400, format: str = "PNG") -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """Return scikit-learn's hand-written digits, enlarged to 96 pixels, and their names."""
    data = load_digits()
    pictures = tuple(
        encode(
            Image.fromarray((255 - image * 15.9).astype(np.uint8)).resize(
                (96, 96), Image.Resampling.BICUBIC
            ),
            format,
        )
        for image in data.images[:count]
    )
    return pictures, tuple(str(target) for target in data.target[:count])


def colored(picture: bytes, seed: int) -> bytes:
    """A picture in its own ink on its own paper: alike as digits are, some encoders mix them up."""
    random = np.random.default_rng(seed)
    ink, paper = (
        tuple(int(part) for part in random.integers(least, most, 3))
        for least, most in ((0, 90), (120, 256))
    )
    return encode(ImageOps.colorize(Image.open(io.BytesIO(picture)).convert("L"), ink, paper))
