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
    """Return a time as text, to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _parse_instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("DateTime must be a string such as 2026-11-24T16:05:00Z.")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("DateTime must be a time such as 2026-11-24T16:05:00Z.") from None
    if instant.tzinfo is None:
        raise ValueError("DateTime must have an offset, such as the Z of 2026-11-24T16:05:00Z.")
    return instant.astimezone(UTC)


def _parse_url(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("URL must be a string such as https://example.org/soup.jpg.")
    return value


def _parse_json(value: Any) -> Any:
    """Return a JSON value unchanged; refuse values that JSON or a database cannot hold."""
    if isinstance(value, str) and not is_storable(value):
        raise ValueError("Text must not contain NUL characters or lone surrogates.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("JSON must not contain NaN or infinity.")
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
        description="A point in time in UTC, in the format of RFC 3339, such as "
        "`2026-11-24T16:05:00.123Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=instant,
        parse_value=_parse_instant,
    ),
    Upload: UPLOAD,
    URL: strawberry.scalar(
        name="URL",
        description="An absolute http or https URL.",
        serialize=str,
        parse_value=_parse_url,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="A JSON value, returned as it was given.",
        serialize=lambda value: value,
        parse_value=_parse_json,
    ),
}
