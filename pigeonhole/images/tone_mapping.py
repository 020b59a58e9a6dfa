"""Conversion of HDR images to sRGB, as browsers show them on a display that has no HDR.

White at 203 cd/m² becomes half of the display's light, and the light above it is compressed by a
curve up to the brightest light of the image.

Sources: ITU-R BT.2100-3, tables 4 and 5; ITU-R BT.2408; SMPTE ST 2094-50, annex C
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.images.boxes import number
from pigeonhole.images.code_points import PRIMARIES, adapted, own
from pigeonhole.images.side_data import CodePoints
from pigeonhole.images.tiles import tiles

PQ, HLG = 16, 18  # transfer functions
WHITE = 203.0  # cd/m²
PEAK = 1_000.0  # cd/m² of the display for which HLG is made, and the default
MOST = 10_000.0  # cd/m² of PQ
BENT = 0.65  # how far the curve bends
WIDE, SRGB = 9, 1  # primaries: of BT.2020, in which light is compressed, and of sRGB
STEPS = np.arange(256) / 255  # values of a channel
LIGHT = np.linspace(0, 1, 1 << 13) ** 2
ENCODED = np.round(
    255 * np.where(LIGHT <= 0.0031308, LIGHT * 12.92, 1.055 * LIGHT ** (1 / 2.4) - 0.055)
).astype(np.uint8)  # sRGB of this light

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class HighRange:
    """The colour space of an HDR image."""

    points: CodePoints
    peak: float  # cd/m² of the brightest light

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """Return an image in mode RGB, or in RGBA if it has transparency."""
        found = image.convert("RGBA" if image.has_transparency_data else "RGB")
        for place, tile in tiles(found):
            values = np.array(tile)
            values[..., :3] = np.moveaxis(_shown(np.moveaxis(values[..., :3], -1, 0), self), 0, -1)
            found.paste(Image.fromarray(values), place)
        return found


def high_range(points: CodePoints, peak: float | None) -> HighRange | None:
    """Return the colour space of an HDR image with this peak, if known; None for other images."""
    if points.transfer not in (PQ, HLG) or points.primaries not in PRIMARIES:
        return None
    return HighRange(points, min(peak or PEAK, MOST))


def peak_of_boxes(properties: Mapping[bytes, Sequence[bytes]]) -> float | None:
    """Return the brightest light, in cd/m², that an AVIF or HEIC gives."""
    for data in properties.get(b"clli", ()):
        if most := number(data, 0, 2):
            return float(most)
    for data in properties.get(b"mdcv", ()):
        if most := number(data, 16, 4):
            return most / 10_000
    return None


def _shown(values: NDArray[np.uint8], space: HighRange) -> NDArray[np.uint8]:
    """Return sRGB for colours ``(3, ...)`` of an HDR image."""
    primaries = PRIMARIES[space.points.primaries]
    if space.points.transfer == PQ:
        light = _pq(STEPS)[values]
    else:
        light = _hlg(STEPS)[values]
        luminance = _times(own(primaries)[1:2], light)
        light *= PEAK / WHITE * luminance**0.2
    wide, srgb = adapted(PRIMARIES[WIDE]), adapted(PRIMARIES[SRGB])
    light = _compressed(_times(np.linalg.inv(wide) @ adapted(primaries), light), space.peak)
    light = _times(np.linalg.inv(srgb) @ wide, light).clip(0, 1)
    return ENCODED[(np.sqrt(light) * (len(ENCODED) - 1) + 0.5).astype(np.uint16)]


def _times(matrix: NDArray[np.float64], light: Floats) -> Floats:
    """Return the product of a matrix and each colour; einsum starts no threads."""
    product: Floats = np.einsum("ij,j...->i...", matrix.astype(np.float32), light)
    return product


def _pq(values: NDArray[np.float64]) -> Floats:
    """Return light relative to white."""
    root = values ** (32 / 2_523)
    light = np.maximum(root - 3_424 / 4_096, 0) / (2_413 / 128 - 2_392 / 128 * root)
    return (light ** (16_384 / 2_610) * MOST / WHITE).astype(np.float32)


def _hlg(values: NDArray[np.float64]) -> Floats:
    """Return light of the scene, 0 to 1."""
    high = (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(values <= 0.5, values**2 / 3, high).astype(np.float32)


def _compressed(light: Floats, peak: float) -> Floats:
    """Return light of BT.2020 primaries, relative to white, compressed to at most 1.

    All channels are scaled alike, by what the curve makes of the largest. It is straight up to
    white, and a quadratic Bézier curve from there to the peak.
    """
    if peak <= WHITE:
        return light
    white = 1 - 0.5 * min(log2(peak / WHITE) / log2(PEAK / WHITE), 1)
    end = peak / WHITE
    start, middle = (1.0, white), (1 - BENT + BENT / white, (1 - BENT) * white + BENT)
    (a, c), (b, d) = (
        (first - 2 * second + third, 2 * (second - first))
        for first, second, third in zip(start, middle, (end, 1.0), strict=True)
    )
    largest = light.max(axis=0)
    over = largest.clip(1, end) - 1
    share = 2 * over / (c + np.sqrt(c * c + 4 * a * over))  # of the way along the curve
    lowered = (white + share * (d + share * b)) / np.maximum(largest, 1)
    found: Floats = light * np.where(largest <= 1, white, lowered)
    return found
