"""Colour spaces that a file gives by number, as equivalent ICC profiles.

PNG has them in its chunk cICP, AVIF and HEIC in their box colr of the type nclx.

Sources: ITU-T H.273, tables 2 and 3; ISO/IEC 14496-12, 8.11 and 12.1.5; ICC.1:2022, 7 and 10
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from pigeonhole.images.side_data import CodePoints

MOST_BOXES = 1_000  # of one box that are looked at
D65 = (0.3127, 0.3290)
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
    5: Primaries((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),  # PAL
    6: NTSC,
    7: NTSC,
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),  # DCI-P3
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),  # EBU
}
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
CURVES: dict[int, tuple[float, ...]] = {  # parameters of the ICC's parametric curves
    **dict.fromkeys((1, 2, 6, 13, 14, 15), SRGB_CURVE),  # as browsers take them
    4: (2.2,),
    5: (2.8,),
    8: (1.0,),
}


@lru_cache(maxsize=32)
def profile(points: CodePoints) -> bytes | None:
    """Return an ICC profile; None for sRGB, and for what has none, such as HDR."""
    primaries, curve = PRIMARIES.get(points.primaries), CURVES.get(points.transfer)
    if primaries is None or curve is None or (primaries, curve) == (SRGB, SRGB_CURVE):
        return None
    kind = 3 if len(curve) > 1 else 0
    numbers = (round(value * 65_536) for value in curve)
    trc = b"para" + struct.pack(f">I2H{len(curve)}i", 0, kind, 0, *numbers)
    tags = {b"wtpt": _xyz(D50)}
    tags |= {
        b"rgb"[i : i + 1] + b"XYZ": _xyz(column) for i, column in enumerate(_columns(primaries))
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), trc)
    return _assembled(tags)


def of_boxes(data: bytes) -> CodePoints | None:
    """Return the colour space of the primary item of an AVIF or HEIC; None if it has no number."""
    meta = dict(_boxes(data, 0, len(data))).get(b"meta")
    if meta is None:
        return None
    found = dict(_boxes(data, meta[0] + 4, meta[1]))
    if not found.keys() >= {b"pitm", b"iprp"}:
        return None
    start, _ = found[b"pitm"]
    item = _number(data, start + 4, 4 if data[start] else 2)
    parts = dict(_boxes(data, *found[b"iprp"]))
    if not parts.keys() >= {b"ipco", b"ipma"}:
        return None
    properties = list(_boxes(data, *parts[b"ipco"]))
    for index in _properties_of(data, *parts[b"ipma"], item):
        if not 0 < index <= len(properties):
            continue
        kind, (start, end) = properties[index - 1]
        if kind == b"colr" and data[start : start + 4] == b"nclx" and end - start >= 8:
            return CodePoints(_number(data, start + 4, 2), _number(data, start + 6, 2))
    return None


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Iterate over the boxes of a range: their types, and where their contents start and end."""
    for _ in range(MOST_BOXES):
        if start + 8 > end:
            return
        size, head = _number(data, start, 4), 8
        if size == 1:
            size, head = _number(data, start + 8, 8), 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            return
        yield data[start + 4 : start + 8], (start + head, start + size)
        start += size


def _properties_of(data: bytes, start: int, end: int, item: int) -> Iterator[int]:
    """Iterate over the numbers, from 1, of the properties that an ipma box gives an item."""
    wide_items, wide = data[start] > 0, data[start + 3] & 1
    count, place = _number(data, start + 4, 4), start + 8
    for _ in range(min(count, MOST_BOXES)):
        head = 4 if wide_items else 2
        id, listed = _number(data, place, head), _number(data, place + head, 1)
        place += head + 1
        if place + listed * (1 + wide) > end:
            return
        for _ in range(listed):
            number = _number(data, place, 1 + wide)
            place += 1 + wide
            if id == item:
                yield number & (0x7FFF if wide else 0x7F)


def _number(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "big")


def _columns(primaries: Primaries) -> list[tuple[float, ...]]:
    """Return XYZ of red, green and blue, adapted from the space's own white to D50."""

    def xyz(point: tuple[float, float]) -> list[float]:
        x, y = point
        return [x / y, 1, (1 - x - y) / y]

    white = np.array(xyz(primaries.white))
    columns = np.array([xyz(point) for point in primaries[:3]]).T
    own = columns * np.linalg.solve(columns, white)
    cones = np.diag((BRADFORD @ D50) / (BRADFORD @ white))
    adapted = np.linalg.inv(BRADFORD) @ cones @ BRADFORD @ own
    return [tuple(column) for column in adapted.T]


def _xyz(values: tuple[float, ...]) -> bytes:
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
