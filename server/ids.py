"""Opaque IDs of objects: a kind and a UUID."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import strawberry
from tortoise.models import Model

from pigeonhole import tables
from pigeonhole.errors import NotFoundError


class Kind(StrEnum):
    """Kinds of objects that IDs name; the value is the prefix of the ID."""

    FUNCTION = "fn"
    LABEL = "lb"
    SAMPLE = "sm"
    DELETED_SAMPLE = "ds"
    ANNOTATION = "an"
    TRAINING_RUN = "tr"
    MODEL = "md"
    INVOCATION = "iv"
    API_KEY = "ak"
    AUDIT_ENTRY = "ae"
    WEBHOOK = "wh"
    WEBHOOK_DELIVERY = "wd"


OF_ROWS: dict[type[Model], Kind] = {
    tables.Function: Kind.FUNCTION,
    tables.Label: Kind.LABEL,
    tables.Sample: Kind.SAMPLE,
    tables.DeletedSample: Kind.DELETED_SAMPLE,
    tables.TrainingRun: Kind.TRAINING_RUN,
    tables.Model: Kind.MODEL,
    tables.Invocation: Kind.INVOCATION,
    tables.ApiKey: Kind.API_KEY,
    tables.AuditEntry: Kind.AUDIT_ENTRY,
    tables.Webhook: Kind.WEBHOOK,
    tables.WebhookDelivery: Kind.WEBHOOK_DELIVERY,
}
"""The kinds of the IDs of rows."""


def encode(kind: Kind, id: UUID) -> strawberry.ID:
    """Return the ID that clients see."""
    return strawberry.ID(f"{kind}_{id.hex}")


def of_row(row: Model) -> strawberry.ID:
    """Return the ID of a row that clients see."""
    return encode(OF_ROWS[type(row)], row.pk)


def decode(kind: Kind, id: str, path: Sequence[str] = ()) -> UUID:
    """Return the row's UUID that an ID of this kind names.

    Raises:
        NotFoundError: It is not an ID of this kind.
    """
    parsed = parse(id)
    if parsed is None or parsed[0] != kind:
        raise not_found(kind, path)
    return parsed[1]


def not_found(kind: Kind, path: Sequence[str]) -> NotFoundError:
    """Return the error for an object that does not exist or is not visible to the caller."""
    what = "API key" if kind is Kind.API_KEY else kind.name.capitalize().replace("_", " ")
    return NotFoundError(f"{what} not found.", path=path)


def parse(id: str) -> tuple[Kind, UUID] | None:
    """Return kind and UUID of an ID; None if it is malformed."""
    prefix, _, digits = id.partition("_")
    if prefix not in set(Kind) or len(digits) != 32 or not set(digits) <= set("0123456789abcdef"):
        return None
    return Kind(prefix), UUID(hex=digits)
