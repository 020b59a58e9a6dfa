"""Opaque ids: what kind of object, and which."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import strawberry

from pigeonhole.errors import NotFoundError


class Kind(StrEnum):
    """What an id names; the value is its prefix."""

    FUNCTION = "fn"
    LABEL = "lb"
    SAMPLE = "sm"
    ANNOTATION = "an"
    TRAINING_RUN = "tr"
    MODEL = "md"
    INVOCATION = "iv"
    API_KEY = "ak"
    AUDIT_ENTRY = "ae"


def encode(kind: Kind, id: UUID) -> strawberry.ID:
    """The id that clients see."""
    return strawberry.ID(f"{kind}_{id.hex}")


def decode(kind: Kind, id: str, path: Sequence[str] = ()) -> UUID:
    """The row that an id of this kind names.

    Raises:
        NotFoundError: It is not an id of this kind.
    """
    parsed = parse(id)
    if parsed is None or parsed[0] != kind:
        raise not_found(kind, path)
    return parsed[1]


def not_found(kind: Kind, path: Sequence[str]) -> NotFoundError:
    """What is said of an object that is not there for the caller."""
    what = "API key" if kind is Kind.API_KEY else kind.name.lower().replace("_", " ")
    return NotFoundError(f"There is no such {what}.", path=path)


def parse(id: str) -> tuple[Kind, UUID] | None:
    """What an id names; None if it is none of ours."""
    prefix, _, digits = id.partition("_")
    if prefix not in set(Kind) or len(digits) != 32 or not set(digits) <= set("0123456789abcdef"):
        return None
    return Kind(prefix), UUID(hex=digits)
