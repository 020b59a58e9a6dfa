"""Bodies of requests, counted as they arrive."""

from starlette.types import Message, Receive, Scope

from server.transport.errors import LIMIT_EXCEEDED, RequestError
from server.transport.limits import Limits

UPLOAD = "multipart/form-data"


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


def check_length(scope: Scope, limits: Limits) -> None:
    """Refuse at once a body that says it is too long.

    Raises:
        RequestError: Its Content-Length is more than is allowed.
    """
    length = header(scope, b"content-length")
    most = most_bytes(scope, limits)
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise _too_long(most, int(length[:20]))


def counted(receive: Receive, most: int) -> Receive:
    """Receive a body, and raise `RequestError` as soon as it is longer than ``most`` bytes."""
    found = 0

    async def receive_counted() -> Message:
        nonlocal found
        message = await receive()
        if message["type"] == "http.request":
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
