"""Small bodies of requests that are not GraphQL's: bounded, and of the one type that is taken."""

from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request

from server.transport.body import counted, media_type
from server.transport.decoding import decode
from server.transport.errors import RequestError
from server.transport.limits import Limits

MOST_BYTES = 16_384
LIMITS = Limits(body_idle_s=10.0)


async def read_json(request: Request) -> dict[str, Any]:
    """A JSON object.

    Raises:
        RequestError: It is something else, or too long.
    """
    try:
        value = decode(await _read(request, "application/json"), depth=8)
    except ValueError as error:
        raise RequestError(400, f"The request is not valid JSON: {error}.") from None
    if not isinstance(value, dict):
        raise RequestError(400, "The body must be a JSON object.")
    return value


async def read_form(request: Request) -> dict[str, list[str]]:
    """The values of each field of a form; those without a value are left out.

    Raises:
        RequestError: It is something else, or too long.
    """
    body = await _read(request, "application/x-www-form-urlencoded")
    try:
        return parse_qs(body.decode(), max_num_fields=20)
    except ValueError:
        raise RequestError(400, "The body is not a form.") from None


async def _read(request: Request, kind: str) -> bytes:
    if media_type(request.scope) != kind:
        raise RequestError(415, f"The body must be {kind}.", code="UNSUPPORTED_MEDIA_TYPE")
    return await Request(request.scope, counted(request.receive, MOST_BYTES, LIMITS)).body()
