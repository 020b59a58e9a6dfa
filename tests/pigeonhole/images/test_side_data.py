"""A picture whose pixels decode is accepted, even if its metadata is damaged or too long."""

import struct
import zlib
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pigeonhole.errors import UnreadableImageError
from tests.pigeonhole.images.chunks import chunk, inserted
from tests.pigeonhole.images.drawn import decode, encode


def pixels(data: bytes, *, at_least: int | None = None) -> tuple[tuple[int, int], str]:
    """Return the size of a decoded picture and a digest of its pixels."""
    rgb = decode(data, at_least=at_least).rgb
    return rgb.size, sha256(rgb.tobytes()).hexdigest()


def photo(width: int = 96, height: int = 80) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def segment(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


LONG = b"a" * 2_000_000


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LONG)),
        chunk(b"tEXt", b"Comment\0" + LONG),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LONG),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(LONG)),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(LONG)),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(100_000_000))),
        chunk(b"iCCP", b"name\0\0not deflated"),
        chunk(b"iCCP", b""),
        chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"),
        chunk(b"tEXt", b"Comment\0text", is_sound=False),
        chunk(b"eXIf", b"MM\0*", is_sound=False),
        *(
            chunk(kind, b"", is_sound=is_sound)
            for is_sound in (True, False)
            for kind in (
                *(b"gAMA", b"cHRM", b"pHYs", b"tRNS", b"sRGB", b"sBIT", b"bKGD", b"hIST", b"tIME"),
                *(b"zTXt", b"iTXt", b"sPLT", b"acTL", b"fcTL", b"cICP", b"mDCV", b"prVW"),
            )
        ),
        chunk(b"tRNS", b"\0"),
        chunk(b"tRNS", b"\0" * 300),
        chunk(b"acTL", b"\xff" * 8),
        chunk(b"t\0Xt", b"the name of no chunk"),
        chunk(b"\xc3\xa4bc", b""),
    ],
)
def test_a_png_is_read_whatever_its_metadata_chunks_contain(extra: bytes) -> None:
    for image in (photo(), photo().convert("L"), photo().quantize(16), photo().convert("1")):
        plain = encode(image, "PNG")

        assert pixels(inserted(plain, extra)) == pixels(plain)
        assert pixels(plain[:-12] + extra + plain[-12:]) == pixels(plain)
        assert pixels(plain[:-12] + extra[:-5]) == pixels(plain)  # truncated behind the pixels


def test_text_chunks_between_the_pixels_of_a_png_are_skipped() -> None:
    plain = encode(photo(), "PNG")
    place = plain.index(b"IDAT") - 4
    length = int.from_bytes(plain[place : place + 4], "big")
    body = plain[place + 8 : place + 8 + length]
    parts = [chunk(b"IDAT", body[:500]), chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", body[500:])]

    assert pixels(plain[:place] + b"".join(parts) + chunk(b"IEND", b"")) == pixels(plain)


@pytest.mark.parametrize(
    "extra",
    [
        segment(0xEE, b"Adobe\0"),
        segment(0xEE, b""),
        segment(0xE0, b"JFIF\0\1"),
        segment(0xE0, b"JFIF\0"),
        segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
        segment(0xE1, b"Exif\0\0"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta"),
        segment(0xE2, b"ICC_PROFILE\0"),
        segment(0xE2, b"ICC_PROFILE\0\1\1nonsense"),
        segment(0xE2, b"MPF\0II*\0\xff\xff\xff\xff"),
        segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0\0\0\0\x10\xff"),
        segment(0xFE, b""),
        b"\xff\xff\xff",
        b"junk",
    ],
)
def test_a_jpeg_is_read_whatever_its_metadata_segments_contain(extra: bytes) -> None:
    for options in ({}, {"progressive": True}):
        for image in (photo(), photo().convert("L"), photo(960, 800)):
            plain = encode(image, "JPEG", quality=90, **options)

            assert pixels(with_segments(plain, extra)) == pixels(plain)
            assert pixels(with_segments(plain, extra), at_least=64) == pixels(plain, at_least=64)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}])
def test_a_jpeg_may_lack_its_end_marker_but_no_pixel(options: dict[str, Any]) -> None:
    plain = encode(photo(), "JPEG", quality=90, **options)

    assert pixels(plain[:-2]) == pixels(plain[:-1]) == pixels(plain)
    for cut in range(5, len(plain) - 100, 97):
        with pytest.raises(UnreadableImageError):
            pixels(plain[:-cut])


def test_a_png_that_lacks_pixels_is_refused() -> None:
    plain = encode(photo(), "PNG")

    for cut in range(40, len(plain) - 60, 97):
        with pytest.raises(UnreadableImageError, match="truncated"):
            pixels(plain[:-cut])


def test_damaged_pixels_are_refused() -> None:
    png = bytearray(encode(photo(), "PNG"))
    place = png.index(b"IDAT") + 30
    png[place : place + 50] = b"\xaa" * 50

    with pytest.raises(UnreadableImageError, match="PNG image is damaged"):
        pixels(bytes(png))
