"""What the caller is told when something goes wrong.

Errors written for the caller pass unchanged: those of GraphQL itself and `PigeonholeError`. Any
other is a bug: it is logged whole, with an id, and the caller is told the id alone.
"""

import secrets
from collections.abc import Mapping
from math import ceil
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from graphql.language import VariableDefinitionNode
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from pigeonhole.errors import PigeonholeError

log = structlog.get_logger(__name__)

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_INPUT = "BAD_USER_INPUT"
BAD_REQUEST = "BAD_REQUEST"
UNKNOWN_OPERATION = "OPERATION_RESOLUTION_FAILURE"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
INTERNAL = "INTERNAL"

STATUSES = {
    INTERNAL: 500,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "RATE_LIMITED": 429,
    "OVERLOADED": 503,
}
"""HTTP statuses of codes that say more than 400 when they refuse a whole request."""

_OPERATION_ERRORS = (CannotGetOperationTypeError, InvalidOperationTypeError)


class RequestError(Exception):
    """An HTTP request that is answered before any of it is executed."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = BAD_REQUEST,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.extensions = {"code": code, **(extensions or {})}


def limit_error(limit: str, most: float, found: object, message: str) -> GraphQLError:
    """Refuse a document, and name the limit and the value found for programs too."""
    return GraphQLError(
        message,
        extensions={"code": LIMIT_EXCEEDED, "limit": limit, "most": most, "found": found},
    )


def coded(message: str, code: str) -> GraphQLError:
    """An error outside any field."""
    return GraphQLError(message, extensions={"code": code})


def refusal(error: PigeonholeError) -> GraphQLError:
    """Say an error of the tree as GraphQL does, outside any field."""
    return GraphQLError(str(error), original_error=error, extensions=dict(error.extensions))


def status_of(code: object) -> int:
    """The HTTP status of a request that is refused as a whole with this code."""
    return STATUSES.get(code, 400) if isinstance(code, str) else 400


def headers_of(error: BaseException | None) -> dict[str, str]:
    """What a refusal adds to the headers: how to log in, and when to try again.

    `Retry-After`, in whole seconds, is there where the error has a `retry_after_s`.
    """
    headers = {}
    if getattr(error, "code", None) == "UNAUTHENTICATED":
        headers["WWW-Authenticate"] = "Bearer"
    delay_s = getattr(error, "retry_after_s", None)
    if delay_s is not None:
        headers["Retry-After"] = str(max(1, ceil(delay_s)))
    return headers


def answer_of(error: Exception) -> tuple[int, dict[str, str], GraphQLError]:
    """The status, the headers and the error of a request that an exception ended."""
    if isinstance(error, RequestError):
        return error.status, error.headers, GraphQLError(str(error), extensions=error.extensions)
    if isinstance(error, PigeonholeError):
        return status_of(error.code), headers_of(error), refusal(error)
    return STATUSES[INTERNAL], {}, masked(error)


def is_bug(error: GraphQLError) -> bool:
    """Whether an error's message was not written for the caller, and must be masked."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause is not None and not isinstance(cause, PigeonholeError)


def told(error: GraphQLError) -> GraphQLError:
    """The error as the caller may see it, with a code; a bug is logged and masked."""
    if error.extensions and "code" in error.extensions:
        return error
    if isinstance(error, GraphQLSyntaxError):
        return _coded(error, PARSE_FAILED)
    if isinstance(error.original_error, _OPERATION_ERRORS):
        return _coded(error, UNKNOWN_OPERATION)
    if isinstance(error.original_error, MissingQueryError):
        return _coded(error, BAD_REQUEST)
    if error.path is None and _names_a_variable(error):
        return _coded(error, BAD_INPUT)
    if is_bug(error):
        return masked(error)
    return error


def masked(error: GraphQLError | BaseException) -> GraphQLError:
    """Log a bug whole under a new id, and answer with the id alone."""
    id = secrets.token_hex(4)
    located = error if isinstance(error, GraphQLError) else None
    cause = (located.original_error if located else error) or error
    path = located.path if located else None
    log.error("bug", error_id=id, path=path, exc_info=cause)
    return GraphQLError(
        f"Something went wrong here. Tell the operator this id: {id}",
        nodes=located.nodes if located else None,
        path=path,
        extensions={"code": INTERNAL, "id": id},
    )


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {**(error.extensions or {}), "code": code}
    return error


def _names_a_variable(error: GraphQLError) -> bool:
    nodes: list[Any] = list(error.nodes or ())
    return bool(nodes) and all(isinstance(node, VariableDefinitionNode) for node in nodes)
