"""Bodies of requests, counted as they arrive."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from server.transport.errors import LIMIT_EXCEEDED, RequestError
from server.transport.limits import Limits

JSON = "application/json"
UPLOAD = "multipart/form-data"
UNSUPPORTED = "UNSUPPORTED_MEDIA_TYPE"
PREFLIGHT_HEADERS = ("apollo-require-preflight", "x-apollo-operation-name", "authorization")


def media_type(scope: Scope) -> str:
    """The media type of a request's body, without parameters; empty where none is given."""
    return header(scope, b"content-type").partition(";")[0].strip().lower()


def header(scope: Scope, name: bytes) -> str:
    """The value of a request's header; empty where it is absent."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def most_bytes(scope: Scope, limits: Limits) -> int:
    """How long the body of a request may be."""
    return limits.upload_bytes if media_type(scope) == UPLOAD else limits.body_bytes


def check_body(request: Request, limits: Limits) -> None:
    """Refuse a body of a type, an encoding or a length that is not taken, before it is read.

    Raises:
        RequestError: It is refused.
    """
    kind = media_type(request.scope)
    charset = request.headers.get("content-type", "").lower().partition("charset=")[2]
    if kind == UPLOAD:
        check_cross_site(request.headers)
    elif kind != JSON:
        raise RequestError(
            415,
            f"A body must be {JSON} or {UPLOAD}, not {kind or 'untyped'}.",
            code=UNSUPPORTED,
            headers={"Accept-Post": f"{JSON}, {UPLOAD}"},
        )
    elif charset.strip("\"' ;") not in ("", "utf-8", "utf8"):
        raise RequestError(415, "A body must be encoded as UTF-8.", code=UNSUPPORTED)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "A body must not be compressed.", code=UNSUPPORTED)
    _check_length(request.scope, limits)


def check_cross_site(headers: Headers) -> None:
    """Refuse a form that a page of another site could have sent without asking first.

    A browser sends multipart forms across sites without a CORS preflight; a header that a form
    cannot set proves that this request was none of these.

    Raises:
        RequestError: None of the headers is there, or they are empty.
    """
    if not any(headers.get(name, "").strip() for name in PREFLIGHT_HEADERS):
        raise RequestError(
            403,
            "A multipart request needs a header that a form cannot send: add "
            "`Apollo-Require-Preflight: 1`, or `Authorization`.",
            code="CSRF_PREVENTED",
        )


def _check_length(scope: Scope, limits: Limits) -> None:
    length = header(scope, b"content-length")
    most = most_bytes(scope, limits)
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise _too_long(most, int(length[:20]))


def counted(receive: Receive, most: int, limits: Limits) -> Receive:
    """Receive a body that is bounded in bytes, in pauses and in slowness.

    The `receive` it gives raises `RequestError` as soon as the body has more than ``most`` bytes,
    when nothing of it came for ``body_idle_s`` seconds, or when it took as much longer than it does
    at ``body_bytes_per_s``: a client that sends a byte now and then holds nothing for long.
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
            return await receive()  # waits for the client to leave, for as long as it takes
        left_s = began + idle_s + found / bytes_per_s - loop.time()
        try:
            async with asyncio.timeout(min(idle_s, left_s)):
                message = await receive()
        except TimeoutError:
            raise RequestError(408, dribbled if left_s < idle_s / 2 else paused) from None
        is_whole = not message.get("more_body", False)
        found += len(message.get("body", b""))
        if found > most:
            raise _too_long(most, found)
        return message

    return receive_counted


def _too_long(most: int, found: int) -> RequestError:
    return RequestError(
        413,
        f"The body has {found} bytes or more; at most {most} are allowed.",
        code=LIMIT_EXCEEDED,
        extensions={"limit": "body_bytes", "most": most, "found": found},
    )
