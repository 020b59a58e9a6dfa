"""What an encoder service answers over HTTP, see `pigeonhole.encoders.wire`."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pigeonhole.encoders import Encoder
from pigeonhole.encoders.wire import (
    IDENTITY,
    MOST_AT_ONCE,
    MOST_BYTES,
    described,
    packed,
    unpacked,
)

Floats = NDArray[np.float32]
Squares = NDArray[np.uint8]
Text = tuple[str, str | None]


class BadRequestError(Exception):
    """The request is not one of a client of this release."""


class Answering:
    """An encoder that answers HTTP requests."""

    def __init__(
        self,
        spec: str,
        encoder: Encoder,
        *,
        secret: str,
        embed: Callable[[Squares], Awaitable[Floats]],
    ) -> None:
        """Describe an encoder.

        Args:
            spec: The name by which functions use it.
            encoder: The encoder.
            secret: What each request has to bring; empty if nothing.
            embed: Returns vectors (n, dimension) of resized and cropped images (n, 3, side, side).

        Raises:
            ValueError: The encoder sees images that are not square.
        """
        about = described(spec, encoder)
        self._encoder, self._side, self._embed = encoder, about.steps.crop, embed
        self._expected = f"Bearer {secret}".encode() if secret else None
        self._about = about.model_dump(mode="json")

    async def answer(self, request: Request) -> Response:
        """Answer a request: the description, or vectors of images or texts."""
        given = request.headers.get("Authorization", "").encode()
        if self._expected is not None and not hmac.compare_digest(given, self._expected):
            return PlainTextResponse("The secret is wrong.", 401)
        identity = {IDENTITY: self._encoder.identity}
        expected = request.headers.get(IDENTITY, self._encoder.identity)
        if expected != self._encoder.identity:
            return PlainTextResponse("This is another encoder.", 409, identity)
        if request.method == "GET":
            return JSONResponse(self._about, headers=identity)
        try:
            vectors = await self._vectors(request)
        except BadRequestError as error:
            return PlainTextResponse(str(error), 400, identity)
        return Response(packed(vectors), headers=identity, media_type="application/octet-stream")

    async def _vectors(self, request: Request) -> Floats:
        kind = request.url.path.rpartition("/")[2]
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise BadRequestError(f"A request has at most {MOST_BYTES} bytes.")
        if kind == "images":
            return await self._embed(_read_images(bytes(body), self._side))
        if kind == "texts":
            names, descriptions = zip(*_read_texts(bytes(body)), strict=True)
            return await asyncio.to_thread(self._encoder.embed_texts, names, descriptions)
        raise BadRequestError(f"{kind!r} is neither `images` nor `texts`.")


def _read_images(body: bytes, side: int) -> Squares:
    try:
        found = unpacked(body)
    except ValueError as error:
        raise BadRequestError(str(error)) from None
    if found.dtype != np.uint8 or found.ndim != 4 or found.shape[1:] != (3, side, side):
        raise BadRequestError(f"Images must be uint8 (n, 3, {side}, {side}).")
    if not 0 < len(found) <= MOST_AT_ONCE:
        raise BadRequestError(f"A request has 1 to {MOST_AT_ONCE} images.")
    return found


def _read_texts(body: bytes) -> list[Text]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BadRequestError(f"The body is not JSON: {error}") from None
    if not isinstance(found, list) or not all(_is_text(each) for each in found):
        raise BadRequestError("Texts must be a list of pairs: a name, and a description or null.")
    if not 0 < len(found) <= MOST_AT_ONCE:
        raise BadRequestError(f"A request has 1 to {MOST_AT_ONCE} texts.")
    return found


def _is_text(pair: Any) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], str | None)
    )
