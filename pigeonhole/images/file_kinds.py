"""Detection of file formats by their first bytes, for messages about refused files."""

import re
from io import BytesIO
from typing import Any, Literal

from PIL.TiffImagePlugin import TiffImageFile

ACCEPTED = "Send a JPEG, PNG, WebP, GIF, AVIF, HEIC, BMP or TIFF image."

IMAGES = (  # accepted formats, by their first bytes
    (re.compile(rb"\xff\xd8\xff(?!\xf7)"), "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WebP"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"....ftyp.{0,40}(avif|avis)", re.DOTALL), "AVIF"),
    (re.compile(rb"....ftyp.{0,40}(heic|heix|hevc|hevx|mif1|msf1)", re.DOTALL), "HEIC"),
    (re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), "BMP"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "TIFF"),
)
SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF89a": "GIF"}
CONVERTED = re.compile(
    rb"\x89PNG\n|\x89PNG\r\n\n|\xef\xbf\xbd|\xc2\x89PNG|\xc3\xbf\xc3\x98\xc3\xbf"
)
"""Starts of files whose bytes were taken for text and encoded or lost."""
RAW = "a raw file of a camera"
TIFF_LIKE = re.compile(rb"II\*\0|MM\0\*")
OTHERS = (  # other files that people upload as images; the first that matches counts
    (re.compile(rb"II\*\0....CR|IIRO|IIRS|MMOR|IIU\0|II\x1a\0\0\0HEAP|FUJIFILMCCD-RAW|FOVb|\0MRM",
                re.DOTALL), RAW),
    (re.compile(rb"....ftypcrx ", re.DOTALL), RAW),
    (re.compile(rb"....ftyp(M4A|M4B)", re.DOTALL), "a sound file"),
    (re.compile(rb"....(ftyp|moov|mdat|wide|free|skip)", re.DOTALL), "a video"),
    (re.compile(rb"\x1aE\xdf\xa3|RIFF....AVI |FLV\x01|\0\0\x01[\xb3\xba]", re.DOTALL), "a video"),
    (re.compile(rb"0&\xb2u\x8ef\xcf\x11|\x47.{187}\x47|\x06\x0e\x2b\x34|[FCZ]WS[\x01-\x30]",
                re.DOTALL), "a video"),
    (re.compile(rb"ID3|fLaC|OggS|RIFF....WAVE|FORM....AIF|\xff[\xfb\xf3\xf2\xf1\xf9]|MThd|#!AMR",
                re.DOTALL), "a sound file"),
    (re.compile(rb"\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a"), "a JPEG XL image"),
    (re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "a JPEG 2000 image"),
    (re.compile(rb"\xff\xd8\xff\xf7"), "a JPEG-LS image"),
    (re.compile(rb"II\xbc\x01"), "a JPEG XR image"),
    (re.compile(rb"\x8aMNG|\x8bJNG"), "an MNG or JNG image"),
    (re.compile(rb"BPG\xfb"), "a BPG image"),
    (re.compile(rb"FLIF"), "a FLIF image"),
    (re.compile(rb"qoif"), "a QOI image"),
    (re.compile(rb"\x0a[\0-\x05]\x01[\x01\x02\x04\x08]"), "a PCX image"),
    (re.compile(rb"\x59\xa6\x6a\x95"), "a Sun raster image"),
    (re.compile(rb"\x01\xda[\0\x01][\x01\x02]"), "an SGI image"),
    (re.compile(rb"SIMPLE  ="), "a FITS image"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "a PostScript drawing"),
    (re.compile(rb".{0,1024}%PDF-", re.DOTALL), "a PDF document"),
    (re.compile(rb"8BPS"), "a Photoshop document"),
    (re.compile(rb"gimp xcf"), "a GIMP document"),
    (re.compile(rb"RIFF....CDR", re.DOTALL), "a CorelDRAW drawing"),
    (re.compile(rb"AT&TFORM"), "a DjVu document"),
    (re.compile(rb"glTF|BLENDER"), "a 3D model"),
    (re.compile(rb"\0\0[\x01\x02]\0[^\0]"), "an icon"),
    (re.compile(rb"icns"), "an icon"),
    (re.compile(rb"DDS "), "a DDS texture"),
    (re.compile(rb"\xabKTX |\x13\xab\xa1\x5c"), "a compressed texture"),
    (re.compile(rb"v/1\x01"), "an OpenEXR image"),
    (re.compile(rb"#\?RADIANCE|#\?RGBE"), "a Radiance HDR image"),
    (re.compile(rb"P[1-7Ff][\s#]"), "a Netpbm image"),
    (re.compile(rb".{128}DICM", re.DOTALL), "a DICOM image"),
    (re.compile(rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", re.DOTALL), "a Windows metafile"),
    (re.compile(rb"\0\x05\x16\x07|\0\0\0\x01Bud1"), "a side file of macOS"),
    (re.compile(rb"L\0\0\0\x01\x14\x02\0|book\0\0\0\0mark|\[InternetShortcut\]"), "a shortcut"),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "a ZIP archive or an office document"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf|\xffWPC"), "an office document"),
    (re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|Rar!|\x28\xb5\x2f\xfd"),
     "a compressed archive"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive"),
    (re.compile(rb"MZ|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe|\0asm|#!"), "a program"),
    (re.compile(rb"wOF[F2]|OTTO\0|\0\x01\0\0\0[^\0]|ttcf"), "a font"),
    (re.compile(rb"SQLite format 3\0"), "a database"),
    (re.compile(rb"\x89HDF|\x93NUMPY|PAR1|bplist0"), "a data file"),
    (re.compile(rb"version https://git-lfs"), "a Git LFS pointer, not the file it stands for"),
)  # fmt: skip
TEXTS = (  # after an optional byte order mark and white space, in any case
    (re.compile(rb"[\"']?data:[\w/+.;=-]*,"), "the text of a data URI"),
    (re.compile(rb"[\[{]\s*([\"{\[\]}]|-?\d)"), "a JSON document"),
    (
        re.compile(rb"[\"']?(ivborw0kggo|[/_]9j[/_]|r0lgod|uklgr)"),
        "an image written as base64 text",
    ),
    (re.compile(rb"(0x)?(89504e47|ffd8ff)"), "an image written as hexadecimal text"),
    (re.compile(rb"/\* xpm|#define \w+_width"), "an X pixmap"),
    (re.compile(rb"(from|return-path|received|mime-version): "), "an email or a saved web page"),
)
MARKUP = (  # where comments and the like at the start end
    (re.compile(rb"<(!doctype )?(\w+:)?svg[\s>/\[]"), "an SVG drawing"),
    (re.compile(rb"<(!doctype html|(html|head|body|script|meta|title|link|style|div|p|h[1-6]|a|img|"
                rb"center|span|table|form|main|section|iframe)[\s>/])"), "a web page (HTML)"),
)  # fmt: skip
BEFORE_MARKUP = ((b"<!--", b"-->"), (b"<?xml", b"?>"))
SPACE = re.compile(rb"\s*")
LOOKED_AT = 65_536  # bytes from the start

TAG_TYPES = {3: 2, 4: 4}  # bytes of a value, by TIFF's SHORT and LONG
NEW_SUBFILE_TYPE, PHOTOMETRIC, SUB_IFDS, DNG_VERSION = 254, 262, 330, 50_706
PLACES = ((273, 279), (324, 325))  # of TIFF's pixels: offsets and lengths of strips and tiles
SENSOR_VALUES = {32_803, 34_892}  # colour filter array, linear raw


def refusal(data: bytes) -> str:
    """Return the message for a file that is not a readable image: what it is, and what to send."""
    if not data:
        return f"The file is empty. {ACCEPTED}"
    start = data[:LOOKED_AT]
    if is_camera_raw(data):
        return f"This is {RAW}, which is not accepted. {ACCEPTED}"
    for signature, name in SIGNATURES.items():
        if signature.startswith(start[:8]) and len(data) < len(signature):
            return _truncated(name)
    if CONVERTED.match(start):
        return "This file was converted as if it were text, which destroyed it. Send the original."
    for pattern, name in IMAGES:
        if pattern.match(start):
            if is_cut_off(data, name):
                return _truncated(name)
            return f"This {name} image is damaged, and its pixels cannot be read. Save it again."
    for pattern, name in OTHERS:
        if pattern.match(start):
            return f"This is {name}, which is not accepted. {ACCEPTED}"
    text = _text(start)
    if text is None:
        if not data.strip(b"\0"):
            return f"The file has only zero bytes; its content was lost. {ACCEPTED}"
        return f"The format of this file is unknown. {ACCEPTED}"
    if text.startswith(b"<"):
        return f"This is {_markup(text)}, which is not accepted. {ACCEPTED}"
    for pattern, name in TEXTS:
        if pattern.match(text):
            return f"This is {name}, which is not accepted. {ACCEPTED}"
    return f"This is a text, not an image. {ACCEPTED}"


def _truncated(name: str) -> str:
    return f"This {name} image is truncated: its end is missing. Send the whole file."


def _markup(text: bytes) -> str:
    """Return what a text that starts with an angle bracket is.

    Comments are skipped one by one: an expression for any number of them could be matched in so
    many ways that it would hold the processor for minutes.
    """
    place = 0
    for _ in range(len(text)):
        ends = [end for start, end in BEFORE_MARKUP if text.startswith(start, place)]
        found = text.find(ends[0], place) if ends else -1
        if found == -1:
            break
        after = SPACE.match(text, found + len(ends[0]))
        place = after.end() if after else len(text)
    for pattern, name in MARKUP:
        if pattern.match(text, place):
            return name
    return "an XML document"


def _text(start: bytes) -> bytes | None:
    """Return the start of a text file in lower case, without leading space; None for others."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "ignore").strip().lower().encode()
    if start[:4:2] == b"\0\0" or start[1:4:2] == b"\0\0":
        order = "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
        found = start.decode(order, "ignore").strip().lower()
        return found.encode() if found.isascii() and found[:1].isprintable() else None
    if any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in start):
        return None
    try:
        (start[:-4] if len(start) == LOOKED_AT else start).decode()
    except UnicodeDecodeError:
        return None
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()


def is_cut_off(data: bytes, name: str) -> bool:
    """Return whether the structure of an image shows that bytes are missing at its end."""
    match name:
        case "JPEG":
            return b"\xff\xd9" not in data[-65_536:]
        case "PNG":
            return b"IEND" not in data[-65_536:]
        case "GIF":
            return not data.rstrip(b"\0").endswith(b";")
        case "WebP":
            return int.from_bytes(data[4:8], "little") + 8 > len(data)
        case "BMP":
            return int.from_bytes(data[2:6], "little") > len(data)
        case "AVIF" | "HEIC":
            return _boxes_end(data) > len(data)
    return _pixels_end(data) > len(data)


def _pixels_end(data: bytes) -> int:
    """Return the position after the last pixels of a TIFF's first page, as far as it is known."""
    order: Literal["little", "big"] = "little" if data[:1] == b"I" else "big"
    start, size = (8, 8) if b"+" in data[:4] else (4, 4)
    directory = int.from_bytes(data[start : start + size], order)
    if directory + 8 > len(data):
        return directory + 8
    try:
        with TiffImageFile(BytesIO(data)) as image:
            tags: Any = image.tag_v2
            ends: list[int] = [
                place + length
                for places, lengths in PLACES
                for place, length in zip(tags.get(places, ()), tags.get(lengths, ()), strict=False)
            ]
            return max(ends)
    except Exception:  # noqa: BLE001 - a damaged directory raises anything
        return 0


def _boxes_end(data: bytes) -> int:
    """Return the position after the last box of an ISO media file, from the sizes of the boxes."""
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        if size == 1:
            size = int.from_bytes(data[place + 8 : place + 16], "big")
        if size == 0:  # to the end of the file
            return len(data)
        if size < 8:
            break
        place += size
    return place


def is_camera_raw(data: bytes) -> bool:
    """Return whether a file is a camera's raw file, of which decoders only show a small preview."""
    if OTHERS[0][0].match(data) or OTHERS[1][0].match(data):
        return True
    if not TIFF_LIKE.match(data):
        return False
    order: Literal["little", "big"] = "little" if data[:1] == b"I" else "big"
    place = int.from_bytes(data[4:8], order)
    tags: dict[int, int] = {}
    count = int.from_bytes(data[place : place + 2], order)
    for number in range(min(count, 1_000)):
        at = place + 2 + 12 * number
        entry = data[at : at + 12]
        if len(entry) < 12:
            break
        tag, kind = (int.from_bytes(entry[i : i + 2], order) for i in (0, 2))
        size = TAG_TYPES.get(kind, 4)
        tags[tag] = int.from_bytes(entry[8 : 8 + size], order)
    is_preview = tags.get(NEW_SUBFILE_TYPE, 0) & 1 and SUB_IFDS in tags
    return DNG_VERSION in tags or tags.get(PHOTOMETRIC) in SENSOR_VALUES or bool(is_preview)
