"""Payloads of mutations, which contain an object or errors."""

from collections.abc import Sequence
from typing import TypeVar

from pigeonhole_client.api.fragments import ErrorFields
from pigeonhole_client.errors import UnexpectedAnswerError, error_of

T = TypeVar("T")


def accepted(found: T | None, errors: Sequence[ErrorFields]) -> T:
    """Return the object in a mutation's payload.

    Raises:
        ApiError: The payload has errors; this is the first.
    """
    check(errors)
    if found is None:
        raise UnexpectedAnswerError("The server returned neither a result nor an error.")
    return found


def check(errors: Sequence[ErrorFields]) -> None:
    """Raise the first error of a payload, if there is any.

    Raises:
        ApiError: The payload has errors.
    """
    for error in errors:
        raise error_of(error.code.value, error.message, error.path)
