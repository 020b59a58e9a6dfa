"""Errors as callers see them.

Errors written for the caller pass unchanged: those of GraphQL itself and `PigeonholeError`. Errors
caused by an unavailable or full service say so, and are logged in one line. Any other error is a
bug: it is logged with its traceback and an ID, and the caller is told only the ID.
"""

import secrets
from collections.abc import Mapping
from math import ceil

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from graphql.language import ValueNode, VariableDefinitionNode
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from pigeonhole.errors import PigeonholeError
from pigeonhole.services import metrics
from pigeonhole.services.refusals import reason, refusal_of
from server.transport.codes import Code

log = structlog.get_logger(__name__)

STATUSES = {
    Code.INTERNAL: 500,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "RATE_LIMITED": 429,
    "OVERLOADED": 503,
    "UNAVAILABLE": 503,
    "INSUFFICIENT_STORAGE": 507,
}
"""HTTP statuses of codes that refuse a whole request; all others have 400."""

_OPERATION_ERRORS = (CannotGetOperationTypeError, InvalidOperationTypeError)


class RequestError(Exception):
    """An HTTP request that is answered before any of it is executed."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: Code = Code.BAD_REQUEST,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.extensions = {"code": code, **(extensions or {})}


def limit_error(limit: str, most: float, found: object, message: str) -> GraphQLError:
    """Return the error of an exceeded limit, with limit and value for programs."""
    return GraphQLError(
        message,
        extensions={"code": Code.LIMIT_EXCEEDED, "limit": limit, "most": most, "found": found},
    )


def coded(message: str, code: Code) -> GraphQLError:
    """Return an error that belongs to no field."""
    return GraphQLError(message, extensions={"code": code})


def refusal(error: PigeonholeError) -> GraphQLError:
    """Return a `PigeonholeError` as a GraphQL error that belongs to no field."""
    return GraphQLError(str(error), original_error=error, extensions=dict(error.extensions))


def status_of(code: object) -> int:
    """Return the HTTP status of a request that is refused as a whole with this code."""
    return STATUSES.get(code, 400) if isinstance(code, str) else 400


def headers_of(error: BaseException | None) -> dict[str, str]:
    """Return the headers of a refusal: how to authenticate, and when to try again.

    `Retry-After`, in whole seconds, is set if the error has a `retry_after_s`.
    """
    headers = {}
    if getattr(error, "code", None) == "UNAUTHENTICATED":
        headers["WWW-Authenticate"] = "Bearer"
    delay_s = getattr(error, "retry_after_s", None)
    if delay_s is not None:
        headers["Retry-After"] = str(max(1, ceil(delay_s)))
    return headers


def answer_of(error: Exception) -> tuple[int, dict[str, str], GraphQLError]:
    """Return status, headers and error of a request that an exception ended."""
    status, headers, said = _answer_of(error)
    return status, headers, _counted(said)


def body_of(error: GraphQLError) -> dict[str, object]:
    """Return the JSON body of a request that is refused as a whole."""
    return {"errors": [{"message": error.message, "extensions": dict(error.extensions or {})}]}


def _answer_of(error: Exception) -> tuple[int, dict[str, str], GraphQLError]:
    if isinstance(error, RequestError):
        return error.status, error.headers, GraphQLError(str(error), extensions=error.extensions)
    passing = refusal_of(error)
    if passing is not None and passing is not error:
        log.warning("unavailable", code=passing.code, reason=reason(error))
        error = passing
    if isinstance(error, PigeonholeError):
        return status_of(error.code), headers_of(error), refusal(error)
    return STATUSES[Code.INTERNAL], {}, masked(error)


def cause_of(error: GraphQLError) -> BaseException | None:
    """Return the exception that caused an error, if any."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def told(error: GraphQLError) -> GraphQLError:
    """Return the error as the caller may see it, with a code; log and mask a bug."""
    return _counted(_told(error))


def _told(error: GraphQLError) -> GraphQLError:
    if error.extensions and "code" in error.extensions:
        return error
    if isinstance(error, GraphQLSyntaxError):
        return _coded(error, Code.GRAPHQL_PARSE_FAILED)
    if isinstance(error.original_error, _OPERATION_ERRORS):
        return _coded(error, Code.OPERATION_RESOLUTION_FAILURE)
    if isinstance(error.original_error, MissingQueryError):
        return _coded(error, Code.BAD_REQUEST)
    if _is_about_a_value(error):
        return _coded(error, Code.BAD_USER_INPUT)
    return _passing(error) or masked(error)


def _passing(error: GraphQLError) -> GraphQLError | None:
    """Return the error for a field that failed because a service is unavailable or full."""
    cause = cause_of(error)
    refused = None if cause is None else refusal_of(cause)
    if cause is None or refused is None:
        return None
    if refused is not cause:
        log.warning("unavailable", code=refused.code, path=error.path, reason=reason(cause))
    return GraphQLError(
        refused.message,
        nodes=error.nodes,
        path=error.path,
        original_error=refused,
        extensions=dict(refused.extensions),
    )


def masked(error: GraphQLError | BaseException) -> GraphQLError:
    """Log a bug with its traceback under a new ID, and return an error with only the ID."""
    id = secrets.token_hex(4)
    located = error if isinstance(error, GraphQLError) else None
    cause = (located.original_error if located else error) or error
    path = located.path if located else None
    log.error("bug", error_id=id, path=path, exc_info=cause)
    return GraphQLError(
        f"Internal server error. Report this ID to the operator: {id}",
        nodes=located.nodes if located else None,
        path=path,
        extensions={"code": Code.INTERNAL, "id": id},
    )


def _counted(error: GraphQLError) -> GraphQLError:
    metrics.ERRORS.labels(str((error.extensions or {}).get("code", "NONE"))).inc()
    return error


def _coded(error: GraphQLError, code: Code) -> GraphQLError:
    error.extensions = {**(error.extensions or {}), "code": code}
    return error


def _is_about_a_value(error: GraphQLError) -> bool:
    """Whether graphql-core found that a value of the caller does not fit where it stands.

    It finds wrong variables before it executes anything, and so there is no path; a variable that
    is null where a default of the document stands for a value that may not be, when it comes to
    that argument.
    """
    nodes = error.nodes or ()
    if error.path is None:
        is_of_variable = nodes and all(isinstance(n, VariableDefinitionNode) for n in nodes)
        return bool(is_of_variable) or cause_of(error) is None
    is_of_value = nodes and all(isinstance(n, ValueNode) for n in nodes)
    return bool(is_of_value) and cause_of(error) is None
