"""Small bodies of requests outside GraphQL, bounded and of one type each."""

from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request

from server.transport.body import counted, media_type
from server.transport.codes import Code
from server.transport.decoding import decode
from server.transport.errors import RequestError
from server.transport.limits import Limits
from server.transport.stopping import stopping_of

MOST_BYTES = 16_384
MOST_VALUES = 100
LIMITS = Limits(body_idle_s=10.0)


async def read_json(request: Request) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises:
        RequestError: The body is something else, or too long.
    """
    try:
        value = decode(await _read(request, "application/json"), depth=8, values=MOST_VALUES)
    except ValueError as error:
        raise RequestError(400, f"The request is not valid JSON: {error}.") from None
    if not isinstance(value, dict):
        raise RequestError(400, "The body must be a JSON object.")
    return value


async def read_form(request: Request) -> dict[str, list[str]]:
    """Return the values of each field of a form; empty fields are left out.

    Raises:
        RequestError: The body is something else, or too long.
    """
    body = await _read(request, "application/x-www-form-urlencoded")
    try:
        return parse_qs(body.decode(), max_num_fields=20)
    except ValueError:
        raise RequestError(400, "The body is not a form.") from None


async def _read(request: Request, kind: str) -> bytes:
    if media_type(request.scope) != kind:
        raise RequestError(415, f"The body must be {kind}.", code=Code.UNSUPPORTED_MEDIA_TYPE)
    stopping = stopping_of(request.scope)
    receive = counted(request.receive, MOST_BYTES, LIMITS, stopping)
    return await Request(request.scope, receive).body()
