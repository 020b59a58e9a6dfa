"""Files with too many bytes or pixels, and files that are not images, are refused."""

import struct
from typing import Any

import pytest
from PIL import Image

from pigeonhole import images
from pigeonhole.errors import ImageTooLargeError, UnreadableImageError
from pigeonhole.images import colors
from tests import pillow_corpus
from tests.pigeonhole.images.drawn import decode, encode, quadrants


def test_a_lack_of_memory_does_not_make_a_picture_unreadable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lack(*arguments: Any) -> None:
        raise MemoryError

    data = encode(quadrants(), "PNG")
    monkeypatch.setattr(colors, "to_srgb", lack)

    with pytest.raises(MemoryError):
        decode(data)


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


def test_a_file_that_is_no_picture_is_unreadable() -> None:
    photo = encode(quadrants(), "PNG")

    for data in (b"", b"GIF89a", b"<svg/>", b"\x00" * 1000, photo[:60], photo[20:]):
        with pytest.raises(UnreadableImageError):
            decode(data)
    for format in ("ICO", "TGA"):
        with pytest.raises(UnreadableImageError, match="Send a JPEG"):
            decode(encode(quadrants(), format))


def test_a_tiff_with_a_giant_tile_is_refused_before_memory_is_allocated() -> None:
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


def test_a_picture_truncated_anywhere_is_read_or_refused() -> None:
    for format in ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF", "BMP", "TIFF"):
        data = encode(quadrants(), format)
        for end in range(0, len(data), max(1, len(data) // 40)):
            try:
                assert decode(data[:end]).rgb.size == (64, 32)
            except UnreadableImageError:
                continue


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
