"""What servers and workers exchange with an encoder service, over HTTP.

``GET /ROUTE`` describes an encoder. ``POST /ROUTE/images`` takes resized and cropped images, uint8
``(n, 3, side, side)``, and ``POST /ROUTE/texts`` a JSON list of pairs of a name and a description
or null; both return float32 vectors ``(n, dimension)``. Arrays are in NumPy's format, without
pickled objects. Every answer names the identity of the encoder that computed it, and every request
names the one that it expects, if any: another encoder refuses with status 409.
"""

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from pigeonhole.encoders.preprocessing import Preprocessing

if TYPE_CHECKING:
    from pigeonhole.encoders import Encoder

IDENTITY = "X-Encoder-Identity"
"""The header with an encoder's identity, of requests and answers."""
MOST_AT_ONCE = 64
"""Most images or texts of a request."""
MOST_BYTES = 64_000_000
"""Most bytes of a request: 64 images of 576 pixels."""


class Description(BaseModel):
    """What a client needs to know of an encoder, apart from its weights; see ``Encoder``."""

    spec: str
    identity: str
    name: str
    dimension: int
    image_size: int
    warning: str | None
    seen: float | None
    near_duplicate: float
    runtime: str
    digest: str | None
    batch: int
    steps: Preprocessing


def described(spec: str, encoder: "Encoder") -> Description:
    """Return what clients need to know of an encoder, by the name that functions use.

    Raises:
        ValueError: It sees images that are not square.
    """
    if encoder.steps is None:
        raise ValueError(f"{encoder.name} sees images that are not square, and cannot be served.")
    names = Description.model_fields.keys() - {"spec"}
    return Description(spec=spec, **{name: getattr(encoder, name) for name in names})


def route(spec: str) -> str:
    """Return the path of an encoder: its name, with ``-`` for what a path cannot contain."""
    return "/" + re.sub(r"[^\w.-]+", "-", spec, flags=re.ASCII)


def packed(array: NDArray[Any]) -> bytes:
    """Return an array as the body of a message."""
    file = BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def unpacked(body: bytes) -> NDArray[Any]:
    """Return the array in the body of a message.

    Raises:
        ValueError: The body contains none.
    """
    try:
        found: NDArray[Any] = np.lib.format.read_array(BytesIO(body), allow_pickle=False)
    except (EOFError, OSError, ValueError) as error:
        raise ValueError("The body is not an array in NumPy's format.") from error
    return found
