"""Errors of the client.

PigeonholeError
├── UnreachableError       the server does not answer
├── UnexpectedAnswerError  the response is not that of a Pigeonhole of this version
├── UnusableFileError      a file or folder cannot be read as images or a table
├── TrainingError          a training run failed, was canceled, or cannot start
└── ApiError               the server refused; one class for each kind of refusal
    ├── NotFoundError, InvalidError, ConflictError, NotTrainedError
    ├── UnauthenticatedError, ForbiddenError
    ├── ImageError         an image is unreadable, too large, or cannot be fetched
    ├── RequestError       the server refused the form of a request
    ├── InternalError      the server failed
    └── TryAgainError      refused temporarily; raised after the last attempt
"""

from collections.abc import Sequence


class PigeonholeError(Exception):
    """Base class of all errors of the client."""


class UnreachableError(PigeonholeError):
    """The server could not be reached, or a response was interrupted."""


class UnexpectedAnswerError(PigeonholeError):
    """The response is not that of a Pigeonhole of this version."""


class UnusableFileError(PigeonholeError):
    """A file or folder cannot be read as images or as a table."""


class TrainingError(PigeonholeError):
    """A training run failed, was canceled, or cannot start."""


class ApiError(PigeonholeError):
    """A refusal of the server.

    ``code`` is for programs, such as ``NOT_FOUND``; ``path`` names the invalid argument.
    """

    def __init__(self, message: str, code: str = "", path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message, self.code, self.path = message, code, tuple(path)


class NotFoundError(ApiError):
    """The object does not exist, or is not visible for this key."""


class InvalidError(ApiError):
    """A value is invalid, missing, already in use or too long, or a quota is used up."""


class ConflictError(ApiError):
    """The current state of the object does not allow this."""


class NotTrainedError(ApiError):
    """The function has no trained model yet."""


class UnauthenticatedError(ApiError):
    """The API key is missing, wrong, revoked or expired."""


class ForbiddenError(ApiError):
    """The API key does not allow this."""


class ImageError(ApiError):
    """The image is unreadable, too large, or could not be fetched."""


class RequestError(ApiError):
    """The server refused the form of a request: its document, its size or its headers."""


class InternalError(ApiError):
    """The server failed; its log has the details."""


class TryAgainError(ApiError):
    """The server is overloaded, unavailable or full, or the rate limit is used up."""

    retry_after_s: float | None = None
    """Seconds after which the server expects to answer; None if it has not said."""


KINDS: dict[str, type[ApiError]] = {
    "NOT_FOUND": NotFoundError,
    "INVALID": InvalidError,
    "REQUIRED": InvalidError,
    "TAKEN": InvalidError,
    "TOO_LONG": InvalidError,
    "LIMIT_REACHED": InvalidError,
    "BAD_USER_INPUT": InvalidError,
    "UNREADABLE_IMAGE": ImageError,
    "IMAGE_TOO_LARGE": ImageError,
    "URL_NOT_FETCHED": ImageError,
    "NOT_TRAINED": NotTrainedError,
    "CONFLICT": ConflictError,
    "UNAUTHENTICATED": UnauthenticatedError,
    "FORBIDDEN": ForbiddenError,
    "OVERLOADED": TryAgainError,
    "RATE_LIMITED": TryAgainError,
    "UNAVAILABLE": TryAgainError,
    "INSUFFICIENT_STORAGE": TryAgainError,
    "BAD_REQUEST": RequestError,
    "CSRF_PREVENTED": RequestError,
    "DOCUMENT_NOT_REGISTERED": RequestError,
    "GRAPHQL_PARSE_FAILED": RequestError,
    "GRAPHQL_VALIDATION_FAILED": RequestError,
    "LIMIT_EXCEEDED": RequestError,
    "NOT_ACCEPTABLE": RequestError,
    "OPERATION_RESOLUTION_FAILURE": RequestError,
    "PERSISTED_QUERY_NOT_FOUND": RequestError,
    "UNSUPPORTED_MEDIA_TYPE": RequestError,
    "INTERNAL": InternalError,
}

PASSING = frozenset({"OVERLOADED", "RATE_LIMITED", "UNAVAILABLE"})
"""Codes of refusals that end by themselves."""


def error_of(code: str, message: str, path: Sequence[str] = ()) -> ApiError:
    """Return the error for a refusal, of the class for its code."""
    return KINDS.get(code, ApiError)(message, code, path)
