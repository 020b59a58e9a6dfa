"""Write scikit-learn's handwritten digits as PNG files, one folder a digit.

Usage: python digits.py FOLDER PER_DIGIT

Each is drawn in its own ink on its own paper, a little turned and moved: alike as they are, an
encoder of photos would take plain ones for copies of each other.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from sklearn.datasets import load_digits

SIDE = 192


def main() -> None:
    """Write the first so many of each digit."""
    folder, per_digit = Path(sys.argv[1]), int(sys.argv[2])
    digits = load_digits()
    for digit in range(10):
        target = folder / str(digit)
        target.mkdir(parents=True, exist_ok=True)
        for index in np.flatnonzero(digits.target == digit)[:per_digit]:
            draw(digits.images[index], int(index)).save(target / f"{digit}-{index:04}.png")


def draw(strokes: np.ndarray, seed: int) -> Image.Image:
    """Draw a digit (8, 8), 0 to 16, the same way for the same seed."""
    random = np.random.default_rng(seed)
    size = int(random.integers(110, 180))
    mask = Image.fromarray((strokes * 15.9).astype(np.uint8))
    mask = mask.resize((size, size), Image.Resampling.BICUBIC)
    mask = mask.rotate(float(random.uniform(-15, 15)), Image.Resampling.BICUBIC)
    grain = random.normal(0, 14, (SIDE, SIDE, 3))
    paper = random.uniform(120, 255, 3) + grain
    picture = Image.fromarray(paper.clip(0, 255).astype(np.uint8))
    ink = Image.new("RGB", mask.size, tuple(int(part) for part in random.integers(0, 90, 3)))
    corner = tuple(int(part) for part in random.integers(0, SIDE - size + 1, 2))
    picture.paste(ink, corner, ImageOps.autocontrast(mask))
    return picture


if __name__ == "__main__":
    main()
