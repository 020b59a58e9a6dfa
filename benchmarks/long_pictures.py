"""Gain and cost of embedding long images in parts: ``python -m benchmarks.long_pictures``.

Handwritten digits of scikit-learn are placed somewhere on strips of coloured noise. Strips are
classified by the nearest mean of six training strips for each label.
"""

import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from pigeonhole import encoders
from pigeonhole.encoders import Encoder, parts
from pigeonhole.encoders.preprocessing import unit

SIDE = 260
LABELS = 5
TRAINING, TESTED = 6, 10  # strips of each label
RATIOS = (2.5, 8.0)

Floats = NDArray[np.float32]


def strip(digit: NDArray[np.float64], ratio: float, random: np.random.Generator) -> Image.Image:
    """Return a strip of faint noise with a digit at a random place."""
    width = int(ratio * SIDE)
    noise = random.integers(150, 250, (8, int(8 * ratio), 3), dtype=np.uint8)
    picture = Image.fromarray(noise).resize((width, SIDE), Image.Resampling.BICUBIC)
    size = int(0.7 * SIDE)
    ink = Image.fromarray((digit * 15.9).astype(np.uint8)).resize((size, size))
    place = (int(random.integers(0, width - size + 1)), int(0.15 * SIDE))
    picture.paste((20, 20, 40), (*place, place[0] + size, place[1] + size), ink)
    return picture


def main() -> None:
    encoder: Encoder = encoders.load("bundled")
    data = load_digits()
    for ratio in RATIOS:
        random = np.random.default_rng(0)
        middles, alls, labels = [], [], []
        seconds = [0.0, 0.0]
        for label in range(LABELS):
            for digit in data.images[data.target == label][: TRAINING + TESTED]:
                picture = strip(digit, ratio, random)
                t = time.perf_counter()
                middles.append(encoder.embed(encoder.preprocess(picture)[None])[0])
                u = time.perf_counter()
                cut = parts.cut(picture, *picture.size, encoder.seen)
                alls.append(encoder.embed(np.stack([encoder.preprocess(one) for one in cut])))
                seconds[0] += u - t
                seconds[1] += time.perf_counter() - u
                labels.append(label)
        said = {
            "middle": np.stack(middles),
            "plain mean": np.stack([unit(rows.mean(axis=0)) for rows in alls]),
            "parts": np.stack([parts.joined(rows) for rows in alls]),
        }
        line = []
        for how, vectors in said.items():
            grouped = vectors.reshape(LABELS, TRAINING + TESTED, -1)
            means = grouped[:, :TRAINING].mean(axis=1)
            means /= np.linalg.norm(means, axis=1, keepdims=True)
            found = np.argmax(grouped[:, TRAINING:] @ means.T, axis=-1)
            line.append(f"{how} {100 * (found == np.arange(LABELS)[:, None]).mean():.0f} %")
        each = 1_000 * np.array(seconds) / len(labels)
        print(ratio, *line, f"{each[0]:.0f} {each[1]:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
