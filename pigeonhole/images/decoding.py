"""Decoding of bytes to upright sRGB images, and thumbnails."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from pigeonhole.errors import ImageTooLargeError, PigeonholeError, UnreadableImageError
from pigeonhole.images import boxes, code_points, colors, file_kinds, side_data, tone_mapping
from pigeonhole.images.pixel_gate import PixelGate
from pigeonhole.images.tiles import tiles
from pigeonhole.images.tone_mapping import HighRange

pillow_heif.register_heif_opener(depth_images=False, aux_images=False)

MEDIA_TYPES = {  # by Pillow's name of the format
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
BOXED = ("AVIF", "HEIF")  # formats made of boxes
TILE_SIDES = (322, 323)  # TIFF's tags of the width and height of a tile
TAIL = random.Random(0).randbytes(65_536).replace(b"\xff", b"\xfe")  # contains no JPEG marker
THUMBNAIL_SIDE = 256  # pixels
SHOWN_SIDE = 4_096  # pixels
ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A decoded image."""

    rgb: Image.Image  # upright, mode RGB in sRGB, on a white background
    width: int  # pixels of the upright image at full size, even if ``rgb`` is smaller
    height: int
    media_type: str
    byte_size: int
    sha256: str  # of the bytes, 64 hexadecimal digits

    def without_pixels(self) -> "Picture":
        """Return what is known of the picture, with one of its pixels, to be kept for longer."""
        return replace(self, rgb=self.rgb.crop((0, 0, 1, 1)))


def decode(data: bytes, *, max_bytes: int, max_pixels: int, at_least: int | None = None) -> Picture:
    """Return a picture as `decoded` reads it."""
    with decoded(data, max_bytes=max_bytes, max_pixels=max_pixels, at_least=at_least) as picture:
        return picture


@contextmanager
def decoded(
    data: bytes,
    *,
    max_bytes: int,
    max_pixels: int,
    at_least: int | None = None,
    gate: PixelGate | None = None,
) -> Iterator[Picture]:
    """Decode a JPEG, PNG, WebP, AVIF, HEIC, BMP, the first frame of a GIF or page of a TIFF.

    Colours are converted to sRGB by the embedded profile, or from a colour space that is given by
    number (cICP, nclx). Damaged metadata is ignored.

    Args:
        data: The file.
        max_bytes: The most bytes; a longer file is refused without being read.
        max_pixels: The most pixels; a larger image is refused before it is decoded.
        at_least: Pixels that the shortest side needs. A JPEG is then decoded at a half, a quarter
            or an eighth of its size, as long as its shortest side has at least twice as many.
        gate: Limits the pixels that the process holds at once; they count until the block ends.

    Raises:
        ImageTooLargeError: The file has too many bytes or pixels.
        UnreadableImageError: The file has another format, or is damaged or truncated.
        MemoryError: Too little memory is free at the moment, whatever the file.
    """
    gate = gate or PixelGate(max_pixels)
    if len(data) > max_bytes:
        raise ImageTooLargeError(f"The image has {len(data)} bytes; the limit is {max_bytes}.")
    with ExitStack() as held:
        try:
            picture = _read(data, max_pixels, at_least, gate, held)
        except PigeonholeError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels(max_pixels) from None
        except MemoryError:
            raise
        except Exception as error:  # decoders can raise any exception on malicious files
            raise UnreadableImageError(file_kinds.refusal(data)) from error
        yield picture


def _read(
    data: bytes, max_pixels: int, at_least: int | None, gate: PixelGate, held: ExitStack
) -> Picture:
    """Read a picture whose pixels are held until ``held`` is closed."""
    needed = side_data.split(data)
    if file_kinds.is_camera_raw(data):
        raise UnreadableImageError(file_kinds.refusal(data))
    if needed.lacks_end and not _has_all_pixels(needed.data, max_pixels, gate):
        raise UnreadableImageError(file_kinds.refusal(data))
    with _opened(needed.data, max_pixels) as image:
        media_type = MEDIA_TYPES[image.format or ""]
        width, height = image.size
        if at_least is not None and image.format == "JPEG":
            image.draft(None, (2 * at_least, 2 * at_least))
        held.enter_context(gate.hold(_held(image, width * height)))
        image.load()
        turn = _turn(image, needed.exif)
        rgb = _rgb(image, _space(image, needed))
        if image.format == "TIFF":  # Pillow has rotated it while loading
            width, height, turn = *image.size, None
    if turn is not None:
        rgb = rgb.transpose(turn)
        if turn in _SIDEWAYS:
            width, height = height, width
    return Picture(rgb, width, height, media_type, len(data), hashlib.sha256(data).hexdigest())


def _opened(data: bytes, max_pixels: int) -> Image.Image:
    image = Image.open(BytesIO(data), formats=list(MEDIA_TYPES))
    tile = [_tag(image, tag) for tag in TILE_SIDES]
    if max(image.width * image.height, tile[0] * tile[1]) > max_pixels:
        image.close()
        raise _too_many_pixels(max_pixels)
    return image


def _tag(image: Image.Image, tag: int) -> int:
    value = image.tag_v2.get(tag, 0) if isinstance(image, TiffImageFile) else 0
    return value if isinstance(value, int) else 0


def _held(image: Image.Image, full: int) -> int:
    """Return the pixels that a decoder holds; a progressive JPEG is always decoded at full size."""
    return full if "progressive" in image.info else image.width * image.height


def _has_all_pixels(data: bytes, max_pixels: int, gate: PixelGate) -> bool:
    """Return whether a JPEG that lacks its end marker nevertheless has all its pixels.

    A decoder fills in missing pixels. So the image is decoded with two different tails: if no pixel
    is missing, the tail makes no difference.
    """
    digests = []
    for tail in (b"", TAIL):
        with (
            _opened(data.removesuffix(side_data.END) + tail + side_data.END, max_pixels) as image,
            gate.hold(image.width * image.height),
        ):
            image.load()
            digest = hashlib.sha256()
            for _, tile in tiles(image):
                digest.update(tile.tobytes())
            digests.append(digest.digest())
    return digests[0] == digests[1]


def thumbnail(picture: Picture) -> bytes:
    """Return a WebP with sides of at most 256 pixels, never larger than the image."""
    small = picture.rgb.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    file = BytesIO()
    small.save(file, "WEBP", quality=80)
    return file.getvalue()


def shown(picture: Picture) -> bytes:
    """Make a WebP of at most 4,096 pixels a side, for viewers that cannot show the file itself."""
    picture.rgb.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    file = BytesIO()
    picture.rgb.save(file, "WEBP", quality=90)
    return file.getvalue()


_SIDEWAYS = {UPRIGHT[5], UPRIGHT[6], UPRIGHT[7], UPRIGHT[8]}


def _too_many_pixels(most: int) -> ImageTooLargeError:
    return ImageTooLargeError(f"The image has too many pixels; the limit is {most}.")


def _space(image: Image.Image, needed: side_data.Needed) -> bytes | HighRange | None:
    """Return the ICC profile of an image, also if its colour space is given by number; or HDR."""
    is_boxed = image.format in BOXED
    properties = boxes.properties(needed.data) if is_boxed else {}
    peak = tone_mapping.peak_of_boxes(properties) if is_boxed else needed.peak
    profile: bytes | None = needed.profile or image.info.get("icc_profile")
    numbers = [needed.points]
    if profile:
        numbers.append(code_points.of_profile(profile))
    else:
        numbers.append(code_points.of_boxes(properties))
    for points in numbers:
        if points is not None:
            space = tone_mapping.high_range(points, peak)
            found = space or code_points.profile(points, is_boxed=is_boxed and not profile)
            if found is not None:
                return found
    if profile is None and needed.calibration is not None:
        return code_points.calibrated(needed.calibration)
    return profile


def _turn(image: Image.Image, data: bytes | None) -> Image.Transpose | None:
    """Return how to rotate an image, by the EXIF data that was split off, or by the decoder's."""
    try:
        exif = image.getexif()
        if data is not None:
            exif.load(data)
        return UPRIGHT.get(exif.get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF data raises anything, but pixels may be intact
        return None


def _rgb(image: Image.Image, space: bytes | HighRange | None) -> Image.Image:
    """Return an image of any mode as RGB in sRGB, on a white background."""
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    elif image.mode == "F":
        image = _from_floats(image)
    if isinstance(space, HighRange):
        image, profile = space.to_srgb(image), None
    else:
        profile = space
    if image.mode == "L" and colors.is_rgb(profile):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if not image.has_transparency_data:
        if image.mode not in colors.SPACES:
            image = image.convert("RGB")
        return colors.to_srgb(image, profile).convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    if image.mode == "LA" and colors.is_grey(profile):
        grey, clear = image.split()
        image = colors.to_srgb(grey, profile)
        image.putalpha(clear)
        profile = None
    white.alpha_composite(colors.to_srgb(image.convert("RGBA"), profile))
    return white.convert("RGB")


def _from_floats(image: Image.Image) -> Image.Image:
    """Return 8-bit grey from floats of 0 to 1, 0 to 255 or 0 to 65,535, by the largest value."""
    most = max(float(deep.max(initial=0)) for _, deep in _arrays(image))
    scale = 255 if most <= 1 else 1 if most <= 255 else 255 / max(65_535, most)
    grey = Image.new("L", image.size)
    for place, deep in _arrays(image):
        scaled = np.round(deep * scale).clip(0, 255).astype(np.uint8)
        grey.paste(Image.fromarray(scaled), place)
    return grey


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return 16-bit grey scaled to 8 bits, which Pillow would clip; keep the transparent value."""
    clear = image.info.get("transparency")
    is_clear = isinstance(clear, int)
    grey = Image.new("LA" if is_clear else "L", image.size)
    for place, deep in _arrays(image):
        scaled = ((deep.clip(0, 65_535).astype(np.uint32) + 128) // 257).astype(np.uint8)
        tile = Image.fromarray(scaled)
        if is_clear:
            tile.putalpha(Image.fromarray(np.where(deep == clear, 0, 255).astype(np.uint8)))
        grey.paste(tile, place)
    return grey


def _arrays(image: Image.Image) -> Iterator[tuple[tuple[int, int], NDArray[Any]]]:
    """Yield the tiles of an image as arrays, in which non-finite values are 0."""
    for place, tile in tiles(image):
        yield place, np.nan_to_num(np.asarray(tile), posinf=0, neginf=0)
