"""Encoders, which embed images and label names as unit vectors that are compared by cosine.

Model libraries are imported when an encoder is loaded, not when this package is imported.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.encoders.choose import choose, fetching, is_here, outlook
from pigeonhole.encoders.imports import ONE_AT_A_TIME
from pigeonhole.encoders.known import BUNDLED, DEFAULT
from pigeonhole.encoders.preprocessing import Preprocessing
from pigeonhole.kinds import Precision

if TYPE_CHECKING:
    from pigeonhole.encoders.portable import Portable

__all__ = [
    "BUNDLED",
    "DEFAULT",
    "Encoder",
    "Precision",
    "choose",
    "fetching",
    "is_here",
    "load",
    "load_portable",
    "outlook",
]

Floats = NDArray[np.float32]


class Encoder(Protocol):
    """A model that embeds images and names of things in the same space.

    Attributes:
        identity: Model, weights, precision and preprocessing. Only embeddings with the same
            identity can be compared.
        name: The name shown to users.
        dimension: Length of an embedding.
        image_size: Pixels to which the shortest side is resized, for ``decode(at_least=)``.
        warning: What users should know before relying on the encoder.
        seen: Share of a square image's sides that the encoder sees, from the centre; None if it
            sees the whole image, squashed to a square.
        near_duplicate: The cosine from which two images are near-duplicates.
        runtime: The library that computes: ``torch`` or ``openvino``.
        digest: SHA-256 of weights that a hub served, which the identity does not contain; None
            for all others.
        lanes: The number of calls of ``embed`` that run concurrently.
        batch: Images per call; more images per call are not faster.
    """

    identity: str
    name: str
    dimension: int
    image_size: int
    warning: str | None
    seen: float | None
    near_duplicate: float
    runtime: str
    digest: str | None
    lanes: int
    batch: int

    @property
    def steps(self) -> Preprocessing | None:
        """How an image is resized, cropped and padded; None if the result is not square."""

    def preprocess(self, rgb: Image.Image) -> Floats:
        """Return one image preprocessed by the model's own configuration, ``(3, h, w)``."""

    def normalise(self, squares: NDArray[np.uint8]) -> Floats:
        """Return what ``preprocess`` does, of images (n, 3, h, w) already resized and cropped."""

    def embed(self, pixels: Floats) -> Floats:
        """Return the embeddings ``(n, dimension)``, of unit length, of ``pixels`` (n, 3, h, w).

        This may be called from several threads. An embedding depends on the rest of its batch only
        by rounding: the cosine of an image embedded alone and in a batch is at least 0.9999.
        """

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> Floats:
        """Return the embeddings ``(n, dimension)``, of unit length, of names and descriptions.

        Each row is the mean over several sentences with the name. The better a name fits an image,
        the higher is the cosine of their embeddings; it is only meaningful when compared with the
        cosines of other names.
        """


def load(spec: str, folder: Path | None = None, precision: Precision = Precision.AUTO) -> Encoder:
    """Load an encoder, which takes seconds.

    Args:
        spec: ``bundled``, an open_clip ``model/pretrained``, or ``model:PATH`` with a file of the
            model's state dict, ``.pt`` or ``.safetensors``. Resolve ``auto`` by ``choose`` first.
        folder: Where encoders keep what they derive from their weights, so that a later start is
            faster. None: nothing is kept.
        precision: What to compute embeddings in.

    Raises:
        ValueError: There is no such model, or no such weights for it, or it cannot be computed in
            this precision here.
        OSError: The weights cannot be read or downloaded, or are not the expected ones.
    """
    if spec == BUNDLED:
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.bundled import BundledEncoder

        return BundledEncoder(folder=folder, precision=precision)
    with ONE_AT_A_TIME:
        from pigeonhole.encoders.clip import ClipEncoder

    return ClipEncoder(spec, folder=folder, precision=precision)


def load_portable(spec: str) -> "Portable":
    """Return an encoder's network as a plain module on the CPU, for export.

    Args:
        spec: As for ``load``.

    Raises:
        ValueError: There is no such model or weights, or other programs cannot reproduce its
            preprocessing.
        OSError: The weights cannot be read or downloaded.
    """
    with ONE_AT_A_TIME:
        from pigeonhole.encoders import bundled, clip_network

    return bundled.portable() if spec == BUNDLED else clip_network.portable(spec)
