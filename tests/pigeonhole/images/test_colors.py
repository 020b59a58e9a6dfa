"""Colours are converted to sRGB by the profile that a picture contains."""

import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pigeonhole.images import profiles
from tests.pigeonhole.images.drawn import decode, encode

COLORS = np.array(
    [[200, 60, 50], [90, 150, 80], [60, 80, 160], [128, 128, 128], [220, 200, 170], [0, 0, 0]],
    np.uint8,
)  # all within sRGB in each space
FORMATS: list[tuple[str, dict[str, Any], int]] = [
    ("PNG", {}, 1),
    ("JPEG", {"quality": 100, "subsampling": 0}, 4),
    ("WEBP", {"lossless": True}, 1),
    ("AVIF", {"quality": 100, "subsampling": "4:4:4"}, 5),
    ("HEIF", {"quality": 100, "chroma": 444}, 5),
    ("TIFF", {}, 1),
]


def patches() -> Image.Image:
    return Image.fromarray(COLORS.reshape(1, -1, 3).repeat(16, axis=1).repeat(16, axis=0))


def centres(data: bytes) -> Any:
    rgb = decode(data).rgb
    return np.asarray(rgb)[8, 8::16].astype(int)


def expected(primaries: Any) -> Any:
    """Return the colours in sRGB, by the definition of the colour spaces."""
    xyz = profiles.light_of(COLORS / 255) @ profiles.matrix(primaries).T
    light = xyz @ np.linalg.inv(profiles.matrix(profiles.SRGB)).T
    return np.round(profiles.encoded(light) * 255).astype(int)


@pytest.mark.parametrize("primaries", [profiles.DISPLAY_P3, profiles.ADOBE_RGB, profiles.SRGB])
@pytest.mark.parametrize(("format", "options", "near"), FORMATS)
def test_colours_are_converted_as_the_profile_says(
    format: str, options: dict[str, Any], near: int, primaries: Any
) -> None:
    data = encode(patches(), format, icc_profile=profiles.profile(primaries), **options)

    assert np.abs(centres(data) - expected(primaries)).max() <= near


def test_transparency_and_palettes_are_kept_with_a_profile() -> None:
    profile = profiles.profile(profiles.DISPLAY_P3)
    clear = patches().convert("RGBA")
    clear.paste((255, 0, 0, 0), (0, 0, 16, 16))

    seen = centres(encode(clear, "PNG", icc_profile=profile))
    palette = centres(encode(patches().quantize(6), "PNG", icc_profile=profile))

    assert seen[0].tolist() == [255, 255, 255]
    assert np.abs(seen[1:] - expected(profiles.DISPLAY_P3)[1:]).max() <= 1
    assert np.abs(palette - expected(profiles.DISPLAY_P3)).max() <= 2


def test_a_bmp_follows_the_profile_at_its_end() -> None:
    plain = encode(patches(), "BMP")
    pixels, profile = plain[54:], profiles.profile(profiles.DISPLAY_P3)

    def bmp(kind: bytes, profile: bytes, length: int) -> bytes:
        header = struct.pack("<I", 124) + plain[18:54] + bytes(16) + kind + bytes(48)
        header += struct.pack("<4I", 4, 124 + len(pixels), length, 0)
        return plain[:10] + struct.pack("<I", 14 + 124) + header + pixels + profile

    converted = centres(bmp(b"DEBM", profile, len(profile)))

    assert np.abs(converted - expected(profiles.DISPLAY_P3)).max() <= 1
    for kind, data, length in (
        (b"BGRs", profile, len(profile)),
        (b"DEBM", profile[:300], len(profile)),
        (b"DEBM", b"", 1 << 31),
        (b"DEBM", bytes(5 << 20), 5 << 20),
    ):
        assert np.array_equal(centres(bmp(kind, data, length)), COLORS)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_pictures_follow_their_profile(mode: str) -> None:
    image = Image.new("L", (16, 16), 128).convert(mode)

    seen = centres(encode(image, "PNG", icc_profile=profiles.grey_profile(1.0)))

    assert np.abs(seen - 188).max() <= 1  # half the light


@pytest.mark.parametrize(
    ("format", "mode"), [("PNG", "L"), ("PNG", "LA"), ("PNG", "P"), ("JPEG", "L"), ("TIFF", "L")]
)
def test_grey_pictures_and_palettes_follow_a_profile_for_colours(format: str, mode: str) -> None:
    image = Image.new("L", (16, 16), 128).convert(mode)
    profile = profiles.profile(profiles.ADOBE_RGB, linear=True)

    seen = centres(encode(image, format, icc_profile=profile))

    assert np.abs(seen - 188).max() <= 1  # half the light


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"nonsense",
        b"\xff" * 500,
        profiles.profile(profiles.DISPLAY_P3)[:300],
        profiles.profile(profiles.DISPLAY_P3)[:200] + b"\xff" * 3_000,
        profiles.grey_profile(2.2),
        profiles.profile(profiles.DISPLAY_P3) + bytes(5 << 20),
    ],
)
def test_a_profile_that_is_damaged_or_for_another_colour_space_is_ignored(profile: bytes) -> None:
    for format, options, near in FORMATS:
        if format == "HEIF" and len(profile) < 128:
            continue  # which Pillow's encoder does not write
        data = encode(patches(), format, icc_profile=profile, **options)

        assert np.abs(centres(data) - COLORS).max() <= near


@pytest.mark.parametrize(
    ("format", "options"), [("JPEG", {"quality": 100, "subsampling": 0}), ("TIFF", {})]
)
def test_cmyk_colours_are_converted_as_the_profile_of_the_press_says(
    format: str, options: dict[str, Any]
) -> None:
    inks = ("", "c", "m", "y", "cy", "my", "cm", "cmy")
    full = [[255 * (ink in mixture) for ink in "cmyk"] for mixture in inks]
    image = Image.fromarray(
        np.array(full, np.uint8).reshape(1, -1, 4).repeat(16, axis=1).repeat(16, axis=0), "CMYK"
    )

    seen = centres(encode(image, format, icc_profile=profiles.cmyk_profile(), **options))

    wanted = [of_lab(*profiles.INKS[mixture]) for mixture in inks]
    is_shown = [min(color) > 0 for color in wanted]  # by a display of sRGB
    assert sum(is_shown) == 5
    assert np.abs(seen - wanted)[is_shown].max() <= 4


def of_lab(lightness: float, a: float, b: float) -> list[int]:
    """Return a colour in sRGB, by the definition of CIE L*a*b* with white D50."""
    y = (lightness + 16) / 116
    parts = np.array([y + a / 500, y, y - b / 200])
    light = np.where(parts > 6 / 29, parts**3, 3 * (6 / 29) ** 2 * (parts - 4 / 29))
    rgb = np.linalg.inv(profiles.matrix(profiles.SRGB)) @ (light * profiles.D50)
    return [int(value) for value in np.round(profiles.encoded(rgb) * 255)]
