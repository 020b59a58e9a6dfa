"""Chunks of PNG files that the tests make."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes, *, is_sound: bool = True) -> bytes:
    checksum = zlib.crc32(kind + body) ^ (not is_sound)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def inserted(png: bytes, *extra: bytes) -> bytes:
    """A PNG with chunks behind its header."""
    return png[:33] + b"".join(extra) + png[33:]


def cicp(primaries: int, transfer: int) -> bytes:
    """The colour space by numbers."""
    return chunk(b"cICP", bytes((primaries, transfer, 0, 1)))


def light(most: int) -> bytes:
    """The brightest light of the picture, in cd/m²."""
    return chunk(b"cLLI", struct.pack(">2I", most * 10_000, 0))


def display(most: int) -> bytes:
    """The brightest light of the display on which the picture was made, in cd/m²."""
    return chunk(b"mDCV", struct.pack(">8H2I", *range(8), most * 10_000, 0))


def gamma(exponent: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(100_000 / exponent)))


def chromaticities(*points: tuple[float, float]) -> bytes:
    """Of white, red, green and blue."""
    numbers = (round(value * 100_000) for point in points for value in point)
    return chunk(b"cHRM", struct.pack(">8I", *numbers))


def written(size: tuple[int, int], bits: int, color_type: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG of rows that begin with the number of their filter."""
    header = chunk(b"IHDR", struct.pack(">2I5B", *size, bits, color_type, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return b"".join((SIGNATURE, header, *extra, pixels, chunk(b"IEND", b"")))
