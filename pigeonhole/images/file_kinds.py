"""Detection of file formats by their first bytes, for messages about refused files."""

import re
from typing import Literal

ACCEPTED = "Send a JPEG, PNG, WebP, GIF, AVIF, HEIC, BMP or TIFF image."

IMAGES = (  # accepted formats, by their first bytes
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WebP"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"....ftyp.{0,40}(avif|avis)", re.DOTALL), "AVIF"),
    (re.compile(rb"....ftyp.{0,40}(heic|heix|hevc|hevx|mif1|msf1)", re.DOTALL), "HEIC"),
    (re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), "BMP"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "TIFF"),
)
RAW = "a raw file of a camera"
TIFF_LIKE = re.compile(rb"II\*\0|MM\0\*")
OTHERS = (  # other files that people upload as images; the first that matches counts
    (re.compile(rb"II\*\0....CR|IIRO|IIRS|MMOR|IIU\0|FUJIFILMCCD-RAW|FOVb|\0MRM", re.DOTALL), RAW),
    (re.compile(rb"....ftypcrx ", re.DOTALL), RAW),
    (re.compile(rb"....ftyp(M4A|M4B)", re.DOTALL), "a sound file"),
    (re.compile(rb"....(ftyp|moov|mdat|wide|free|skip)", re.DOTALL), "a video"),
    (re.compile(rb"\x1aE\xdf\xa3|RIFF....AVI |FLV\x01|\0\0\x01[\xb3\xba]", re.DOTALL), "a video"),
    (re.compile(rb"0&\xb2u\x8ef\xcf\x11|\x47.{187}\x47", re.DOTALL), "a video"),
    (re.compile(rb"ID3|fLaC|OggS|RIFF....WAVE|FORM....AIF|\xff[\xfb\xf3\xf2]", re.DOTALL),
     "a sound file"),
    (re.compile(rb"\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a"), "a JPEG XL image"),
    (re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "a JPEG 2000 image"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "a PostScript drawing"),
    (re.compile(rb".{0,1024}%PDF-", re.DOTALL), "a PDF document"),
    (re.compile(rb"8BPS"), "a Photoshop document"),
    (re.compile(rb"gimp xcf"), "a GIMP document"),
    (re.compile(rb"\0\0[\x01\x02]\0[^\0]"), "an icon"),
    (re.compile(rb"icns"), "an icon"),
    (re.compile(rb"DDS "), "a DDS texture"),
    (re.compile(rb"v/1\x01"), "an OpenEXR image"),
    (re.compile(rb"#\?RADIANCE|#\?RGBE"), "a Radiance HDR image"),
    (re.compile(rb"P[1-7][\s#]"), "a Netpbm image"),
    (re.compile(rb".{128}DICM", re.DOTALL), "a DICOM image"),
    (re.compile(rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", re.DOTALL), "a Windows metafile"),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "a ZIP archive or an office document"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an office document"),
    (re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|Rar!|\x28\xb5\x2f\xfd"),
     "a compressed archive"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive"),
    (re.compile(rb"MZ|\x7fELF|\xcf\xfa\xed\xfe"), "a program"),
    (re.compile(rb"SQLite format 3\0"), "a database"),
    (re.compile(rb"version https://git-lfs"), "a Git LFS pointer, not the file it stands for"),
)  # fmt: skip
TEXTS = (  # after an optional byte order mark and white space, in any case
    (re.compile(rb"(<\?xml|<!--|<!doctype svg|<svg:).*?<(\w+:)?svg[\s>]", re.DOTALL),
     "an SVG drawing"),
    (re.compile(rb"<(\w+:)?svg[\s>/]"), "an SVG drawing"),
    (re.compile(rb"(<!--.*?-->\s*|<\?xml.*?\?>\s*)*<(!doctype html|html|head|body|script)",
                re.DOTALL), "a web page (HTML)"),
    (re.compile(rb"<\?xml|<\w+[\s>]"), "an XML document"),
    (re.compile(rb"data:[\w/+.;=-]*,"), "the text of a data URI"),
    (re.compile(rb"[\[{]\s*([\"{\[\]}]|-?\d)"), "a JSON document"),
    (re.compile(rb"(ivborw0kggo|/9j/|r0lgod|uklgr)"), "an image written as base64 text"),
)  # fmt: skip
LOOKED_AT = 4_096  # bytes from the start

TAG_TYPES = {3: 2, 4: 4}  # bytes of a value, by TIFF's SHORT and LONG
NEW_SUBFILE_TYPE, PHOTOMETRIC, SUB_IFDS, DNG_VERSION = 254, 262, 330, 50_706
SENSOR_VALUES = {32_803, 34_892}  # colour filter array, linear raw


def refusal(data: bytes) -> str:
    """Return the message for a file that is not a readable image: what it is, and what to send."""
    if not data:
        return f"The file is empty. {ACCEPTED}"
    start = data[:LOOKED_AT]
    if is_camera_raw(data):
        return f"This is {RAW}, which is not accepted. {ACCEPTED}"
    for pattern, name in IMAGES:
        if pattern.match(start):
            if is_cut_off(data, name):
                return f"This {name} image is truncated: its end is missing. Send the whole file."
            return f"This {name} image is damaged, and its pixels cannot be read. Save it again."
    for pattern, name in OTHERS:
        if pattern.match(start):
            return f"This is {name}, which is not accepted. {ACCEPTED}"
    text = _text(start)
    if text is None:
        if not data.strip(b"\0"):
            return f"The file has only zero bytes; its content was lost. {ACCEPTED}"
        return f"The format of this file is unknown. {ACCEPTED}"
    for pattern, name in TEXTS:
        if pattern.match(text):
            return f"This is {name}, which is not accepted. {ACCEPTED}"
    return f"This is a text, not an image. {ACCEPTED}"


def _text(start: bytes) -> bytes | None:
    """Return the start of a text file in lower case, without leading space; None for others."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "ignore").strip().lower().encode()
    if any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in start):
        return None
    try:
        start[:-4].decode()
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
    return int.from_bytes(data[4:8], "little" if data[:1] == b"I" else "big") >= len(data)


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
