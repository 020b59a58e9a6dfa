"""Scalars beyond those of GraphQL itself."""

import math
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from strawberry.file_uploads.scalars import Upload
from strawberry.types.scalar import ScalarDefinition

from pigeonhole.names import is_storable

URL = NewType("URL", str)
JSON = NewType("JSON", object)


def instant(value: datetime) -> str:
    """An instant as it is written, to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _parse_instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("An instant is a string, such as 2026-11-24T16:05:00Z.")
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("An instant names its offset, such as the Z of 2026-11-24T16:05:00Z.")
    return instant.astimezone(UTC)


def _parse_json(value: Any) -> Any:
    """JSON as it came; what JSON has not, or no database can hold, is refused."""
    if isinstance(value, str) and not is_storable(value):
        raise ValueError("A text has no NUL character and no lone surrogates.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("JSON has no NaN and no infinities.")
    if isinstance(value, dict):
        for key, item in value.items():
            _parse_json(key)
            _parse_json(item)
    if isinstance(value, list):
        for item in value:
            _parse_json(item)
    return value


UPLOAD = strawberry.scalar(
    name="Upload",
    description="A file of a multipart request.",
    specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
    serialize=lambda value: value,
    parse_value=lambda value: value,
)

SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, as RFC 3339, such as `2026-11-24T16:05:00.123Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=instant,
        parse_value=_parse_instant,
    ),
    Upload: UPLOAD,
    URL: strawberry.scalar(
        name="URL",
        description="An absolute http or https URL.",
        serialize=str,
        parse_value=str,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="A JSON value, kept as it was given.",
        serialize=lambda value: value,
        parse_value=_parse_json,
    ),
}
