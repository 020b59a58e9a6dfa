"""What mutations take, and how it is read."""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

import strawberry
from starlette.datastructures import UploadFile
from strawberry.file_uploads import Upload

from pigeonhole import samples
from pigeonhole.errors import (
    ImageTooLargeError,
    InvalidError,
    PigeonholeError,
    RequiredError,
    TooLongError,
)
from pigeonhole.samples import LabelChoice
from pigeonhole.services import Services
from pigeonhole.viewers import Viewer
from server import ids
from server.access import find
from server.context import Context
from server.scalars import URL

MAX_BATCH = 100
"""Entries of one mutation."""
MAX_DATA_URI_BYTES = 5_000_000
"""Bytes of a picture in a data URI."""


@strawberry.input(description="Exactly one way to give a picture.", one_of=True)
class ImageInput:
    upload: strawberry.Maybe[Upload] = strawberry.field(
        description="A file of the multipart request."
    )
    url: strawberry.Maybe[URL] = strawberry.field(
        description="Fetched by the server; addresses inside its own network are refused."
    )
    data_uri: strawberry.Maybe[str] = strawberry.field(
        description="`data:image/png;base64,...`, at most 5 MB."
    )
    sample_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="An image that is here already."
    )


@strawberry.input(description="Exactly one way to name a label.", one_of=True)
class SampleAnnotationInput:
    label_id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="By its ID.")
    label_name: strawberry.Maybe[str] = strawberry.field(
        description="By its name; made if it is not there."
    )

    async def choice(self, viewer: Viewer, path: Sequence[str]) -> LabelChoice:
        """The same in the domain's words."""
        if self.label_name is not None:
            return LabelChoice(name=self.label_name.value)
        assert self.label_id is not None
        id = await find(viewer, ids.Kind.LABEL, self.label_id.value, (*path, "labelId"))
        return LabelChoice(id=id)


async def read_image(
    context: Context, image: ImageInput, path: tuple[str, ...]
) -> bytes | PigeonholeError:
    """The bytes that an input names, or why there are none."""
    services = context.services
    try:
        if image.upload is not None:
            return await read_upload(services, image.upload.value, path)
        if image.url is not None:
            return await services.fetching.fetch(
                image.url.value, (*path, "url"), context.meter.budget
            )
        if image.data_uri is not None:
            return read_data_uri(image.data_uri.value, (*path, "dataUri"))
        assert image.sample_id is not None
        id = await find(context.viewer, ids.Kind.SAMPLE, image.sample_id.value, (*path, "sampleId"))
        sample = await samples.get(id, (*path, "sampleId"))
        return await services.storage.get(sample.sha256)
    except PigeonholeError as error:
        error.path = error.path or path
        return error


async def read_upload(services: Services, upload: object, path: tuple[str, ...]) -> bytes:
    """The bytes of a file of a multipart request.

    Raises:
        RequiredError: There is no file.
        ImageTooLargeError: It has more bytes than a picture may have.
    """
    path = (*path, "upload")
    if not isinstance(upload, UploadFile):
        raise RequiredError("The file of this entry is missing.", path=path)
    most = services.settings.max_image_bytes
    data = await upload.read(most + 1)
    if len(data) > most:
        raise ImageTooLargeError(f"A picture has at most {most:,} bytes.", path=path)
    return data


def read_data_uri(uri: str, path: tuple[str, ...]) -> bytes:
    """The bytes of a data URI.

    Raises:
        InvalidError: It is none.
        ImageTooLargeError: It holds more bytes than one should.

    Source: RFC 2397, section 3
    """
    head, comma, body = uri.partition(",")
    if not comma or not head.lower().startswith("data:"):
        raise InvalidError("A data URI begins with `data:` and has a comma.", path=path)
    try:
        if head.lower().endswith(";base64"):
            data = base64.b64decode(unquote_to_bytes(body), validate=True)
        else:
            data = unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        raise InvalidError("The data URI is not valid base64.", path=path) from None
    if len(data) > MAX_DATA_URI_BYTES:
        raise ImageTooLargeError(
            f"A data URI holds at most {MAX_DATA_URI_BYTES:,} bytes; send a file.", path=path
        )
    return data


def check_batch(entries: Sequence[object], path: tuple[str, ...]) -> None:
    """Whether a list has as many entries as one mutation takes.

    Raises:
        RequiredError: It is empty.
        TooLongError: It has more.
    """
    if not entries:
        raise RequiredError("Give at least one.", path=path)
    if len(entries) > MAX_BATCH:
        raise TooLongError(f"At most {MAX_BATCH} at once; this has {len(entries)}.", path=path)
