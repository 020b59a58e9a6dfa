"""HTTP status and headers of the result of an operation."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from strawberry.types import ExecutionResult

from pigeonhole.services.breaks import paced
from server.transport.errors import answer_of, body_of, headers_of, status_of
from server.transport.lists import LONG
from server.transport.negotiation import Answer

ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
"""Encodes responses; a number that JSON cannot represent is a bug and raises ValueError."""


class Encoded(dict[str, Any]):
    """A response together with its JSON text."""

    text: str


async def encoded(response: Mapping[str, Any]) -> Encoded:
    """Encode a response as `ENCODER` does, with breaks: a long one takes 30 ms."""
    found = Encoded(response)
    found.text = "".join([part async for part in paced(_parts(response))])
    return found


def _parts(value: object) -> Iterator[str]:
    """Yield the JSON text of a value in parts, each of at most one entry of a long list."""
    if isinstance(value, Mapping) and value:
        before = "{"
        for name, inner in value.items():
            yield f"{before}{ENCODER.encode(name)}:"
            yield from _parts(inner)
            before = ","
        yield "}"
    elif isinstance(value, list) and value:
        encode = _whole if len(value) > LONG else _parts
        before = "["
        for item in value:
            yield before
            yield from encode(item)
            before = ","
        yield "]"
    else:
        yield ENCODER.encode(value)


def _whole(value: object) -> Iterator[str]:
    yield ENCODER.encode(value)


def is_refused(result: ExecutionResult) -> bool:
    """Return whether nothing was executed: an error of the request, not of a field."""
    errors = result.errors or []
    return result.data is None and bool(errors) and all(error.path is None for error in errors)


def describe(result: ExecutionResult, answer: Answer, response: Response) -> None:
    """Set status and headers of the response to a result."""
    if is_refused(result):
        error = (result.errors or [])[0]
        status = status_of((error.extensions or {}).get("code"))
        # Clients that only accept application/json get 200 for a refused document.
        response.status_code = 200 if (status, answer) == (400, Answer.JSON) else status
        response.headers.update(headers_of(error.original_error))
        return
    if result.data is None and result.errors:  # there is no data at all
        status = status_of((result.errors[0].extensions or {}).get("code"))
        if status in (503, 507):
            response.status_code = status
    for error in result.errors or ():  # when a refused field may be tried again
        if hasattr(error.original_error, "retry_after_s"):
            response.headers.update(headers_of(error.original_error))


def refuse(request: Request, error: Exception) -> Response:
    """Return the response to a request that an exception ended before it was executed."""
    status, headers, told = answer_of(error)
    answers = getattr(request.state, "answers", [])
    media = Answer.RESPONSE if answers[:1] == [Answer.RESPONSE] else Answer.JSON
    return Response(
        ENCODER.encode(body_of(told)), status, headers, media_type=f"{media}; charset=utf-8"
    )
