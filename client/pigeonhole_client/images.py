"""Images given by the caller as a path, a URL, a data URI or bytes."""

import io
from pathlib import Path

from pigeonhole_client import data_uris
from pigeonhole_client.api.base_model import Upload
from pigeonhole_client.api.input_types import ImageInput
from pigeonhole_client.errors import UnusableFileError

Image = str | Path | bytes
"""A path, ``http://`` or ``https://`` and the rest of a URL, a data URI, or the bytes of a file."""


def image_input(image: Image) -> ImageInput:
    """Return an image as input for the API.

    Raises:
        UnusableFileError: The file or the data URI cannot be read.
    """
    if isinstance(image, str) and image.startswith(("http://", "https://")):
        return ImageInput(url=image)
    if isinstance(image, bytes):
        name, data = "image", image
    elif isinstance(image, str) and data_uris.is_data_uri(image):
        try:
            data, named = data_uris.read(image)
        except ValueError as error:
            raise UnusableFileError(f"The image cannot be read: {error}.") from error
        name = named or "image"
    else:
        path = Path(image)
        try:
            name, data = path.name, path.read_bytes()
        except OSError as error:
            raise UnusableFileError(f"{path} cannot be read: {error.strerror}.") from error
    return ImageInput(upload=Upload(name, io.BytesIO(data), "application/octet-stream"))
