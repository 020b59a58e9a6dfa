"""Pictures: every format and mode to upright RGB on white, limits, and damaged files."""

import hashlib
import struct
import tracemalloc
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from pigeonhole import images
from pigeonhole.errors import ImageTooLargeError, UnreadableImageError
from pigeonhole.images import Picture, colors
from tests import pillow_corpus

RED, WHITE = (255, 0, 0), (255, 255, 255)
LIMITS: dict[str, Any] = {"max_bytes": 20_000_000, "max_pixels": 50_000_000}


def decode(data: bytes, *, at_least: int | None = None) -> Picture:
    return images.decode(data, **LIMITS, at_least=at_least)


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def quadrants(width: int = 64, height: int = 32) -> Image.Image:
    """Red above left, green above right, blue below left, white below right."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def corners(image: Image.Image) -> str:
    """Name the colours of the four quadrants, row by row."""
    names: dict[tuple[int, ...], str] = {
        (1, 0, 0): "R",
        (0, 1, 0): "G",
        (0, 0, 1): "B",
        (1, 1, 1): "W",
    }
    found = ""
    for y in (image.height // 4, image.height * 3 // 4):
        for x in (image.width // 4, image.width * 3 // 4):
            pixel = np.asarray(image)[y, x]
            assert ((pixel < 40) | (pixel > 215)).all(), pixel
            found += names[tuple(int(value > 127) for value in pixel)]
    return found


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
def test_pictures_are_turned_as_their_exif_says(
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
def test_a_picture_with_damaged_exif_is_read_as_it_lies(format: str, exif: bytes) -> None:
    assert corners(decode(encode(quadrants(), format, exif=exif)).rgb) == "RGBW"


def test_an_orientation_that_does_not_exist_is_ignored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 9

    assert corners(decode(encode(quadrants(), "JPEG", exif=exif.tobytes())).rgb) == "RGBW"


def test_a_heic_is_turned_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    picture = decode(encode(quadrants(), "HEIF", exif=exif.tobytes()))

    assert (picture.width, picture.height) == (32, 64)
    assert corners(picture.rgb) == "BRWG"


def test_a_heic_with_ten_bits_becomes_eight() -> None:
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


def test_what_is_transparent_becomes_white() -> None:
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


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(2, axis=0)

    rgb = np.asarray(decode(encode(Image.fromarray(ramp), "PNG")).rgb)

    assert (rgb[0, :, 0] == np.arange(256)).all()


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_every_deep_value_is_rounded_to_the_nearest_of_eight_bits(mode: str) -> None:
    dtype = {"I;16": "<u2", "I;16B": ">u2", "I": "<i4"}[mode]
    values = np.arange(65_536)
    deep = Image.frombytes(mode, (64, 1_024), values.astype(dtype).tobytes())

    rgb = np.asarray(decode(encode(deep, "TIFF")).rgb)

    assert (rgb[:, :, 0].reshape(-1) == np.round(values / 257)).all()


def test_sixteen_bit_grey_that_stands_for_nothing_is_white() -> None:
    deep = np.full((600, 8), 1_000, np.uint16)
    deep[300:] = 2_000
    data = encode(Image.fromarray(deep), "PNG", transparency=2_000)

    rgb = decode(data).rgb

    assert [rgb.getpixel((0, y)) for y in (0, 299, 300, 599)] == [(4, 4, 4)] * 2 + [WHITE] * 2


def test_scaling_deep_pictures_takes_little_memory_beside_them() -> None:
    data = encode(Image.fromarray(np.zeros((4_096, 2_048), np.uint16)), "PNG")
    decode(data)
    tracemalloc.start()  # counts the arrays, not the pixels that Pillow holds

    decode(data)

    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 4_096 * 2_048  # a byte a pixel; floats took ten


def test_a_lack_of_memory_does_not_make_a_picture_unreadable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lack(*arguments: Any) -> None:
        raise MemoryError

    data = encode(quadrants(), "PNG")
    monkeypatch.setattr(colors, "to_srgb", lack)

    with pytest.raises(MemoryError):
        decode(data)


def test_a_large_jpeg_is_decoded_smaller_but_reports_its_full_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(quadrants(4000, 2000), "JPEG", exif=exif.tobytes())

    picture = decode(data, at_least=224)

    assert (picture.width, picture.height) == (2000, 4000)
    assert picture.rgb.size == (500, 1000)  # a quarter: an eighth would leave 250 of 448
    assert corners(picture.rgb) == "BRWG"
    assert decode(data).rgb.size == (2000, 4000)


def test_a_jpeg_is_never_decoded_below_twice_what_is_enough() -> None:
    for side in (447, 448, 895, 896, 1791, 1792, 3000):
        data = encode(Image.new("RGB", (side, side + 100)), "JPEG")

        assert min(decode(data, at_least=224).rgb.size) >= min(side, 448)


def test_too_many_bytes_are_refused_at_the_exact_limit() -> None:
    data = encode(quadrants(), "PNG")

    assert images.decode(data, max_bytes=len(data), max_pixels=10_000).byte_size == len(data)
    with pytest.raises(ImageTooLargeError, match="the limit is"):
        images.decode(data, max_bytes=len(data) - 1, max_pixels=10_000)


def test_too_many_pixels_are_refused_at_the_exact_limit() -> None:
    data = encode(quadrants(64, 32), "PNG")

    assert images.decode(data, max_bytes=10_000, max_pixels=64 * 32).width == 64
    with pytest.raises(ImageTooLargeError, match="the limit is 2047"):
        images.decode(data, max_bytes=10_000, max_pixels=64 * 32 - 1)


def test_a_decompression_bomb_is_refused_before_any_pixel_is_decoded() -> None:
    whole = encode(Image.new("1", (20_000, 20_000)), "PNG")
    header_only = whole[:200]

    with pytest.raises(ImageTooLargeError):
        decode(header_only)


def test_what_is_no_picture_is_unreadable() -> None:
    photo = encode(quadrants(), "PNG")

    for data in (b"", b"GIF89a", b"<svg/>", b"\x00" * 1000, photo[:60], photo[20:]):
        with pytest.raises(UnreadableImageError):
            decode(data)
    for format in ("ICO", "TGA"):
        with pytest.raises(UnreadableImageError, match="Send a JPEG"):
            decode(encode(quadrants(), format))


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_first_page_of_a_tiff_is_taken_and_turned_once(orientation: int) -> None:
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


def test_deep_and_floating_tiffs_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None, :].repeat(2, axis=0)

    for values in (ramp, ramp * 255, ramp * 65_535, (ramp * 65_535).astype(np.uint16)):
        rgb = np.asarray(decode(encode(Image.fromarray(values), "TIFF")).rgb)
        assert np.abs(rgb[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_a_tiff_with_a_giant_tile_is_refused_before_memory_is_taken() -> None:
    tags = {
        256: 8,
        257: 8,
        258: 8,
        259: 5,
        262: 1,
        277: 1,
        322: 60_000,
        323: 60_000,
        324: 8,
        325: 9,
    }
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    data = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)

    with pytest.raises(ImageTooLargeError):
        decode(data)


def test_every_cut_of_a_picture_is_read_or_refused() -> None:
    for format in ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF", "BMP", "TIFF"):
        data = encode(quadrants(), format)
        for end in range(0, len(data), max(1, len(data) // 40)):
            try:
                assert decode(data[:end]).rgb.size == (64, 32)
            except UnreadableImageError:
                continue


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


# Pillow warns of damage that it repairs; the picture is read all the same.
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO file:UserWarning")
@pytest.mark.filterwarnings("ignore:Invalid APNG:UserWarning")
@pytest.mark.slow
def test_no_test_image_of_pillow_crashes_the_decoder() -> None:
    try:
        files = pillow_corpus.read(pillow_corpus.fetch())
    except RuntimeError as error:
        pytest.skip(f"Pillow's source distribution cannot be had: {error}")

    read, refused = 0, 0
    for data in files.values():
        try:
            picture = decode(data, at_least=224)
        except (UnreadableImageError, ImageTooLargeError):
            refused += 1
        else:
            assert picture.rgb.mode == "RGB"
            assert images.thumbnail(picture)
            read += 1

    assert read + refused == len(files) >= 1000
    assert read >= 500
