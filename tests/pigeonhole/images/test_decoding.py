"""Decoding of every format, orientation, and thumbnails."""

import hashlib
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from pigeonhole import images
from tests.pigeonhole.images.drawn import RED, corners, decode, encode, quadrants


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("MPO", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("AVIF", "image/avif"),
        ("HEIF", "image/heic"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
    ],
)
def test_each_format_is_read(format: str, media_type: str) -> None:
    data = encode(quadrants(), format)

    picture = decode(data)

    assert picture.media_type == media_type
    assert (picture.width, picture.height) == picture.rgb.size == (64, 32)
    assert picture.rgb.mode == "RGB"
    assert corners(picture.rgb) == "RGBW"
    assert picture.byte_size == len(data)
    assert picture.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    ("orientation", "size", "seen"),
    [
        (1, (64, 32), "RGBW"),
        (2, (64, 32), "GRWB"),
        (3, (64, 32), "WBGR"),
        (4, (64, 32), "BWRG"),
        (5, (32, 64), "RBGW"),
        (6, (32, 64), "BRWG"),
        (7, (32, 64), "WGBR"),
        (8, (32, 64), "GWRB"),
    ],
)
def test_pictures_are_rotated_as_their_exif_says(
    format: str, orientation: int, size: tuple[int, int], seen: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation

    picture = decode(encode(quadrants(), format, exif=exif.tobytes()))

    assert (picture.width, picture.height) == picture.rgb.size == size
    assert corners(picture.rgb) == seen


# Pillow warns of damaged EXIF where it does not raise.
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0", b"Exif\0\0" + b"\0" * 99],
)
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_with_damaged_exif_is_read_without_rotation(format: str, exif: bytes) -> None:
    assert corners(decode(encode(quadrants(), format, exif=exif)).rgb) == "RGBW"


def test_an_orientation_that_does_not_exist_is_ignored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 9

    assert corners(decode(encode(quadrants(), "JPEG", exif=exif.tobytes())).rgb) == "RGBW"


def test_a_heic_is_rotated_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    picture = decode(encode(quadrants(), "HEIF", exif=exif.tobytes()))

    assert (picture.width, picture.height) == (32, 64)
    assert corners(picture.rgb) == "BRWG"


def test_a_heic_with_ten_bits_is_reduced_to_eight() -> None:
    deep = (np.asarray(quadrants()).astype(np.uint16) * 257).tobytes()
    file = BytesIO()
    pillow_heif.encode("RGB;16", (64, 32), deep, file, quality=-1)

    assert corners(decode(file.getvalue()).rgb) == "RGBW"


def test_the_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "lime", "blue")]

    for format in ("GIF", "WEBP", "PNG", "AVIF"):
        data = encode(frames[0], format, save_all=True, append_images=frames[1:], duration=50)
        pixel = decode(data).rgb.getpixel((4, 4))

        assert isinstance(pixel, tuple)
        assert np.abs(np.subtract(pixel, RED)).max() <= 3, format


def test_a_large_jpeg_is_decoded_smaller_but_reports_its_full_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(quadrants(4000, 2000), "JPEG", exif=exif.tobytes())

    picture = decode(data, at_least=224)

    assert (picture.width, picture.height) == (2000, 4000)
    assert picture.rgb.size == (500, 1000)  # a quarter: an eighth would leave 250 of 448
    assert corners(picture.rgb) == "BRWG"
    assert decode(data).rgb.size == (2000, 4000)


def test_a_jpeg_is_decoded_at_twice_the_needed_size_or_more() -> None:
    for side in (447, 448, 895, 896, 1791, 1792, 3000):
        data = encode(Image.new("RGB", (side, side + 100)), "JPEG")

        assert min(decode(data, at_least=224).rgb.size) >= min(side, 448)


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_first_page_of_a_tiff_is_taken_and_rotated_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    other = Image.new("RGB", (9, 9), "red")

    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        data = encode(
            quadrants(),
            "TIFF",
            save_all=True,
            append_images=[other],
            compression=compression,
            exif=exif,
        )
        picture = decode(data)

        assert (picture.width, picture.height) == picture.rgb.size
        assert picture.rgb.size == {1: (64, 32), 6: (32, 64)}[orientation]
        assert corners(picture.rgb) == {1: "RGBW", 6: "BRWG"}[orientation]


def test_a_thumbnail_is_a_webp_of_at_most_256_pixels_a_side() -> None:
    picture = decode(encode(quadrants(1000, 500), "PNG"))

    thumbnail = decode(images.thumbnail(picture))

    assert thumbnail.media_type == "image/webp"
    assert thumbnail.rgb.size == (256, 128)
    assert corners(thumbnail.rgb) == "RGBW"
    assert picture.rgb.size == (1000, 500)


def test_a_thumbnail_is_never_larger_than_its_picture_and_never_empty() -> None:
    small = decode(encode(quadrants(), "PNG"))
    strip = decode(encode(Image.new("RGB", (5000, 2)), "PNG"))

    assert decode(images.thumbnail(small)).rgb.size == (64, 32)
    assert decode(images.thumbnail(strip)).rgb.size == (256, 1)
