"""Rows of tables: which column says what of an image."""

import json
from dataclasses import dataclass

from pigeonhole_client import data_uris
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files import annotations
from pigeonhole_client.files.annotations import Record

PATHS = ("file_name", "filename", "path", "file", "file_path", "image_path", "image")
URLS = ("url", "image_url", "uri")
LABELS = ("label", "label_name", "class", "class_name", "category", "tag", "choice")
IDS = ("external_id", "externalid", "id")
NAMES_BEFORE = ("original_name", "original_file_name")  # as an export writes it, or wrote it
METADATA = "metadata"
"""Column of an object of metadata, in CSV files as JSON."""
OURS = ("sample_id", "sha256", "annotation_source")
"""Columns that tell an export of Pigeonhole, whose other columns are no metadata."""


@dataclass(frozen=True)
class Row:
    """One image of a table: its path or URL, and what is given for it."""

    path: str | None
    url: str | None
    label: str | None
    external_id: str | None
    file_name: str | None = None  # where it is another than the path's; empty: none
    problem: str | None = None  # why it cannot be imported
    metadata: dict[str, str] | None = None
    confirmed: bool = False


def row(name: str, number: int, record: Record) -> Row:
    """Return what a row of a table says; columns that say nothing else are metadata.

    Raises:
        UnusableFileError: The table has no column with paths or URLs.
    """
    given = {str(key).strip(): value for key, value in record.items() if key is not None}
    values = {key.lower(): text for key, value in given.items() if (text := _text(value))}
    used = {annotations.PROBLEM, METADATA}

    def first(columns: tuple[str, ...]) -> str | None:
        found = next((column for column in columns if column in values), None)
        if found is None:
            return None
        used.add(found)
        return values[found]

    path, url = first(PATHS), first(URLS)
    problem = values.get(annotations.PROBLEM)
    is_url = path is not None and path.startswith(("http://", "https://"))
    if path is not None and (is_url or data_uris.is_data_uri(path)):
        path, url = None, path
    if path is None and url is None:
        if {key.lower() for key in given}.isdisjoint((*PATHS, *URLS)):
            raise UnusableFileError(
                f"{name}, row {number}: there is no path or URL of an image. Name its column one "
                f"of {', '.join((*PATHS, *URLS))}, in the first line."
            )
        path, problem = f"{name}, row {number}", problem or "the row names no image"
    label, external_id, file_name = first(LABELS), first(IDS), first(NAMES_BEFORE)
    metadata = _object(given.get(METADATA))
    confirmed = False
    if all(column in given for column in OURS):
        file_name = file_name or ""  # the image came without a name
        confirmed = values.get("confirmed", "").lower() == "true"
        if values.get("annotation_source") == "ACCEPTED":
            label = None  # a prediction, which must not be taught as what a person says
    else:
        others = {key: value for key, value in given.items() if key.lower() not in used}
        metadata |= {key: text for key, value in others.items() if (text := _metadata(value))}
    url = None if path else url
    return Row(path, url, label, external_id, file_name, problem, metadata or None, confirmed)


def _object(value: object) -> dict[str, str]:
    """Return the values of an object, which a CSV file has as JSON."""
    said: object = value
    if isinstance(value, str):
        try:
            said = json.loads(value)
        except ValueError:
            said = None
    if not isinstance(said, dict):
        return {METADATA: text} if (text := _metadata(value)) else {}
    return {str(key): _metadata(item) for key, item in said.items() if item is not None}


def _metadata(value: object) -> str:
    """Return a value as metadata; empty for null, NaN and bytes."""
    if isinstance(value, dict | list):
        try:
            return json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError):
            return ""
    if isinstance(value, float | int | str):
        return _text(value)
    return "" if value is None or isinstance(value, bytes) else str(value)


def _text(value: object) -> str:
    """Return a value of a table as text; empty for null, NaN, and what is no text or number."""
    if isinstance(value, float):
        if value != value:  # NaN, as pandas writes null
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    return str(value).strip() if isinstance(value, str | int) else ""
