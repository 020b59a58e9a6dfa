"""Errors that callers may see.

PigeonholeError
├── NotFoundError         NOT_FOUND
├── InvalidError          INVALID
├── RequiredError         REQUIRED
├── TakenError            TAKEN
├── TooLongError          TOO_LONG
├── LimitReachedError     LIMIT_REACHED
├── UnreadableImageError  UNREADABLE_IMAGE
├── ImageTooLargeError    IMAGE_TOO_LARGE
├── UrlNotFetchedError    URL_NOT_FETCHED
├── NotTrainedError       NOT_TRAINED
├── ConflictError         CONFLICT
├── UnauthenticatedError  UNAUTHENTICATED
├── ForbiddenError        FORBIDDEN
├── OverloadedError       OVERLOADED
├── RateLimitedError      RATE_LIMITED
├── UnavailableError      UNAVAILABLE
└── InsufficientStorageError  INSUFFICIENT_STORAGE

Each has a code that a program matches and a message written for the caller. Any other exception
that reaches the API is a bug: it is logged with its traceback and an ID, and masked.
"""

from collections.abc import Sequence
from math import ceil
from typing import ClassVar


class PigeonholeError(Exception):
    """Base class of the errors whose message is written for the caller.

    ``path`` names the invalid argument, such as ``("input", "samples", "3", "image")``.
    """

    code: ClassVar[str]

    def __init__(self, message: str, *, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)

    @property
    def extensions(self) -> dict[str, str]:
        """The values that graphql-core copies into the response's ``errors[].extensions``."""
        return {"code": self.code}


class NotFoundError(PigeonholeError):
    """The object does not exist, or the caller may not see it."""

    code = "NOT_FOUND"


class InvalidError(PigeonholeError):
    """The value breaks a rule; the message says which."""

    code = "INVALID"


class RequiredError(PigeonholeError):
    """A required value is missing."""

    code = "REQUIRED"


class TakenError(PigeonholeError):
    """The value must be unique and is already used."""

    code = "TAKEN"


class TooLongError(PigeonholeError):
    """The value is too long, or the list has too many entries."""

    code = "TOO_LONG"


class LimitReachedError(PigeonholeError):
    """A quota or limit is reached."""

    code = "LIMIT_REACHED"


class UnreadableImageError(PigeonholeError):
    """The bytes are not an image that can be read."""

    code = "UNREADABLE_IMAGE"


class ImageTooLargeError(PigeonholeError):
    """The image has too many bytes or pixels."""

    code = "IMAGE_TOO_LARGE"


class UrlNotFetchedError(PigeonholeError):
    """The URL could not be fetched, or may not be."""

    code = "URL_NOT_FETCHED"


class NotTrainedError(PigeonholeError):
    """The function has no trained model yet."""

    code = "NOT_TRAINED"


class ConflictError(PigeonholeError):
    """The state of the object does not allow this now."""

    code = "CONFLICT"


class UnauthenticatedError(PigeonholeError):
    """The caller has no valid API key."""

    code = "UNAUTHENTICATED"


class ForbiddenError(PigeonholeError):
    """The caller's key does not allow this."""

    code = "FORBIDDEN"


class OverloadedError(PigeonholeError):
    """The server has too many requests at once; the caller can try again later."""

    code = "OVERLOADED"


class RateLimitedError(PigeonholeError):
    """The caller has exceeded a rate limit.

    ``retry_after_s`` is the time in seconds after which the request can succeed.
    """

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_s: float, path: Sequence[str] = ()) -> None:
        super().__init__(message, path=path)
        self.retry_after_s = retry_after_s

    @property
    def extensions(self) -> dict[str, str]:
        """The code, and the seconds to wait, rounded up."""
        return {**super().extensions, "retryAfter": str(max(1, ceil(self.retry_after_s)))}


class UnavailableError(PigeonholeError):
    """A service that the server needs, such as its database, is unavailable at the moment."""

    code = "UNAVAILABLE"
    retry_after_s = 5.0

    @property
    def extensions(self) -> dict[str, str]:
        """The code, and the seconds to wait, rounded up."""
        return {**super().extensions, "retryAfter": str(ceil(self.retry_after_s))}


class InsufficientStorageError(PigeonholeError):
    """The storage is full."""

    code = "INSUFFICIENT_STORAGE"


class EncoderAwayError(OSError):
    """The encoder service did not answer as expected in time; a later try can succeed."""
