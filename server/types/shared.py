"""What several types have in common."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Self, TypeVar

import strawberry

from pigeonhole.errors import PigeonholeError
from server.permissions import ANYONE, READ

T = TypeVar("T")
R = TypeVar("R")


def maybe(of: Callable[[R], T], row: R | None) -> T | None:
    """The row as the type that clients see, if there is one."""
    return None if row is None else of(row)


@strawberry.interface(
    description="An object with an ID that stays the same for its life.", directives=ANYONE
)
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, and unique across all types.")


@strawberry.enum(description="What went wrong, in a word that a program can match.")
class ErrorCode(Enum):
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="The object is not there, or not visible to the caller."
    )
    INVALID = strawberry.enum_value(
        "INVALID", description="The value breaks a rule; `message` says which."
    )
    REQUIRED = strawberry.enum_value("REQUIRED", description="A required value is missing.")
    TAKEN = strawberry.enum_value("TAKEN", description="The value is taken.")
    TOO_LONG = strawberry.enum_value(
        "TOO_LONG", description="The value is too long, or the list has too many entries."
    )
    LIMIT_REACHED = strawberry.enum_value(
        "LIMIT_REACHED", description="A quota of this function or project is used up."
    )
    UNREADABLE_IMAGE = strawberry.enum_value(
        "UNREADABLE_IMAGE", description="The bytes are not an image that can be read."
    )
    IMAGE_TOO_LARGE = strawberry.enum_value(
        "IMAGE_TOO_LARGE", description="The image has too many bytes or pixels."
    )
    URL_NOT_FETCHED = strawberry.enum_value(
        "URL_NOT_FETCHED", description="The URL could not be fetched, or may not be."
    )
    NOT_TRAINED = strawberry.enum_value(
        "NOT_TRAINED", description="The function has no trained model yet."
    )
    CONFLICT = strawberry.enum_value(
        "CONFLICT", description="The state of the object does not allow this now."
    )
    OVERLOADED = strawberry.enum_value(
        "OVERLOADED", description="Too much is asked at once; try this entry again soon."
    )
    RATE_LIMITED = strawberry.enum_value(
        "RATE_LIMITED", description="The caller's allowance is used up; try this entry again soon."
    )


@strawberry.type(description="Something that the caller can put right.", directives=ANYONE)
class UserError:
    code: ErrorCode = strawberry.field(description="What to match on.")
    message: str = strawberry.field(description="For a person, in English, without internals.")
    path: list[str] = strawberry.field(
        description='Where in the arguments, such as `["input", "samples", "3", "image"]`; '
        "empty when no one field is at fault."
    )

    @classmethod
    def of(cls, error: PigeonholeError) -> Self:
        return cls(code=ErrorCode(error.code), message=error.message, path=list(error.path))


@strawberry.enum(description="Which way a list is sorted.")
class SortDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest or oldest first.")
    DESC = strawberry.enum_value("DESC", description="Largest or newest first.")


@strawberry.type(description="A rate with its interval.", directives=READ)
class Estimate:
    value: float = strawberry.field(description="The point estimate.")
    lower: float = strawberry.field(description="Lower end of the 95 % interval.")
    upper: float = strawberry.field(description="Upper end of the 95 % interval.")
    count: int = strawberry.field(
        description="How many samples it rests on; near-duplicates count as one."
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
        )
