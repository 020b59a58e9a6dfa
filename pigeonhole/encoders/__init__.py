"""Pictures and names to unit vectors that compare by cosine.

Importing this package imports no model library: that waits until an encoder is loaded.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.encoders.choose import BUNDLED, DEFAULT, choose

__all__ = ["BUNDLED", "DEFAULT", "Encoder", "choose", "load"]

Floats = NDArray[np.float32]


class Encoder(Protocol):
    """A model that puts pictures and the names of what they show into one space."""

    identity: str  # model, weights, precision, preprocessing: embeddings of equal identity compare
    name: str  # what a person reads
    dimension: int
    image_size: int  # pixels that a picture's shortest side is brought to, for decode(at_least=)
    warning: str | None  # what a person should know before relying on it
    near_duplicate: float  # the cosine from which two pictures are almost the same
    lanes: int  # calls of embed that run side by side
    batch: int  # pictures a call: more in one are no faster each

    def preprocess(self, rgb: Image.Image) -> Floats:
        """Bring one picture to ``(3, h, w)``, as the model's own configuration says."""

    def embed(self, pixels: Floats) -> Floats:
        """Embed preprocessed pictures: ``(n, 3, h, w)`` to ``(n, dimension)``, of unit length.

        May be called from several threads. A picture's embedding depends on its batch by rounding
        only: the cosine of one embedded alone and in a batch is at least 0.9999.
        """

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> Floats:
        """Embed names of things, and what is said of them: ``(n, dimension)``, of unit length.

        Each row is the mean over several sentences about the thing. The cosine of a row and a
        picture's embedding is higher the better the name fits; it says nothing by itself, only
        beside those of other names.
        """


def load(spec: str) -> Encoder:
    """Load an encoder, which takes seconds.

    Args:
        spec: ``bundled``, an open_clip ``model/pretrained``, or ``model:PATH`` of a file with the
            model's state dict, ``.pt`` or ``.safetensors``. ``auto`` goes through ``choose`` first.

    Raises:
        ValueError: There is no such model, or no such weights for it.
        OSError: The weights cannot be read or fetched.
    """
    if spec == BUNDLED:
        from pigeonhole.encoders.bundled import BundledEncoder

        return BundledEncoder()
    from pigeonhole.encoders.clip import ClipEncoder

    return ClipEncoder(spec)
