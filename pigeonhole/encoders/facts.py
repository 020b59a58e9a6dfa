"""What is known of an open_clip model besides its weights, so that torch need not be imported."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.encoders.imports import ONE_AT_A_TIME
from pigeonhole.encoders.preprocessing import (
    VERSION,
    Floats,
    Preprocessing,
    normalised,
    squared,
    transformed,
)


@dataclass(frozen=True)
class Facts:
    """A model, its file of weights, and its preprocessing."""

    model: str  # open_clip's name
    source: str  # part of the identity that stands for the weights
    digest: str | None  # SHA-256 of the weights, unless `source` contains it
    file: str  # the weights
    file_size: int  # bytes
    file_changed: int  # nanoseconds
    preprocessing: Mapping[str, Any]  # by the names of open_clip's `PreprocessCfg`

    @property
    def is_current(self) -> bool:
        """Whether the file of weights is still the one that this describes."""
        try:
            found = Path(self.file).stat()
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (self.file_size, self.file_changed)

    @property
    def size(self) -> int:
        """Pixels to which the shortest side of an image is resized."""
        given = self.preprocessing["size"]
        return given if isinstance(given, int) else max(given)

    @property
    def seen(self) -> float | None:
        """See ``Encoder``."""
        return 1.0 if self.preprocessing["resize_mode"] == "shortest" else None

    @property
    def steps(self) -> Preprocessing | None:
        """See ``Encoder``."""
        mode, given = self.preprocessing["resize_mode"], self.preprocessing["size"]
        is_square = isinstance(given, int) or len(set(given)) == 1
        if not is_square:
            return None
        fill = self.preprocessing["fill_color"] if mode == "longest" else None
        by = "bilinear" if self.preprocessing["interpolation"] == "bilinear" else "bicubic"
        squash = mode == "squash"
        return Preprocessing(self.size, squash=squash, interpolation=by, crop=self.size, fill=fill)

    @property
    def mean(self) -> list[float]:
        """The mean of each colour channel, 0 to 1."""
        return _of_channels(self.preprocessing["mean"])

    @property
    def std(self) -> list[float]:
        """The standard deviation of each colour channel, 0 to 1."""
        return _of_channels(self.preprocessing["std"])

    def identity(self, precision: str) -> str:
        """Return the identity of embeddings that are computed in a precision."""
        return f"open_clip:{self.model}:{self.source}:{precision}:{VERSION}"

    def preprocess(self, rgb: Image.Image) -> Floats:
        """See ``Encoder``."""
        steps = self.steps
        if steps is None:
            return transformed(rgb, self._as_open_clip)
        return transformed(rgb, lambda image: self.normalise(squared(image, steps)))

    def normalise(self, squares: NDArray[np.uint8]) -> Floats:
        """See ``Encoder``."""
        return normalised(squares, self.mean, self.std)

    def write(self, file: Path) -> None:
        """Write this to a file."""
        file.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, file: Path) -> "Facts":
        """Return what ``write`` has written."""
        return cls(**json.loads(file.read_text()))

    def _as_open_clip(self, image: Image.Image) -> Floats:
        with ONE_AT_A_TIME:
            from open_clip.transform import PreprocessCfg, image_transform_v2

        transform = image_transform_v2(PreprocessCfg(**self.preprocessing), is_train=False)
        found: Floats = transform(image).numpy()
        return found


def _of_channels(given: float | Sequence[float]) -> list[float]:
    return [given] * 3 if isinstance(given, float | int) else list(given)
