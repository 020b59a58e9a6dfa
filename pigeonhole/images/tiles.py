"""Division of an image into parts, so that arrays made of its pixels stay small."""

from collections.abc import Iterator

from PIL import Image

MOST = 1 << 18  # pixels of a tile


def tiles(image: Image.Image) -> Iterator[tuple[tuple[int, int], Image.Image]]:
    """Yield the tiles of an image from top to bottom, each with its left and top pixel."""
    width = min(image.width, MOST)
    height = max(1, MOST // width)
    for top in range(0, image.height, height):
        for left in range(0, image.width, width):
            right, bottom = min(left + width, image.width), min(top + height, image.height)
            yield (left, top), image.crop((left, top, right, bottom))
