"""Tables of images and labels: CSV, TSV, JSON Lines, Parquet, and exports of tools."""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from pigeonhole_client import data_uris
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files import annotations
from pigeonhole_client.files.annotations import Record

KINDS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".xml"})
NAMES = ("metadata.jsonl", "metadata.csv")
"""Tables that describe the folder they lie in, by the names of Hugging Face's ``imagefolder``."""

PATHS = ("file_name", "filename", "path", "file", "file_path", "image_path", "image")
URLS = ("url", "image_url", "uri")
LABELS = ("label", "label_name", "class", "class_name", "category", "tag", "choice")
IDS = ("external_id", "externalid", "id")
NAMES_BEFORE = ("original_name", "original_file_name")  # as an export writes it, or wrote it
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # as Excel's "Unicode text"
MOST_OF_FIELD = 64 << 20
"""Characters of a field of a CSV table, which may be a data URI; Python allows 131,072."""


@dataclass(frozen=True)
class Row:
    """One image of a table: its path or URL, and the label and names given for it."""

    path: str | None
    url: str | None
    label: str | None
    external_id: str | None
    file_name: str | None = None  # where it is another than the path's
    problem: str | None = None  # why it cannot be imported


def read(name: str, data: bytes) -> Iterator[Row]:
    """Yield the rows of a table, whose format follows from the suffix of ``name``.

    Columns are found by their names in any case: see `PATHS`, `URLS`, `LABELS` and `IDS`. A path
    that begins with ``http://``, ``https://`` or ``data:`` is treated as a URL.

    Raises:
        UnusableFileError: The table cannot be read, or has no column with paths or URLs.
    """
    number = 0
    try:
        for number, record in enumerate(_records(name, data), 1):
            yield _row(name, number, record)
    except csv.Error as error:
        raise UnusableFileError(f"{name}, row {number + 1}: not CSV: {error}.") from None


def _records(name: str, data: bytes) -> Iterator[Record]:
    kind = PurePosixPath(name).suffix.lower()
    if kind == ".parquet":
        return _parquet(name, data)
    if kind == ".xml":
        try:
            return iter(list(annotations.cvat(data)))
        except ValueError as error:
            raise UnusableFileError(f"{name}: {error}.") from None
    try:
        text = data.decode("utf-16" if data.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableFileError(f"{name} is not encoded in UTF-8. Save it as UTF-8.") from None
    if kind in (".csv", ".tsv"):
        csv.field_size_limit(MOST_OF_FIELD)
        delimiter = "\t" if kind == ".tsv" else _delimiter(text)
        rows = csv.DictReader(io.StringIO(text, newline=None), delimiter=delimiter)
        is_classes = PurePosixPath(name).name == annotations.CLASSES
        return annotations.classes(rows) if is_classes else rows
    if kind == ".json":
        return _whole(name, text)
    return _objects(name, text)


def _parquet(name: str, data: bytes) -> Iterator[Record]:
    """Yield the rows of a Parquet file.

    Raises:
        UnusableFileError: pyarrow is not installed, or it is not a Parquet file.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UnusableFileError(
            f"{name}: Parquet needs pyarrow. Run `pip install 'pigeonhole-client[parquet]'`."
        ) from None
    try:
        for batch in parquet.ParquetFile(io.BytesIO(data)).iter_batches():
            yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise UnusableFileError(f"{name} is not a Parquet file: {error}.") from None


def _delimiter(text: str) -> str:
    """Return the separator of the first line: a comma, or a semicolon or tab as Excel writes."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _objects(name: str, text: str) -> Iterator[Record]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise UnusableFileError(f"{name}, line {number}: not JSON: {error}.") from None
        if not isinstance(record, dict):
            raise UnusableFileError(f"{name}, line {number}: not an object.")
        yield record


def _whole(name: str, text: str) -> Iterator[Record]:
    """Read a JSON file: COCO, or a list of objects of another tool or with columns."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise UnusableFileError(f"{name}: not JSON: {error}.") from None
    if isinstance(said, dict) and all(
        isinstance(said.get(key), list) for key in annotations.COCO_KEYS
    ):
        try:
            return iter(list(annotations.coco(said)))
        except (KeyError, TypeError) as error:
            raise UnusableFileError(f"{name} is not in COCO's format: {error!r}.") from None
    if not isinstance(said, list) or not all(isinstance(task, dict) for task in said):
        raise UnusableFileError(
            f"{name} is neither a list of objects, like Label Studio's JSON export, nor COCO."
        )
    return annotations.objects(said)


def _row(name: str, number: int, record: Record) -> Row:
    given = {str(key).strip().lower(): value for key, value in record.items() if key is not None}
    values = {key: text for key, value in given.items() if (text := _text(value))}

    def first(columns: tuple[str, ...]) -> str | None:
        return next((values[column] for column in columns if column in values), None)

    path, url = first(PATHS), first(URLS)
    problem = values.get(annotations.PROBLEM)
    is_url = path is not None and path.startswith(("http://", "https://"))
    if path is not None and (is_url or data_uris.is_data_uri(path)):
        path, url = None, path
    if path is None and url is None:
        if given.keys().isdisjoint((*PATHS, *URLS)):
            raise UnusableFileError(
                f"{name}, row {number}: there is no path or URL of an image. Name its column one "
                f"of {', '.join((*PATHS, *URLS))}, in the first line."
            )
        path, problem = f"{name}, row {number}", problem or "the row names no image"
    return Row(path, None if path else url, first(LABELS), first(IDS), first(NAMES_BEFORE), problem)


def _text(value: object) -> str:
    """Return a value of a table as text; empty for null, NaN, and what is no text or number."""
    if isinstance(value, float):
        if value != value:  # NaN, as pandas writes null
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    return str(value).strip() if isinstance(value, str | int) else ""
