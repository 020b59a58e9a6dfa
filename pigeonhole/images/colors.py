"""Conversion of images with a colour profile to sRGB, as browsers do it."""

import hashlib
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from pigeonhole.images.side_data import MAX_PROFILE_BYTES

NEAR = 2  # of 255; a profile that changes no colour by more is treated as sRGB
STEPS = 9  # values per channel of the colours that are tried
SPACES = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
"""Colour spaces that a profile must have, by Pillow's mode."""

_SRGB = ImageCms.createProfile("sRGB")
_INTENTS = {"CMYK": ImageCms.Intent.RELATIVE_COLORIMETRIC}
"""Intents other than perceptual, which for CMYK also stretches black; browsers do not."""


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an image converted by its ICC profile, or unchanged if the profile is unusable.

    An image whose mode is not in ``SPACES`` is not changed. Transparency is kept.
    """
    space = SPACES.get(image.mode)
    if profile is None or not 128 <= len(profile) <= MAX_PROFILE_BYTES or profile[16:20] != space:
        return image
    transform = _transform(_Profile(profile), image.mode)
    if transform is None:
        return image
    return transform.apply(image)


def is_grey(profile: bytes | None) -> bool:
    """Return whether an ICC profile is for grey values."""
    return profile is not None and profile[16:20] == SPACES["L"]


def is_rgb(profile: bytes | None) -> bool:
    """Return whether an ICC profile is for colours of red, green and blue."""
    return profile is not None and profile[16:20] == SPACES["RGB"]


class _Profile:
    """A profile that is compared by its digest, which makes comparing cache keys cheap."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.digest = hashlib.sha256(data).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Profile) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=8)
def _transform(profile: _Profile, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Build the transform to sRGB; return None if it cannot be built or changes nothing."""
    output = "RGBA" if mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile.data))
        intent = _INTENTS.get(mode, ImageCms.Intent.PERCEPTUAL)
        transform = ImageCms.buildTransform(source, _SRGB, mode, output, intent)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if mode == "CMYK":
        return transform
    tried = _colors().convert(mode)
    moved = np.asarray(transform.apply(tried).convert("RGB"), np.int16)
    distance = np.abs(moved - np.asarray(tried.convert("RGB"), np.int16)).max()
    return None if distance <= NEAR else transform


def _colors() -> Image.Image:
    """Return an image, one pixel high, of colours from all of RGB."""
    steps = np.linspace(0, 255, STEPS).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    return Image.fromarray(grid)
