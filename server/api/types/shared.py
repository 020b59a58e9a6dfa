"""Definitions that several types share."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Self, TypeVar

import strawberry

from pigeonhole.errors import PigeonholeError
from server.auth.permissions import ANYONE, READ

T = TypeVar("T")
R = TypeVar("R")


def maybe(of: Callable[[R], T], row: R | None) -> T | None:
    """Return the row as its GraphQL type; None if there is no row."""
    return None if row is None else of(row)


@strawberry.interface(description="An object with an ID that never changes.", directives=ANYONE)
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque ID, unique across all types.")


@strawberry.enum(
    description="Machine-readable kind of an error: `code` of an error in a payload, and "
    "`extensions.code` of a top-level one."
)
class ErrorCode(Enum):
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="The object does not exist, or is not visible to the caller."
    )
    INVALID = strawberry.enum_value(
        "INVALID", description="The value is not valid; `message` says why."
    )
    REQUIRED = strawberry.enum_value("REQUIRED", description="A required value is missing.")
    TAKEN = strawberry.enum_value(
        "TAKEN", description="The value must be unique and is already in use."
    )
    TOO_LONG = strawberry.enum_value(
        "TOO_LONG", description="The text is too long, or the list has too many entries."
    )
    LIMIT_REACHED = strawberry.enum_value(
        "LIMIT_REACHED", description="A quota of the function or of the project is used up."
    )
    UNREADABLE_IMAGE = strawberry.enum_value(
        "UNREADABLE_IMAGE", description="The file is not an image that can be decoded."
    )
    IMAGE_TOO_LARGE = strawberry.enum_value(
        "IMAGE_TOO_LARGE", description="The image has too many bytes or pixels."
    )
    URL_NOT_FETCHED = strawberry.enum_value(
        "URL_NOT_FETCHED",
        description="The URL could not be fetched, or fetching it is not allowed.",
    )
    NOT_TRAINED = strawberry.enum_value(
        "NOT_TRAINED", description="The function has no trained model yet."
    )
    CONFLICT = strawberry.enum_value(
        "CONFLICT", description="The current state of the object does not allow this."
    )
    OVERLOADED = strawberry.enum_value(
        "OVERLOADED", description="The server is overloaded. Try this entry again soon."
    )
    RATE_LIMITED = strawberry.enum_value(
        "RATE_LIMITED", description="The caller's rate limit is used up. Try this entry again soon."
    )
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE",
        description="The database or the storage is unavailable. Try this entry again soon.",
    )
    INSUFFICIENT_STORAGE = strawberry.enum_value(
        "INSUFFICIENT_STORAGE",
        description="The server's disk is full, so this entry was not stored.",
    )
    UNAUTHENTICATED = strawberry.enum_value(
        "UNAUTHENTICATED",
        description="The API key is missing, wrong, revoked or expired. Top-level only, as are all "
        "that follow.",
    )
    FORBIDDEN = strawberry.enum_value(
        "FORBIDDEN", description="The API key does not have the required scope."
    )
    INTERNAL = strawberry.enum_value(
        "INTERNAL", description="A bug of the server, which its log has under the error's `id`."
    )
    BAD_REQUEST = strawberry.enum_value(
        "BAD_REQUEST", description="The HTTP request or the websocket message is malformed."
    )
    BAD_USER_INPUT = strawberry.enum_value(
        "BAD_USER_INPUT", description="The value of a variable does not fit where it is used."
    )
    GRAPHQL_PARSE_FAILED = strawberry.enum_value(
        "GRAPHQL_PARSE_FAILED", description="The document is not GraphQL."
    )
    GRAPHQL_VALIDATION_FAILED = strawberry.enum_value(
        "GRAPHQL_VALIDATION_FAILED", description="The document does not match the schema."
    )
    OPERATION_RESOLUTION_FAILURE = strawberry.enum_value(
        "OPERATION_RESOLUTION_FAILURE",
        description="The document has no operation of this name, or several and no name was given.",
    )
    LIMIT_EXCEEDED = strawberry.enum_value(
        "LIMIT_EXCEEDED",
        description="The request exceeds a limit; `extensions` has its name as `limit`, the "
        "largest value allowed as `most` and the value found as `found`.",
    )
    PERSISTED_QUERY_NOT_FOUND = strawberry.enum_value(
        "PERSISTED_QUERY_NOT_FOUND",
        description="The server does not know a document with this hash. Send the document too.",
    )
    DOCUMENT_NOT_REGISTERED = strawberry.enum_value(
        "DOCUMENT_NOT_REGISTERED", description="The server executes registered documents only."
    )
    UNSUPPORTED_MEDIA_TYPE = strawberry.enum_value(
        "UNSUPPORTED_MEDIA_TYPE",
        description="The type or encoding of the body is not supported.",
    )
    NOT_ACCEPTABLE = strawberry.enum_value(
        "NOT_ACCEPTABLE", description="None of the accepted media types can be sent."
    )
    CSRF_PREVENTED = strawberry.enum_value(
        "CSRF_PREVENTED",
        description="A multipart request lacks a header that a form of another site cannot send: "
        "`Authorization` or `Apollo-Require-Preflight`.",
    )


@strawberry.type(description="An error that the caller can correct.", directives=ANYONE)
class UserError:
    code: ErrorCode = strawberry.field(description="Machine-readable kind of the error.")
    message: str = strawberry.field(description="What is wrong, in English.")
    path: list[str] = strawberry.field(
        description='Path of the invalid argument, such as `["input", "samples", "3", '
        '"image"]`; empty if it is not a single one.'
    )

    @classmethod
    def of(cls, error: PigeonholeError) -> Self:
        return cls(code=ErrorCode(error.code), message=error.message, path=list(error.path))


@strawberry.enum(description="Direction to sort in.")
class SortDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Ascending: smallest or oldest first.")
    DESC = strawberry.enum_value("DESC", description="Descending: largest or newest first.")


@strawberry.type(description="An estimated rate with its confidence interval.", directives=READ)
class Estimate:
    value: float = strawberry.field(description="Point estimate, from 0 to 1.")
    lower: float = strawberry.field(description="Lower end of the 95% confidence interval.")
    upper: float = strawberry.field(description="Upper end of the 95% confidence interval.")
    count: int = strawberry.field(
        description="Effective number of independent samples, from which the interval is "
        "computed. Near-duplicates together count as about one, and held-out samples of an "
        "accuracy count for less than new ones."
    )
    sample_count: int = strawberry.field(
        description="Number of held-out samples, or of invocations, on which the value was "
        "measured."
    )

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self | None:
        if stored is None:
            return None
        return cls(
            value=stored["value"],
            lower=stored["lower"],
            upper=stored["upper"],
            count=round(stored["count"]),
            sample_count=stored.get("samples") or round(stored["count"]),
        )
