"""Bytes to upright RGB pictures and thumbnails, or an error for the caller."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pillow_heif
from PIL import Image

from pigeonhole.errors import ImageTooLargeError, PigeonholeError, UnreadableImageError

pillow_heif.register_heif_opener(depth_images=False, aux_images=False)

MEDIA_TYPES = {  # by Pillow's name of the format
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
THUMBNAIL_SIDE = 256  # pixels
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
    """A picture as a person sees it."""

    rgb: Image.Image  # upright, mode RGB, what was transparent is white
    width: int  # pixels of the upright full picture, also where ``rgb`` is smaller
    height: int
    media_type: str
    byte_size: int
    sha256: str  # of the bytes, 64 hexadecimal digits


def decode(data: bytes, *, max_bytes: int, max_pixels: int, at_least: int | None = None) -> Picture:
    """Read a JPEG, PNG, WebP, AVIF or HEIC, or the first frame of a GIF.

    Args:
        data: The file.
        max_bytes: More bytes are refused unread.
        max_pixels: More pixels are refused before any is decoded.
        at_least: Pixels that are enough for the shortest side. A JPEG is then decoded at a half, a
            quarter or an eighth of its size, as long as its shortest side keeps twice as many.

    Raises:
        ImageTooLargeError: There are too many bytes or pixels.
        UnreadableImageError: It is none of these formats, or damaged.
    """
    if len(data) > max_bytes:
        raise ImageTooLargeError(f"The image has {len(data)} bytes; at most {max_bytes} are taken.")
    try:
        with Image.open(BytesIO(data), formats=list(MEDIA_TYPES)) as image:
            if image.width * image.height > max_pixels:
                raise _too_many_pixels(max_pixels)
            # MPO is a JPEG with further pictures behind it, as many cameras write.
            jpeg = image.format in ("JPEG", "MPO")
            media_type = MEDIA_TYPES["JPEG" if jpeg else image.format or ""]
            width, height = image.size
            if at_least is not None and jpeg:
                image.draft(None, (2 * at_least, 2 * at_least))
            image.load()
            turn = _turn(image)
            rgb = _rgb(image)
    except PigeonholeError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(max_pixels) from None
    except Exception as error:  # decoders meet hostile bytes: what they raise has no bound
        raise UnreadableImageError(
            "The file is not a JPEG, PNG, WebP, GIF, AVIF or HEIC image, or it is damaged."
        ) from error
    if turn is not None:
        rgb = rgb.transpose(turn)
        if turn in _SIDEWAYS:
            width, height = height, width
    return Picture(rgb, width, height, media_type, len(data), hashlib.sha256(data).hexdigest())


def thumbnail(picture: Picture) -> bytes:
    """Make a WebP of at most 256 pixels a side, never larger than the picture."""
    small = picture.rgb.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    file = BytesIO()
    small.save(file, "WEBP", quality=80)
    return file.getvalue()


_SIDEWAYS = {UPRIGHT[5], UPRIGHT[6], UPRIGHT[7], UPRIGHT[8]}


def _too_many_pixels(most: int) -> ImageTooLargeError:
    return ImageTooLargeError(f"The image has too many pixels; at most {most} are taken.")


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF raises anything and says nothing of the picture
        return None


def _rgb(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB, on white."""
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    return white.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits, which Pillow would clip; keep its transparent grey."""
    deep = np.asarray(image)
    grey = Image.fromarray(np.round(deep / 257).clip(0, 255).astype(np.uint8))
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        grey.putalpha(Image.fromarray(np.where(deep == clear, 0, 255).astype(np.uint8)))
    return grey
