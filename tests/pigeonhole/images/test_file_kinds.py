"""Error messages for files that cannot be read as images."""

import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from pigeonhole import images
from pigeonhole.errors import UnreadableImageError
from pigeonhole.images.file_kinds import ACCEPTED


def told(data: bytes) -> str:
    with pytest.raises(UnreadableImageError) as refused:
        images.decode(data, max_bytes=20_000_000, max_pixels=50_000_000)
    return str(refused.value)


def encoded(format: str, **options: Any) -> bytes:
    file = BytesIO()
    image = Image.effect_noise((99, 77), 90).convert("RGB")
    image.save(file, format, **options)
    return file.getvalue()


def tiff(*tags: tuple[int, int, int]) -> bytes:
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -->\n<svg width="1">', "an SVG drawing"),
        (b"<!DOCTYPE svg PUBLIC>\n<svg>", "an SVG drawing"),
        ('<?xml version="1.0" encoding="utf-16"?><svg >'.encode("utf-16"), "an SVG drawing"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\n <!DOCTYPE html><html>", "a web page (HTML)"),
        (b"<html><body><svg></svg>", "a web page (HTML)"),
        (b"<!-- x --><html>", "a web page (HTML)"),
        (b'<?xml version="1.0"?><rss>', "an XML document"),
        (b'{"error": "not found"}', "a JSON document"),
        (b"data:image/png;base64,iVBORw0KGgo", "the text of a data URI"),
        (b"iVBORw0KGgoAAAANSUhEUgAA", "an image written as base64 text"),
        (b"/9j/4AAQSkZJRgABAQ", "an image written as base64 text"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "a video"),
        (b"\x1aE\xdf\xa3\x01\0\0\0", "a video"),
        (b"RIFF\x10\0\0\0AVI LIST", "a video"),
        (b"ID3\x03\0\0", "a sound file"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "a sound file"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"),
        (b"\xff\x0a\xfa", "a JPEG XL image"),
        (encoded("JPEG2000"), "a JPEG 2000 image"),
        (encoded("ICO"), "an icon"),
        (encoded("EPS"), "a PostScript drawing"),
        (encoded("PDF"), "a PDF document"),
        (encoded("PPM"), "a Netpbm image"),
        (b"8BPS\0\x01", "a Photoshop document"),
        (b"PK\x03\x04\x14\0", "a ZIP archive or an office document"),
        (b"\x1f\x8b\x08\0", "a compressed archive"),
        (b"II*\0\x10\0\0\0CR\x02\0", "a raw file of a camera"),
        (b"FUJIFILMCCD-RAW 0201", "a raw file of a camera"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01", "a raw file of a camera"),
        (b"<!-- a --><!-- b -->\n<?xml version='1.0'?><svg>", "an SVG drawing"),
        (b"<!-- " + b"x" * 20_000 + b" --><svg>", "an SVG drawing"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>", "an SVG drawing"),
        ("<svg >".encode("utf-16-le"), "an SVG drawing"),
        ("<html>".encode("utf-16-be"), "a web page (HTML)"),
        (b"<div class='a'>Not found</div>", "a web page (HTML)"),
        (b"<meta charset=utf-8>", "a web page (HTML)"),
        (b"<!---->" * 9_000, "an XML document"),
        (b"<picture>", "an XML document"),
        (b'"data:image/png;base64,iVBORw0KGgo"', "the text of a data URI"),
        (b"_9j_4AAQSkZJRgABAQ", "an image written as base64 text"),
        (b"89504E470D0A1A0A", "an image written as hexadecimal text"),
        (b"MIME-Version: 1.0\n", "an email or a saved web page"),
        (b"\xff\xf1\x50\x80", "a sound file"),
        (b"\xff\xd8\xff\xf7\0\x0b", "a JPEG-LS image"),
        (b"II\xbc\x01\x08\0", "a JPEG XR image"),
        (b"\x8aMNG\r\n\x1a\n", "an MNG or JNG image"),
        (b"qoif\0\0\0\1", "a QOI image"),
        (b"SIMPLE  =                    T", "a FITS image"),
        (encoded("PCX"), "a PCX image"),
        (encoded("SGI"), "an SGI image"),
        (b"AT&TFORM\0\0\0\0DJVU", "a DjVu document"),
        (b"\0\x05\x16\x07\0\x02\0\0Mac OS X", "a side file of macOS"),
        (b"\0\0\0\1Bud1\0\0", "a side file of macOS"),
        (b"[InternetShortcut]\nURL=", "a shortcut"),
        (b"{\\rtf1\\ansi", "an office document"),
        (b"wOF2\0\1", "a font"),
        (b"\0\1\0\0\0\x0c\0\x80", "a font"),
        (b"#!/bin/sh\n", "a program"),
        (b"\x93NUMPY\x01\0", "a data file"),
        (b"II\x1a\0\0\0HEAPCCDR", "a raw file of a camera"),
        (tiff((50_706, 1, 4)), "a raw file of a camera"),
        (tiff((262, 3, 32_803)), "a raw file of a camera"),
        (tiff((254, 4, 1), (330, 4, 99)), "a raw file of a camera"),
    ],
)
def test_a_known_kind_of_file_is_named(data: bytes, what: str) -> None:
    assert told(data) == f"This is {what}, which is not accepted. {ACCEPTED}"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"\0" * 1_000, "The file has only zero bytes; its content was lost."),
        (b"Not found", "This is a text, not an image."),
        (b"\x93\x01\xfe\x02" * 50, "The format of this file is unknown."),
    ],
)
def test_an_unknown_kind_of_file_is_reported_as_such(data: bytes, said: str) -> None:
    assert told(data) == f"{said} {ACCEPTED}"


@pytest.mark.parametrize(
    ("format", "name"),
    [
        ("JPEG", "JPEG"),
        ("PNG", "PNG"),
        ("WEBP", "WebP"),
        ("GIF", "GIF"),
        ("AVIF", "AVIF"),
        ("HEIF", "HEIC"),
        ("BMP", "BMP"),
        ("TIFF", "TIFF"),
    ],
)
def test_a_truncated_file_is_reported_as_such(format: str, name: str) -> None:
    data = encoded(format)

    assert told(data[: len(data) // 2]) == (
        f"This {name} image is truncated: its end is missing. Send the whole file."
    )


@pytest.mark.parametrize(
    ("start", "name"),
    [(b"\xff", "JPEG"), (b"\xff\xd8", "JPEG"), (b"\x89PN", "PNG"), (b"GIF8", "GIF")],
)
def test_a_file_of_which_only_some_bytes_arrived_is_named(start: bytes, name: str) -> None:
    assert told(start) == (
        f"This {name} image is truncated: its end is missing. Send the whole file."
    )


@pytest.mark.parametrize(
    "data",
    [
        encoded("PNG").replace(b"\r\n", b"\n"),
        encoded("PNG").decode("utf-8", "replace").encode(),
        encoded("JPEG").decode("utf-8", "replace").encode(),
        encoded("PNG").decode("latin-1").encode(),
        encoded("JPEG").decode("latin-1").encode(),
    ],
)
def test_a_file_that_was_converted_like_text_is_told_so(data: bytes) -> None:
    assert told(data) == (
        "This file was converted as if it were text, which destroyed it. Send the original."
    )


def test_damaged_files_are_distinguished_from_truncated_ones() -> None:
    data = encoded("PNG")

    assert told(data[:50] + b"\xff" * 100 + data[150:]) == (
        "This PNG image is damaged, and its pixels cannot be read. Save it again."
    )
