"""Separation of a PNG's or JPEG's pixel data from its metadata.

Decoders refuse a whole image because of a damaged text, density or checksum that no pixel depends
on, although browsers show such images. So metadata is removed before decoding. The colour profile
and the EXIF data are returned separately, so that damage to them cannot affect the pixels.

Sources: https://www.w3.org/TR/png-3/, section 5; ITU-T T.81, annex B;
https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header
"""

import re
import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PROFILE_BYTES = 4 << 20  # of a colour profile; a longer one is ignored
MAX_EXIF_BYTES = 1 << 20
TRANSPARENCY_BYTES = {0: 2, 2: 6}  # of tRNS, by the PNG's colour type
PALETTE = 3  # the PNG colour type
COLOR_BYTES = {  # lengths of PNG's chunks that say what the colours are; None: any
    b"cICP": 4,
    b"cLLI": 8,
    b"mDCV": 24,
    b"iCCP": None,
    b"sRGB": 1,
    b"gAMA": 4,
    b"cHRM": 32,
}
RGB_IN_FULL_RANGE = b"\0\1"  # the last bytes of cICP; browsers ignore it with others
BMP_HEADER_BYTES = (124).to_bytes(4, "little")  # of version 5
PROFILE_EMBEDDED = b"DEBM"


class CodePoints(NamedTuple):
    """A colour space by the numbers of ITU-T H.273."""

    primaries: int
    transfer: int


class Calibration(NamedTuple):
    """A colour space by measured values, as PNG has it in its chunks gAMA and cHRM."""

    gamma: int  # times 100,000
    chromaticities: tuple[int, ...] | None  # x, y of white, red, green, blue, times 100,000


@dataclass(frozen=True)
class Needed:
    """The bytes that a decoder needs, and the metadata that it may use."""

    data: bytes
    profile: bytes | None = None  # an ICC profile, unchecked
    points: CodePoints | None = None  # of a PNG; they take precedence over its profile
    calibration: Calibration | None = None  # of a PNG, if it has no profile
    peak: float | None = None  # cd/m² of the brightest light of a PNG, if it says so
    exif: bytes | None = None  # unchecked
    lacks_end: bool = False  # a JPEG whose end marker was missing and was added


def split(data: bytes) -> Needed:
    """Return the pixel data and metadata of a file; other formats than PNG and JPEG stay whole.

    Pillow reads the profiles of other formats, except for BMP.
    """
    if data.startswith(PNG_SIGNATURE):
        return _split_png(data)
    if data.startswith(b"\xff\xd8"):
        return _split_jpeg(data)
    if data.startswith(b"BM"):
        return Needed(data, _profile_of_bmp(data))
    return Needed(data)


def _profile_of_bmp(data: bytes) -> bytes | None:
    """Return the profile at the place that a header of version 5 gives."""
    if data[14:18] != BMP_HEADER_BYTES or data[70:74] != PROFILE_EMBEDDED:
        return None
    start, length = (int.from_bytes(data[place : place + 4], "little") for place in (126, 130))
    found = data[14 + start : 14 + start + min(length, MAX_PROFILE_BYTES + 1)]
    return found if len(found) <= MAX_PROFILE_BYTES else None


def _split_png(data: bytes) -> Needed:
    kept = [PNG_SIGNATURE]
    side: dict[bytes, bytes] = {}
    color_type, colors, has_transparency, has_pixels = -1, 0, False, False
    place = len(PNG_SIGNATURE)
    while place + 8 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        end = place + 12 + length
        body = data[place + 8 : end - 4]
        is_sound = end <= len(data) and zlib.crc32(data[place + 4 : end - 4]) == int.from_bytes(
            data[end - 4 : end], "big"
        )
        is_chunk = end <= len(data) and (is_sound or kind.isalpha())
        if not is_chunk and has_pixels and kind != b"IDAT":
            break  # garbage after the pixels
        if not is_chunk:  # let the decoder judge the rest
            kept.append(data[place:])
            break
        if kind.isalpha() and kind[0:1].isupper():
            kept.append(data[place:end])
        if kind == b"IHDR" and length > 9:
            color_type = body[9]
        elif kind == b"PLTE":
            colors = length // 3
        elif kind == b"IDAT":
            has_pixels = True
        elif kind == b"IEND":
            break
        elif not is_sound:
            pass
        elif kind == b"tRNS" and not (has_transparency or has_pixels):
            if length == TRANSPARENCY_BYTES.get(color_type) or (
                color_type == PALETTE and 0 < length <= colors
            ):
                kept.append(data[place:end])
                has_transparency = True
        elif kind == b"eXIf" or (not has_pixels and COLOR_BYTES.get(kind, -1) in (None, length)):
            side.setdefault(kind, body)
        place = end
    return _of_chunks(b"".join(kept), side)


def _of_chunks(data: bytes, side: dict[bytes, bytes]) -> Needed:
    """Return what a PNG's side chunks say; each of them is sound and has the right length."""
    points = calibration = peak = None
    if side.get(b"cICP", b"")[2:] == RGB_IN_FULL_RANGE:
        points = CodePoints(*side[b"cICP"][:2])
    profile = _inflated_profile(side[b"iCCP"]) if b"iCCP" in side else None
    if b"gAMA" in side and b"sRGB" not in side and profile is None:
        chromaticities = struct.unpack(">8I", side[b"cHRM"]) if b"cHRM" in side else None
        calibration = Calibration(int.from_bytes(side[b"gAMA"], "big"), chromaticities)
    for kind, start in ((b"mDCV", 16), (b"cLLI", 0)):  # the last has precedence
        most = int.from_bytes(side.get(kind, b"")[start : start + 4], "big")
        peak = most / 10_000 if most else peak
    exif = side.get(b"eXIf")
    is_short = exif is not None and len(exif) <= MAX_EXIF_BYTES
    return Needed(data, profile, points, calibration, peak, exif if is_short else None)


def _inflated_profile(body: bytes) -> bytes | None:
    """Return the inflated profile of an iCCP chunk; None if it is damaged or too long.

    As in libpng, a profile is only used if its length is the one in its first four bytes.
    """
    _, _, rest = body.partition(b"\0")
    try:
        found = zlib.decompressobj().decompress(rest[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return None
    is_whole = len(found) <= MAX_PROFILE_BYTES and len(found) == int.from_bytes(found[:4], "big")
    return found if is_whole else None


START_OF_SCAN = 0xDA
END = b"\xff\xd9"
FRAMES_AND_TABLES = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}
ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
MARKER = re.compile(rb"\xff+[^\x00\xff]")


def _split_jpeg(data: bytes) -> Needed:
    kept = [b"\xff\xd8"]
    profile_parts: dict[int, bytes] = {}
    exif = None
    place = 2
    while (found := MARKER.search(data, place)) is not None:
        start, kind = found.end(), data[found.end() - 1]
        if kind == START_OF_SCAN:
            return _with_scans(data, found.end() - 2, kept, profile_parts, exif)
        if kind == END[1]:
            break
        if kind in ALONE:
            place = start
            continue
        length = int.from_bytes(data[start : start + 2], "big")
        end = start + length
        body = data[start + 2 : end]
        if length < 2 or end > len(data):
            break
        if kind in FRAMES_AND_TABLES or _is_needed(kind, body):
            kept.append(data[start - 2 : end])
        elif kind == 0xE1 and body.startswith(b"Exif\0\0") and exif is None:
            exif = body[6:]
        elif kind == 0xE2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
            profile_parts.setdefault(body[12], body[14:])
        place = end
    return Needed(data)  # there is no scan: let the decoder report what is wrong


def _is_needed(kind: int, body: bytes) -> bool:
    """Return whether an application segment is complete and says how colours are stored."""
    return (kind == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14) or (
        kind == 0xEE and body.startswith(b"Adobe") and len(body) >= 12
    )


def _with_scans(
    data: bytes, place: int, kept: list[bytes], profile_parts: dict[int, bytes], exif: bytes | None
) -> Needed:
    end = data.find(END, place)
    lacks_end = end == -1
    kept.append(data[place:].rstrip(b"\xff") + END if lacks_end else data[place : end + 2])
    profile = b"".join(part for _, part in sorted(profile_parts.items()))
    is_usable = 0 < len(profile) <= MAX_PROFILE_BYTES
    return Needed(b"".join(kept), profile if is_usable else None, exif=exif, lacks_end=lacks_end)
