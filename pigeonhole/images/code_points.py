"""Colour spaces that a file gives by number or measured values, as equivalent ICC profiles.

PNG has numbers in its chunk cICP, AVIF and HEIC in their box colr of the type nclx, and a profile
in its tag cicp. PNG has measured values in its chunks gAMA and cHRM.

Sources: ITU-T H.273, tables 2 and 3; ISO/IEC 14496-12, 12.1.5; ICC.1:2022, 7, 9.2 and 10;
https://www.w3.org/TR/png-3/, section 11.3.2
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pigeonhole.images.boxes import number
from pigeonhole.images.side_data import Calibration, CodePoints

MOST_TAGS = 100  # of one profile that are looked at
D65 = (0.3127, 0.3290)
C = (0.310, 0.316)
D50 = (0.9642, 1.0, 0.8249)
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


class Primaries(NamedTuple):
    """Chromaticities (x, y)."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float] = D65


SRGB = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
NTSC = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
PRIMARIES = {
    1: SRGB,
    4: Primaries((0.670, 0.330), (0.210, 0.710), (0.140, 0.080), C),  # NTSC of 1953
    5: Primaries((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),  # PAL
    6: NTSC,
    7: NTSC,
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), C),  # film
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    10: Primaries((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1 / 3, 1 / 3)),  # CIE XYZ
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),  # DCI-P3
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),  # EBU
}
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
CURVES: dict[int, tuple[float, ...]] = {  # parameters of the ICC's parametric curves
    **dict.fromkeys((1, 6, 11, 14, 15), (2.4,)),  # as browsers take them
    **dict.fromkeys((2, 13), SRGB_CURVE),
    4: (2.2,),
    5: (2.8,),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: (1.0,),
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0),
}
BOXED_CURVES = CURVES | dict.fromkeys((1, 6, 14, 15), SRGB_CURVE)  # also as browsers take them
GAMMA_OF_SRGB, LEAST_GAMMA, MOST_GAMMA = 45_455, 10_000, 1_000_000
OF_SRGB = {  # the values that PNG recommends beside its chunk sRGB
    Calibration(GAMMA_OF_SRGB, (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
}
KINDS = {1: 0, 3: 1, 5: 3}  # of parametric curves, by their number of parameters


@lru_cache(maxsize=32)
def profile(points: CodePoints, *, is_boxed: bool = False) -> bytes | None:
    """Return an ICC profile, which is empty for sRGB; None for what has none, such as HDR."""
    primaries = PRIMARIES.get(points.primaries)
    curve = (BOXED_CURVES if is_boxed else CURVES).get(points.transfer)
    if primaries is None or curve is None:
        return None
    if (primaries, curve) == (SRGB, SRGB_CURVE):
        return b""
    return _made(primaries, curve)


def _made(primaries: Primaries, curve: tuple[float, ...]) -> bytes:
    """Return the ICC profile of a colour space."""
    numbers = (round(value * 65_536) for value in curve)
    trc = b"para" + struct.pack(f">I2H{len(curve)}i", 0, KINDS[len(curve)], 0, *numbers)
    tags = {b"wtpt": _xyz(D50)}
    tags |= {
        b"rgb"[i : i + 1] + b"XYZ": _xyz(column) for i, column in enumerate(adapted(primaries).T)
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), trc)
    return _assembled(tags)


def calibrated(measured: Calibration) -> bytes | None:
    """Return an ICC profile; None if the values are those of sRGB, or impossible."""
    if measured in OF_SRGB or not LEAST_GAMMA <= measured.gamma <= MOST_GAMMA:
        return None
    primaries = SRGB
    if measured.chromaticities is not None:
        values = [value / 100_000 for value in measured.chromaticities]
        white, red, green, blue = zip(values[::2], values[1::2], strict=True)
        if not white[1]:
            return None
        primaries = Primaries(red, green, blue, white)
    elif abs(measured.gamma - GAMMA_OF_SRGB) < 0.05 * GAMMA_OF_SRGB:
        return None
    try:
        with np.errstate(all="raise"):
            return _made(primaries, (100_000 / measured.gamma,))
    except (np.linalg.LinAlgError, ArithmeticError, ValueError, struct.error):
        # They are singular, or their matrix has too large numbers for a profile.
        return None


def of_profile(data: bytes) -> CodePoints | None:
    """Return the colour space of an ICC profile that gives it by number."""
    for index in range(min(number(data, 128, 4), MOST_TAGS)):
        entry = 132 + 12 * index
        if data[entry : entry + 4] == b"cicp":
            start = number(data, entry + 4, 4)
            tag = data[start : start + 12]
            return CodePoints(*tag[8:10]) if len(tag) == 12 and tag[:4] == b"cicp" else None
    return None


def of_boxes(properties: Mapping[bytes, Sequence[bytes]]) -> CodePoints | None:
    """Return the colour space that an AVIF or HEIC gives by number."""
    for data in properties.get(b"colr", ()):
        if data[:4] == b"nclx" and len(data) >= 8:
            return CodePoints(number(data, 4, 2), number(data, 6, 2))
    return None


def own(primaries: Primaries) -> NDArray[np.float64]:
    """Return XYZ of red, green and blue as columns; the sum of Y is 1."""

    def xyz(point: tuple[float, float]) -> list[float]:
        x, y = point
        return [x, y, 1 - x - y]

    white = np.array(xyz(primaries.white)) / primaries.white[1]
    columns = np.array([xyz(point) for point in primaries[:3]]).T
    scaled: NDArray[np.float64] = columns * np.linalg.solve(columns, white)
    return scaled


def adapted(primaries: Primaries) -> NDArray[np.float64]:
    """Return XYZ of red, green and blue as columns, adapted from the space's own white to D50."""
    columns = own(primaries)
    cones = np.diag((BRADFORD @ D50) / (BRADFORD @ columns.sum(axis=1)))
    found: NDArray[np.float64] = np.linalg.inv(BRADFORD) @ cones @ BRADFORD @ columns
    return found


def _xyz(values: Iterable[float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65_536) for value in values))


def _assembled(tags: dict[bytes, bytes]) -> bytes:
    """Put together a header, a table of tags and their data."""
    table, body = struct.pack(">I", len(tags)), b""
    start = 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = bytes(4) + b"\x04\0\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += _xyz(D50)[8:] + bytes(48)
    return struct.pack(">I", start + len(body)) + head + table + body
