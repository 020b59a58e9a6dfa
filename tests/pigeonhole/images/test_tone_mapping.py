"""HDR pictures look as browsers show them on a display that has no HDR.

The colours that are expected were read from Chromium 156, which showed files made in this way.
"""

import tracemalloc
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pigeonhole.images import chunks, profiles
from tests.pigeonhole.images.drawn import decode, encode

STORED = [
    *((0, 0, 0), (255, 255, 255), (120, 120, 120), (180, 120, 120), (120, 180, 64)),
    *((64, 120, 210), (210, 150, 64), (150, 64, 180), (64, 64, 64), (210, 210, 180)),
]
PQ = [
    *((0, 0, 0), (255, 255, 255), (114, 114, 114), (255, 0, 79), (0, 254, 0)),
    *((0, 50, 255), (255, 10, 0), (173, 0, 253), (30, 30, 30), (255, 255, 140)),
]
HLG = [
    *((0, 0, 0), (255, 255, 255), (92, 92, 92), (184, 84, 94), (0, 169, 5)),
    *((0, 94, 206), (246, 106, 20), (135, 25, 155), (43, 43, 43), (217, 214, 156)),
]
HLG_OF_SRGB = [
    *((0, 0, 0), (255, 255, 255), (92, 92, 92), (156, 95, 95), (100, 163, 54)),
    *((50, 93, 200), (214, 126, 54), (114, 48, 147), (43, 43, 43), (214, 214, 163)),
]
PQ_OF_P3 = [
    *((0, 0, 0), (255, 255, 255), (114, 114, 114), (255, 74, 85), (0, 250, 0)),
    *((0, 54, 255), (255, 88, 0), (162, 0, 252), (30, 30, 30), (255, 255, 144)),
]
PQ_TO_400 = [  # cd/m²
    *((0, 0, 0), (255, 255, 255), (141, 141, 141), (255, 0, 84), (0, 255, 0)),
    *((0, 50, 255), (255, 10, 0), (183, 0, 255), (39, 39, 39), (255, 255, 140)),
]
PQ_TO_600 = [
    *((0, 0, 0), (255, 255, 255), (130, 130, 130), (255, 0, 84), (0, 255, 0)),
    *((0, 50, 255), (255, 10, 0), (183, 0, 255), (35, 35, 35), (255, 255, 140)),
]
PQ_TO_3000 = [
    *((0, 0, 0), (255, 255, 255), (114, 114, 114), (255, 0, 71), (0, 232, 0)),
    *((0, 47, 255), (255, 9, 0), (158, 0, 232), (30, 30, 30), (250, 246, 134)),
]
PQ_TO_100 = [  # below white, so that nothing is compressed
    *((0, 0, 0), (255, 255, 255), (157, 157, 157), (255, 0, 145), (0, 255, 0)),
    *((0, 149, 255), (255, 48, 0), (255, 0, 255), (44, 44, 44), (255, 255, 255)),
]


def patches() -> Image.Image:
    colors = np.array(STORED, np.uint8).reshape(1, -1, 3)
    return Image.fromarray(colors.repeat(16, axis=1).repeat(16, axis=0))


def seen(data: bytes) -> Any:
    return np.asarray(decode(data).rgb)[8, 8::16].astype(int)


def png(*extra: bytes, image: Image.Image | None = None, **options: Any) -> bytes:
    return chunks.inserted(encode(image or patches(), "PNG", **options), *extra)


@pytest.mark.parametrize(
    ("extra", "shown"),
    [
        ([chunks.cicp(9, 16)], PQ),
        ([chunks.cicp(9, 18)], HLG),
        ([chunks.cicp(12, 16)], PQ_OF_P3),
        ([chunks.cicp(1, 18)], HLG_OF_SRGB),
        ([chunks.light(400), chunks.cicp(9, 16)], PQ_TO_400),
        ([chunks.light(100), chunks.cicp(9, 16)], PQ_TO_100),
        ([chunks.display(600), chunks.cicp(9, 16)], PQ_TO_600),
        ([chunks.cicp(9, 16), chunks.display(600), chunks.light(3_000)], PQ_TO_3000),
        ([chunks.light(0), chunks.cicp(9, 16)], PQ),
        ([chunks.light(400)[:-1] + b"\0", chunks.cicp(9, 16)], PQ),
    ],
)
def test_an_hdr_png_looks_as_in_a_browser(
    extra: list[bytes], shown: list[tuple[int, int, int]]
) -> None:
    assert np.abs(seen(png(*extra)) - shown).max() <= 3
    assert np.abs(seen(png(*extra)) - shown).mean() <= 0.3


@pytest.mark.parametrize(
    "make",
    [
        lambda: encode(patches(), "PNG", icc_profile=profiles.numbered(9, 16)),
        lambda: encode(patches(), "WEBP", lossless=True, icc_profile=profiles.numbered(9, 16)),
        lambda: png(chunks.cicp(9, 16), icc_profile=profiles.profile(profiles.ADOBE_RGB)),
        lambda: png(chunks.cicp(9, 16), image=patches().quantize(10)),
        lambda: png(chunks.cicp(9, 16), image=patches().convert("RGBA")),
        lambda: deep_png(chunks.cicp(9, 16)),
    ],
)
def test_every_kind_of_file_that_is_hdr_is_converted(make: Callable[[], bytes]) -> None:
    assert np.abs(seen(make()) - PQ).max() <= 2


@pytest.mark.parametrize("format", ["AVIF", "HEIF"])
def test_an_hdr_file_of_boxes_is_converted(format: str) -> None:
    data = encode(patches(), format, quality=100, subsampling="4:4:4", chroma=444)

    for transfer, shown in ((16, PQ), (18, HLG)):
        found = seen(profiles.named(data, 9, transfer))

        assert np.abs(found - shown).mean() <= 2  # the encoder is not exact
    if format == "AVIF":
        start = data.index(b"pixi")  # a box that decoders can do without
        light = b"clli" + bytes((1, 144, 0, 50)) + bytes(4)
        bright = data[:start] + light + data[start + 12 :]
        assert np.abs(seen(profiles.named(bright, 9, 16)) - PQ_TO_400).mean() <= 2


def test_grey_hdr_pictures_and_transparent_ones_are_converted() -> None:
    grey = Image.new("L", (16, 16), 120)
    clear = Image.new("RGBA", (32, 16), (120, 120, 120, 255))
    clear.paste((255, 0, 0, 0), (0, 0, 16, 16))

    assert np.abs(seen(png(chunks.cicp(9, 16), image=grey)) - 114).max() <= 1
    found = seen(png(chunks.cicp(9, 16), image=clear))
    assert found[0].tolist() == [255, 255, 255]
    assert np.abs(found[1] - 114).max() <= 1


@pytest.mark.parametrize(
    "points", [bytes((2, 16, 0, 1)), bytes((9, 16, 1, 1)), bytes((9, 16, 0, 0)), bytes((9, 16, 0))]
)
def test_numbers_that_browsers_ignore_are_ignored(points: bytes) -> None:
    extra = chunks.chunk(b"cICP", points)

    assert seen(png(extra)).tolist() == [list(color) for color in STORED]


def test_converting_an_hdr_picture_takes_little_memory_beside_it() -> None:
    wide = png(chunks.cicp(9, 16), image=Image.new("RGB", (2_000_000, 2)))
    decode(wide)
    tracemalloc.start()  # counts the arrays, not the pixels that Pillow holds

    decode(wide)

    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 24_000_000  # floats of all pixels would take 48 MB an array


def deep_png(*extra: bytes) -> bytes:
    """The patches as a PNG of 16 bits, which Pillow does not write."""
    pixels = np.asarray(patches()).astype(">u2") * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return chunks.written(patches().size, 16, 2, rows, *extra)


def test_a_png_may_end_before_its_colours_are_said() -> None:
    whole = BytesIO(png(chunks.cicp(9, 16))).getvalue()

    assert seen(whole[:-12]).tolist() == seen(whole).tolist()
