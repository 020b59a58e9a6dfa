"""Request bodies, counted as they arrive."""

import asyncio
from collections.abc import Awaitable, Callable

from anyio import CancelScope
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from pigeonhole.errors import UnavailableError
from server.transport.codes import Code
from server.transport.decoding import decode_aside
from server.transport.errors import RequestError
from server.transport.limits import Limits
from server.transport.stopping import Stopping

JSON = "application/json"
UPLOAD = "multipart/form-data"
PREFLIGHT_HEADERS = ("apollo-require-preflight", "x-apollo-operation-name", "authorization")

Count = Callable[[int], Awaitable[None]]
"""Called with the length of each part of a body; raises a `PigeonholeError` to refuse it."""


def media_type(scope: Scope) -> str:
    """Return the media type of a request's body without parameters; empty if missing."""
    return header(scope, b"content-type").partition(";")[0].strip().lower()


def header(scope: Scope, name: bytes) -> str:
    """Return the value of a request's header; empty if missing."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def most_bytes(scope: Scope, limits: Limits) -> int:
    """Return the most bytes that the body of a request may have."""
    return limits.upload_bytes if media_type(scope) == UPLOAD else limits.body_bytes


def check_body(request: Request, limits: Limits) -> None:
    """Refuse a body with an unsupported type, encoding or length before it is read.

    Raises:
        RequestError: The body is refused.
    """
    kind = media_type(request.scope)
    charset = request.headers.get("content-type", "").lower().partition("charset=")[2]
    if kind == UPLOAD:
        check_cross_site(request.headers)
    elif kind != JSON:
        raise RequestError(
            415,
            f"A body must be {JSON} or {UPLOAD}, not {kind or 'untyped'}.",
            code=Code.UNSUPPORTED_MEDIA_TYPE,
            headers={"Accept-Post": f"{JSON}, {UPLOAD}"},
        )
    elif charset.strip("\"' ;") not in ("", "utf-8", "utf8"):
        raise RequestError(
            415, "A body must be encoded as UTF-8.", code=Code.UNSUPPORTED_MEDIA_TYPE
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "A body must not be compressed.", code=Code.UNSUPPORTED_MEDIA_TYPE)
    _check_length(request.scope, limits)


def check_cross_site(headers: Headers) -> None:
    """Refuse a form that a page of another site could have sent without a CORS preflight.

    Browsers send multipart forms across sites without a preflight; a header that a form cannot set
    proves that the request is not such a form.

    Raises:
        RequestError: None of the headers is present and non-empty.
    """
    if not any(headers.get(name, "").strip() for name in PREFLIGHT_HEADERS):
        raise RequestError(
            403,
            "A multipart request needs a header that a form cannot send: add "
            "`Apollo-Require-Preflight: 1`, or `Authorization`.",
            code=Code.CSRF_PREVENTED,
        )


def _check_length(scope: Scope, limits: Limits) -> None:
    length = header(scope, b"content-length")
    most = most_bytes(scope, limits)
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise too_long(most, int(length[:20]))


def counted(
    receive: Receive, most: int, limits: Limits, stopping: Stopping, count: Count | None = None
) -> Receive:
    """Receive a body that is bounded in bytes, in pauses and in slowness.

    The `receive` it gives raises `RequestError` as soon as the body has more than ``most`` bytes,
    when nothing of it came for ``body_idle_s`` seconds, or when it took as much longer than it does
    at ``body_bytes_per_s``: a client that sends a byte now and then holds nothing for long. Once
    the server stops, it raises `UnavailableError` for what has not come. Each part that came is
    given to ``count`` first, by its length.
    """
    found = 0
    is_whole = False
    idle_s, bytes_per_s = limits.body_idle_s, limits.body_bytes_per_s
    loop = asyncio.get_running_loop()
    began = loop.time()
    paused = f"No more of the body came for {idle_s:g} seconds."
    dribbled = f"The body came too slowly; send at least {bytes_per_s:g} bytes a second."

    async def receive_counted() -> Message:
        nonlocal found, is_whole
        if is_whole:
            return await receive()  # waits until the client disconnects
        scope = CancelScope()
        left_s = began + idle_s + found / bytes_per_s - loop.time()
        try:
            async with asyncio.timeout(min(idle_s, left_s)):
                with stopping.telling(scope.cancel), scope:
                    message = await receive()
        except TimeoutError:
            raise RequestError(408, dribbled if left_s < idle_s / 2 else paused) from None
        if scope.cancelled_caught:
            raise UnavailableError("The server is stopping. Send the request again.")
        is_whole = not message.get("more_body", False)
        length = len(message.get("body", b""))
        found += length
        if found > most:
            raise too_long(most, found)
        if count is not None:
            await count(length)
        return message

    return receive_counted


def too_long(most: int, found: int) -> RequestError:
    """Refuse a body by its bytes."""
    return RequestError(
        413,
        f"The body has {found} bytes or more; at most {most} are allowed.",
        code=Code.LIMIT_EXCEEDED,
        extensions={"limit": "body_bytes", "most": most, "found": found},
    )


async def read_json(request: Request, limits: Limits, *, values: int) -> object:
    """Read a body of JSON, with at most so many values as `decode` counts them.

    Raises:
        RequestError: It is not valid JSON, or has too many values.
    """
    try:
        return await decode_aside(await request.body(), depth=limits.json_depth, values=values)
    except ValueError as error:
        raise not_json(error) from None


def not_json(error: ValueError) -> RequestError:
    """Return the error for invalid JSON in a request."""
    return RequestError(400, f"The request is not valid JSON: {error}.")
