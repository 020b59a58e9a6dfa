"""Properties of the primary image of an AVIF or HEIC, which consists of boxes.

Sources: ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, 9.3
"""

from collections.abc import Iterator

MOST = 1_000  # boxes or entries of one box that are looked at


def properties(data: bytes) -> dict[bytes, list[bytes]]:
    """Return the contents of the primary item's properties, by their types."""
    found: dict[bytes, list[bytes]] = {}
    meta = dict(_boxes(data, 0, len(data))).get(b"meta")
    if meta is None:
        return found
    inside = dict(_boxes(data, meta[0] + 4, meta[1]))
    if not inside.keys() >= {b"pitm", b"iprp"}:
        return found
    start, _ = inside[b"pitm"]
    item = number(data, start + 4, 4 if number(data, start, 1) else 2)
    parts = dict(_boxes(data, *inside[b"iprp"]))
    if not parts.keys() >= {b"ipco", b"ipma"}:
        return found
    listed = list(_boxes(data, *parts[b"ipco"]))
    for index in _properties_of(data, *parts[b"ipma"], item):
        if 0 < index <= len(listed):
            kind, (start, end) = listed[index - 1]
            found.setdefault(kind, []).append(data[start:end])
    return found


def number(data: bytes, start: int, size: int) -> int:
    """Return an unsigned number; bytes behind the end are missing digits."""
    return int.from_bytes(data[start : start + size], "big")


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Iterate over the boxes of a range: their types, and where their contents start and end."""
    for _ in range(MOST):
        if start + 8 > end:
            return
        size, head = number(data, start, 4), 8
        if size == 1:
            size, head = number(data, start + 8, 8), 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            return
        yield data[start + 4 : start + 8], (start + head, start + size)
        start += size


def _properties_of(data: bytes, start: int, end: int, item: int) -> Iterator[int]:
    """Iterate over the numbers, from 1, of the properties that an ipma box gives an item."""
    wide_items, wide = number(data, start, 1) > 0, number(data, start + 3, 1) & 1
    count, place = number(data, start + 4, 4), start + 8
    for _ in range(min(count, MOST)):
        head = 4 if wide_items else 2
        id, listed = number(data, place, head), number(data, place + head, 1)
        place += head + 1
        if place + listed * (1 + wide) > end:
            return
        for _ in range(listed):
            index = number(data, place, 1 + wide)
            place += 1 + wide
            if id == item:
                yield index & (0x7FFF if wide else 0x7F)
