"""Inputs of mutations, and how they are read."""

import asyncio
import base64
import binascii
import re
from collections.abc import Sequence
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import strawberry
from starlette.datastructures import UploadFile
from strawberry.file_uploads import Upload

from pigeonhole.access.viewers import Viewer
from pigeonhole.errors import (
    ImageTooLargeError,
    InvalidError,
    PigeonholeError,
    RequiredError,
    TooLongError,
)
from pigeonhole.images import File
from pigeonhole.samples import annotations
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services.services import Services
from server import ids
from server.api.context import Context
from server.api.scalars import URL
from server.auth.visibility import find

MAX_BATCH = 100
"""Most entries of one mutation."""
MAX_DATA_URI_BYTES = 5_000_000
"""Most bytes of an image in a data URI."""
IS_BASE64 = re.compile(r"; *base64$", re.IGNORECASE)
NAMED = re.compile(r"; *(?:file)?name=([^;]*)", re.IGNORECASE)
LINE_BREAKS = str.maketrans("", "", "\t\n\r")
TO_STANDARD = bytes.maketrans(b"-_", b"+/")
WHITE_SPACE = b" \t\n\f\r"


@strawberry.input(description="An image, given in exactly one of these ways.", one_of=True)
class ImageInput:
    upload: strawberry.Maybe[Upload] = strawberry.field(
        description="A file of the multipart request. Default limits: 20 MB and 50 megapixels."
    )
    url: strawberry.Maybe[URL] = strawberry.field(
        description="URL from which the server fetches the image. Addresses inside the server's "
        "own network are refused."
    )
    data_uri: strawberry.Maybe[str] = strawberry.field(
        description="Data URI such as `data:image/png;base64,...`, at most 5 MB after decoding. "
        "Line breaks, missing padding and the URL-safe alphabet are accepted."
    )
    sample_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="ID of an existing sample whose image is used."
    )


@strawberry.input(description="A label, given in exactly one of these ways.", one_of=True)
class SampleAnnotationInput:
    label_id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="ID of the label.")
    label_name: strawberry.Maybe[str] = strawberry.field(
        description="Name of the label, without regard to case. The label is created if there is "
        "none."
    )

    async def choice(self, viewer: Viewer, path: Sequence[str]) -> LabelChoice:
        """Return the equivalent of the domain."""
        if self.label_name is not None:
            return LabelChoice(name=self.label_name.value)
        assert self.label_id is not None
        id = await find(viewer, ids.Kind.LABEL, self.label_id.value, (*path, "labelId"))
        return LabelChoice(id=id)


async def read_image(
    context: Context, image: ImageInput, path: tuple[str, ...]
) -> File | PigeonholeError:
    """Return the file that an input names, or the error."""
    services = context.services
    try:
        if image.upload is not None:
            return await read_upload(services, image.upload.value, path)
        if image.url is not None:
            return await fetched(context, image.url.value, (*path, "url"))
        if image.data_uri is not None:
            return await file_of(image.data_uri.value, (*path, "dataUri"))
        assert image.sample_id is not None
        id = await find(context.viewer, ids.Kind.SAMPLE, image.sample_id.value, (*path, "sampleId"))
        sample = await annotations.get(id, (*path, "sampleId"))
        return File(await services.storage.get(sample.sha256), sample.file_name)
    except PigeonholeError as error:
        error.path = error.path or path
        return error


async def fetched(context: Context, url: str, path: tuple[str, ...]) -> File:
    """Fetch an image; its name is the last part of the URL's path.

    Raises:
        UrlNotFetchedError, ImageTooLargeError: It cannot be fetched.
    """
    data = await context.services.fetching.fetch(url, path, context.meter.budget)
    return File(data, unquote(urlsplit(url).path))


async def read_upload(services: Services, upload: object, path: tuple[str, ...]) -> File:
    """Return a file of a multipart request.

    Raises:
        RequiredError: The file is missing.
        ImageTooLargeError: It has more bytes than an image may have.
    """
    path = (*path, "upload")
    if not isinstance(upload, UploadFile):
        raise RequiredError("File is missing from the multipart request.", path=path)
    most = services.settings.max_image_bytes
    data = await upload.read(most + 1)
    if len(data) > most:
        raise ImageTooLargeError(f"Image must have at most {most:,} bytes.", path=path)
    return File(data, upload.filename)


async def file_of(uri: str, path: tuple[str, ...]) -> File:
    """Return the file of a data URI, read in a thread: percent-encoding takes long to decode.

    Raises:
        InvalidError, ImageTooLargeError: As `read_data_uri`.
    """
    return await asyncio.to_thread(read_data_uri, uri, path)


def read_data_uri(uri: str, path: tuple[str, ...]) -> File:
    """Return the file of a data URI, with the name that some programs write as a parameter.

    Its base64 is read as browsers do, without regard to white space and padding, and by the
    alphabet of URLs too. All of it may be percent-encoded. A fragment is no part of it.

    Raises:
        InvalidError: It is not a data URI of an image.
        ImageTooLargeError: It has too many bytes.

    Sources: RFC 2397, section 3; RFC 4648, section 5; https://fetch.spec.whatwg.org/#data-urls
    """
    head, comma, body = uri.strip().partition(",")
    head = head.translate(LINE_BREAKS).strip()
    if not comma or not head.lower().startswith("data:"):
        raise InvalidError("Data URI must start with `data:` and contain a comma.", path=path)
    body = body.partition("#")[0]
    data = unquote_to_bytes(body)
    if IS_BASE64.search(head):
        try:
            data = _from_base64(data)
        except binascii.Error:
            raise InvalidError("Data URI is not valid base64.", path=path) from None
    if len(data) > MAX_DATA_URI_BYTES:
        raise ImageTooLargeError(
            f"Data URI must hold at most {MAX_DATA_URI_BYTES:,} bytes. Upload a file instead.",
            path=path,
        )
    named = NAMED.search(head)
    return File(data, unquote(named[1]).strip(' "') if named else None)


def _from_base64(text: bytes) -> bytes:
    digits = text.translate(TO_STANDARD, WHITE_SPACE).rstrip(b"=")
    return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)


def check_batch(entries: Sequence[object], path: tuple[str, ...]) -> None:
    """Check the number of entries of a mutation.

    Raises:
        RequiredError: It is empty.
        TooLongError: It has more.
    """
    if not entries:
        raise RequiredError("At least one entry is required.", path=path)
    if len(entries) > MAX_BATCH:
        raise TooLongError(
            f"At most {MAX_BATCH} entries are allowed; the list has {len(entries)}.", path=path
        )
