"""HTTP status and headers of the result of an operation."""

import json

from starlette.requests import Request
from starlette.responses import Response
from strawberry.types import ExecutionResult

from server.transport.errors import answer_of, body_of, headers_of, status_of
from server.transport.negotiation import Answer

ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
"""Encodes responses; a number that JSON cannot represent is a bug and raises ValueError."""


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
