"""Every pixel mode (transparent, grey, CMYK, 16 bits) becomes RGB of eight bits on white."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image

from tests.pigeonhole.images.drawn import RED, WHITE, corners, decode, encode, quadrants


def test_transparent_pixels_become_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    grey = Image.new("LA", (8, 8), (0, 0))
    black = Image.new("RGB", (8, 8), "black")

    for data, expected in [
        (encode(clear, "PNG"), WHITE),
        (encode(clear, "WEBP", lossless=True), WHITE),
        (encode(half, "PNG"), (255, 127, 127)),
        (encode(palette, "PNG", transparency=1), WHITE),
        (encode(palette, "PNG", transparency=0), RED),
        (encode(palette, "GIF", transparency=1), WHITE),
        (encode(grey, "PNG"), WHITE),
        (encode(black, "PNG", transparency=(0, 0, 0)), WHITE),
        (encode(black.convert("L"), "PNG", transparency=0), WHITE),
        (encode(black.convert("L"), "PNG", transparency=9), (0, 0, 0)),
        (encode(black.convert("1"), "PNG", transparency=0), WHITE),
        (encode(Image.new("I;16", (8, 8), 500), "PNG", transparency=500), WHITE),
    ]:
        assert decode(data).rgb.getpixel((4, 4)) == expected


def test_cmyk_jpegs_keep_their_colours() -> None:
    picture = decode(encode(quadrants().convert("CMYK"), "JPEG", quality=95))

    assert corners(picture.rgb) == "RGBW"


def test_grey_palette_and_bilevel_pictures_become_rgb() -> None:
    grey = Image.new("L", (8, 8), 77)
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 12, 34, 56])

    assert decode(encode(grey, "PNG")).rgb.getpixel((0, 0)) == (77, 77, 77)
    assert decode(encode(palette, "PNG")).rgb.getpixel((0, 0)) == (12, 34, 56)
    assert decode(encode(Image.new("1", (8, 8), 1), "PNG")).rgb.getpixel((0, 0)) == WHITE


def test_sixteen_bit_values_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(2, axis=0)

    rgb = np.asarray(decode(encode(Image.fromarray(ramp), "PNG")).rgb)

    assert (rgb[0, :, 0] == np.arange(256)).all()


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_every_sixteen_bit_value_is_rounded_to_the_nearest_of_eight_bits(mode: str) -> None:
    dtype = {"I;16": "<u2", "I;16B": ">u2", "I": "<i4"}[mode]
    values = np.arange(65_536)
    deep = Image.frombytes(mode, (64, 1_024), values.astype(dtype).tobytes())

    rgb = np.asarray(decode(encode(deep, "TIFF")).rgb)

    assert (rgb[:, :, 0].reshape(-1) == np.round(values / 257)).all()


def test_transparent_sixteen_bit_grey_is_white() -> None:
    deep = np.full((600, 8), 1_000, np.uint16)
    deep[300:] = 2_000
    data = encode(Image.fromarray(deep), "PNG", transparency=2_000)

    rgb = decode(data).rgb

    assert [rgb.getpixel((0, y)) for y in (0, 299, 300, 599)] == [(4, 4, 4)] * 2 + [WHITE] * 2


def test_scaling_sixteen_bit_pictures_takes_little_extra_memory() -> None:
    data = encode(Image.fromarray(np.zeros((4_096, 2_048), np.uint16)), "PNG")
    decode(data)
    tracemalloc.start()  # counts the arrays but not the pixels that Pillow holds

    decode(data)

    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 4_096 * 2_048  # a byte per pixel; floats took ten


def test_tiffs_with_sixteen_bits_or_floats_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None, :].repeat(2, axis=0)

    for values in (ramp, ramp * 255, ramp * 65_535, (ramp * 65_535).astype(np.uint16)):
        rgb = np.asarray(decode(encode(Image.fromarray(values), "TIFF")).rgb)
        assert np.abs(rgb[0, :, 0].astype(int) - np.arange(256)).max() <= 1
