"""ICC profiles for tests: a matrix of primaries and a gamma, as displays have them."""

import struct

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
SRGB = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
D65 = np.array([0.3127, 0.3290])
D50 = np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def matrix(primaries: tuple[tuple[float, float], ...]) -> Floats:
    """Return the matrix from linear RGB with white D65 to XYZ adapted to D50."""
    xyz = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([D65[0] / D65[1], 1, (1 - D65.sum()) / D65[1]])
    own = xyz * np.linalg.solve(xyz, white)
    scale = np.diag((BRADFORD @ D50) / (BRADFORD @ white))
    adapted: Floats = np.linalg.inv(BRADFORD) @ scale @ BRADFORD @ own
    return adapted


def light_of(values: Floats) -> Floats:
    """Convert sRGB values to linear light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encoded(light: Floats) -> Floats:
    """Convert linear light to sRGB values."""
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def profile(
    primaries: tuple[tuple[float, float], ...],
    *,
    linear: bool = False,
    more: dict[bytes, bytes] | None = None,
) -> bytes:
    """An ICC profile, version 2, with sRGB's curve or none, and with more tags."""
    steps = np.round(light_of(np.linspace(0, 1, 1_024)) * 65_535).astype(">u2")
    curve = b"curv\0\0\0\0" + struct.pack(">I", 1_024) + steps.tobytes()
    if linear:
        curve = b"curv\0\0\0\0\0\0\0\0"
    columns = matrix(primaries).T
    tags = {b"wtpt": _xyz(D50), b"desc": b"desc\0\0\0\0\0\0\0\2a\0" + bytes(78)}
    tags |= {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns)}  # noqa: B905
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return assembled(tags | (more or {}), b"RGB ", b"XYZ ")


def numbered(primaries: int, transfer: int) -> bytes:
    """An ICC profile of sRGB that gives another colour space by numbers."""
    tag = b"cicp\0\0\0\0" + bytes((primaries, transfer, 0, 1))
    return profile(SRGB, more={b"cicp": tag})


def named(data: bytes, primaries: int, transfer: int) -> bytes:
    """Change the numbers that name the colour space in a file made of boxes."""
    start = data.index(b"nclx") + 4
    return data[:start] + bytes((0, primaries, 0, transfer)) + data[start + 4 :]


def grey_profile(gamma: float) -> bytes:
    """Return an ICC profile for grey values."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    return assembled({b"wtpt": _xyz(D50), b"kTRC": curve + b"\0\0"}, b"GRAY", b"XYZ ")


INKS = {  # Lab of full cyan, magenta, yellow and black on paper, as an offset press prints them
    "": (100, 0, 0), "c": (55, -37, -50), "m": (48, 74, -3), "y": (89, -5, 93),
    "cm": (24, 17, -46), "cy": (50, -68, 33), "my": (47, 68, 48), "cmy": (23, 0, 0),
}  # fmt: skip


def cmyk_profile() -> bytes:
    """Return an ICC profile of a printing press: a table of the 16 mixtures of full inks."""
    table = b""
    for number in range(16):
        inks = "".join(ink for bit, ink in zip((8, 4, 2), "cmy", strict=True) if number & bit)
        lab = (16, 0, 0) if number & 1 else INKS[inks]
        table += bytes((round(lab[0] * 2.55), lab[1] + 128, lab[2] + 128))
    straight = bytes(range(256))
    identity = struct.pack(">9i", *(65_536 * (i % 4 == 0) for i in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + 4 * straight + table + 3 * straight
    return assembled({b"wtpt": _xyz(D50), b"A2B0": lut}, b"CMYK", b"Lab ")


def assembled(tags: dict[bytes, bytes], space: bytes, connection: bytes) -> bytes:
    """Return a profile: a header, a table of tags, and their data."""
    table, body = struct.pack(">I", len(tags)), b""
    start = 132 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", start + len(body), len(data))
        body += padded
    head = b"none\x02\x40\0\0" + (b"mntr" if space != b"CMYK" else b"prtr") + space + connection
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += struct.pack(">3i", *(round(value * 65_536) for value in D50)) + bytes(48)
    return struct.pack(">I", start + len(body)) + head + table + body


def _xyz(values: Floats) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65_536) for value in values))
