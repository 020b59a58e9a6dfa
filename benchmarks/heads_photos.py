"""Embedded photos with labels, from a file or a folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from pigeonhole.classifier.arrays import Floats, Ints, Labels
from pigeonhole.kinds import Precision

BATCH = 16


@dataclass(frozen=True)
class Embedded:
    """A set of embedded photos."""

    name: str
    rows: Floats  # (n, dim) float32
    codes: Ints  # (n,)
    labels: Labels  # (k,) sorted
    prototypes: Floats | None  # (k, dim)


def read_file(path: Path) -> Embedded:
    """Read the arrays ``X``, ``y`` and, if present, ``P`` of an npz file."""
    with np.load(path) as file:
        labels, codes = np.unique(file["y"], return_inverse=True)
        prototypes = file["P"].astype(np.float32) if "P" in file else None
        return Embedded(path.stem, file["X"].astype(np.float32), codes, labels, prototypes)


def embed_folder(folder: Path, precision: Precision = Precision.AUTO) -> Embedded:
    """Embed the photos of a folder with one subfolder per label, by the bundled encoder."""
    from pigeonhole.encoders import BUNDLED, load

    encoder = load(BUNDLED, precision=precision)
    files = [
        (file, label.name)
        for label in sorted(folder.iterdir())
        if label.is_dir()
        for file in sorted(label.iterdir())
    ]
    if not files:
        raise ValueError(f"{folder} holds no folder of photos; make one for each label.")
    rows = []
    for start in range(0, len(files), BATCH):
        pictures = []
        for file, _ in files[start : start + BATCH]:
            with Image.open(file) as picture:
                upright = ImageOps.exif_transpose(picture).convert("RGB")
            pictures.append(encoder.preprocess(upright))
        rows.append(encoder.embed(np.stack(pictures)))
    labels, codes = np.unique([label for _, label in files], return_inverse=True)
    prototypes = encoder.embed_texts([str(label) for label in labels])
    return Embedded(folder.name, np.concatenate(rows), codes, labels, prototypes)
