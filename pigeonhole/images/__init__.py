"""Decoding of files to upright sRGB images, thumbnails, and detection of file formats."""

from pigeonhole.images.decoding import MEDIA_TYPES, Picture, decode, decoded, shown, thumbnail
from pigeonhole.images.files import File
from pigeonhole.images.pixel_gate import PixelGate

__all__ = ["MEDIA_TYPES", "File", "Picture", "PixelGate", "decode", "decoded", "shown", "thumbnail"]
