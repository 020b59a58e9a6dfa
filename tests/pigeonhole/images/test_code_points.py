"""Colour spaces that a file gives by numbers or measured values."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from pigeonhole.images import boxes, code_points
from tests.pigeonhole.images import chunks, profiles
from tests.pigeonhole.images.drawn import decode, encode
from tests.pigeonhole.images.test_colors import COLORS, FORMATS, centres, expected, patches

D65 = (0.3127, 0.3290)
SRGB = (D65, *profiles.SRGB)
CURVES = {  # light of a value of 128, by the number of the transfer function
    4: 0.502**2.2,
    5: 0.502**2.8,
    7: ((0.502 + 0.1115) / 1.1115) ** (1 / 0.45),
    8: 0.502,
    17: 52.37 / 48 * 0.502**2.6,
}
OF_VIDEO = (1, 6, 14, 15)  # transfer functions that browsers take for others in boxes


def png(*extra: bytes, **options: Any) -> bytes:
    return chunks.inserted(encode(patches(), "PNG", **options), *extra)


@pytest.mark.parametrize(("format", "options", "near"), FORMATS[3:5])
def test_a_colour_space_that_boxes_name_by_numbers_is_used(
    format: str, options: dict[str, Any], near: int
) -> None:
    data = encode(patches(), format, **options)
    with_profile = encode(
        patches(), format, icc_profile=profiles.profile(profiles.ADOBE_RGB), **options
    )

    seen = centres(profiles.named(data, 12, 13))
    plain = [(1, 13), (2, 2), (2, 16), *((1, transfer) for transfer in OF_VIDEO)]

    assert np.abs(seen - expected(profiles.DISPLAY_P3)).max() <= near
    for numbers in plain:
        assert np.abs(centres(profiles.named(data, *numbers)) - COLORS).max() <= near
    assert np.abs(centres(with_profile) - expected(profiles.ADOBE_RGB)).max() <= near
    for end in range(data.index(b"meta"), data.index(b"mdat"), 5):  # damage ends nothing but this
        boxes.properties(data[:end])


@pytest.mark.parametrize("damage", range(8))
def test_damage_to_the_boxes_of_properties_costs_only_them(damage: int) -> None:
    data = encode(patches(), "AVIF")

    for kind in (b"pitm", b"iprp", b"ipco", b"ipma", b"colr"):
        start = data.index(kind) - 4
        boxes.properties(data[: start + damage])
        boxes.properties(data[: start + damage] + b"\xff" * 8 + data[start + damage + 8 :])


def test_a_colour_space_that_a_png_names_by_numbers_overrides_its_profile() -> None:
    adobe = {"icc_profile": profiles.profile(profiles.ADOBE_RGB)}
    display_p3 = bytes((12, 13, 0, 1))

    for options in ({}, adobe):
        seen = centres(png(chunks.cicp(12, 13), **options))
        assert np.abs(seen - expected(profiles.DISPLAY_P3)).max() <= 1
        assert np.array_equal(centres(png(chunks.cicp(1, 13), **options)), COLORS)
    for extra in (
        chunks.cicp(2, 2),
        chunks.chunk(b"cICP", display_p3[:3]),
        chunks.chunk(b"cICP", display_p3, is_sound=False),
        chunks.chunk(b"cICP", bytes((12, 13, 1, 1))),  # not RGB
        chunks.chunk(b"cICP", bytes((12, 13, 0, 0))),  # not the full range
    ):
        assert np.array_equal(centres(png(extra)), COLORS)
        assert np.abs(centres(png(extra, **adobe)) - expected(profiles.ADOBE_RGB)).max() <= 1


@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG"])
def test_a_colour_space_that_a_profile_names_by_numbers_counts(format: str) -> None:
    options = {"lossless": True, "quality": 100, "subsampling": 0}
    profile = profiles.numbered(12, 13)

    seen = centres(encode(patches(), format, icc_profile=profile, **options))

    assert np.abs(seen - expected(profiles.DISPLAY_P3)).max() <= 4


def test_every_number_of_a_curve_means_what_browsers_take_it_for() -> None:
    grey = Image.new("RGB", (16, 16), (128, 128, 128))
    boxed = encode(grey, "AVIF", quality=100, subsampling="4:4:4")

    for transfer, light in CURVES.items():
        shown = round(float(profiles.encoded(np.array(light))) * 255)
        stored = chunks.inserted(encode(grey, "PNG"), chunks.cicp(1, transfer))
        assert np.abs(centres(stored) - shown).max() <= 1
        assert np.abs(centres(profiles.named(boxed, 1, transfer)) - shown).max() <= 1
    for transfer in (*OF_VIDEO, 11):
        stored = chunks.inserted(encode(grey, "PNG"), chunks.cicp(1, transfer))
        assert np.abs(centres(stored) - 121).max() <= 1  # as Chromium 156 shows it: 0.502 ** 2.4


@pytest.mark.parametrize("number", sorted(code_points.PRIMARIES))
def test_white_is_white_and_black_black_whatever_the_primaries(number: int) -> None:
    ends = Image.fromarray(np.array([[[0] * 3, [255] * 3]], np.uint8))

    seen = decode(chunks.inserted(encode(ends, "PNG"), chunks.cicp(number, 13))).rgb

    assert np.abs(np.asarray(seen)[0].astype(int) - [[0] * 3, [255] * 3]).max() <= 1


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (4, [[236, 49, 35], [41, 148, 75], [17, 89, 164]]),
        (8, [[226, 39, 38], [51, 153, 73], [49, 78, 165]]),
        (10, [[255, 0, 71], [0, 187, 51], [0, 99, 168]]),
    ],
)
def test_rare_primaries_are_converted_as_chromium_156_does(number: int, shown: Any) -> None:
    seen = centres(png(chunks.cicp(number, 13)))[:3]

    assert np.abs(seen - shown).max() <= 1


def test_a_png_follows_its_gamma_and_its_chromaticities() -> None:
    adobe = chunks.chromaticities(D65, *profiles.ADOBE_RGB)
    grey = Image.new("L", (16, 16), 128)
    for extra in (
        [chunks.gamma(1.0)],
        [chunks.gamma(1.0), chunks.gamma(2.2)],  # the first counts
        [chunks.gamma(1.0), chunks.chunk(b"iCCP", b"a\0\0damaged")],
        [chunks.gamma(1.0), chunks.chromaticities(*SRGB)],
    ):
        seen = centres(chunks.inserted(encode(grey, "PNG"), *extra))
        assert np.abs(seen - 188).max() <= 1  # half the light

    seen = centres(png(chunks.gamma(2.2), adobe))

    light = (COLORS / 255) ** 2.2 @ profiles.matrix(profiles.ADOBE_RGB).T
    wanted = profiles.encoded(light @ np.linalg.inv(profiles.matrix(profiles.SRGB)).T) * 255
    assert np.abs(seen - wanted).max() <= 1.5


@pytest.mark.parametrize(
    "extra",
    [
        [chunks.gamma(2.2)],
        [chunks.gamma(2.13)],
        [chunks.gamma(1 / 0.45455), chunks.chromaticities(*SRGB)],
        [chunks.chromaticities(D65, *profiles.ADOBE_RGB)],
        [chunks.gamma(1.0), chunks.chunk(b"sRGB", b"\0")],
        [chunks.gamma(1.0), chunks.chromaticities((0, 0), (0, 0), (0, 0), (0, 0))],
        [chunks.gamma(1.0), chunks.chromaticities(D65, D65, D65, D65)],
        [chunks.chunk(b"gAMA", bytes(4))],
        [chunks.chunk(b"gAMA", b"\xff" * 4)],
        [chunks.chunk(b"gAMA", b"\0\0\0\1")],
        [chunks.chunk(b"gAMA", b"\0\1\x86\xa0", is_sound=False)],
        [chunks.gamma(2.0), chunks.chunk(b"cHRM", b"\xff" * 32)],
        [chunks.gamma(1.0), chunks.chromaticities((0.5, 0.0), *profiles.SRGB)],
        [chunks.gamma(1.0), chunks.chunk(b"cHRM", bytes(31) + b"\1")],
    ],
)
def test_values_that_are_usual_or_impossible_change_no_colour(extra: list[bytes]) -> None:
    assert np.array_equal(centres(png(*extra)), COLORS)


def test_a_profile_comes_before_measured_values() -> None:
    profile = profiles.profile(profiles.DISPLAY_P3)

    seen = centres(png(chunks.gamma(1.0), icc_profile=profile))

    assert np.abs(seen - expected(profiles.DISPLAY_P3)).max() <= 1


def test_what_stands_behind_the_pixels_changes_no_colour() -> None:
    whole = png()

    for extra in (chunks.gamma(1.0), chunks.cicp(9, 16)):
        assert np.array_equal(centres(whole[:-12] + extra + whole[-12:]), COLORS)
