"""Tables of images and labels: CSV, TSV, JSON Lines, Parquet, and exports of tools."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO

from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files import annotations, rows
from pigeonhole_client.files.annotations import Record
from pigeonhole_client.files.rows import Row as Row

KINDS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".xml"})
NAMES = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
"""Tables that describe the folder they lie in, by the names of Hugging Face's ``imagefolder``."""

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # as Excel's "Unicode text"
MOST_OF_FIELD = 64 << 20
"""Characters of a field of a CSV table, which may be a data URI; Python allows 131,072."""
CHUNK = 1 << 16
"""Characters read at a time."""
PARQUET_ROWS = 500
"""Rows of a Parquet file in memory at a time."""
BETWEEN = re.compile(r"[\s,]*")
NEITHER = "{} is neither a list of objects, like Label Studio's JSON export, nor COCO."


def read(name: str, file: IO[bytes], suffix: str = "") -> Iterator[Row]:
    """Yield the rows of a table, whose format follows from ``suffix`` or else that of ``name``.

    A few rows are in memory at a time, except of COCO, whose parts refer to one another.

    Columns are found by their names in any case: see `PATHS`, `URLS`, `LABELS` and `IDS`. A path
    that begins with ``http://``, ``https://`` or ``data:`` is treated as a URL.

    Raises:
        UnusableFileError: The table cannot be read, or has no column with paths or URLs.
    """
    number = 0
    try:
        for number, record in enumerate(_records(name, file, suffix), 1):
            yield rows.row(name, number, record)
    except csv.Error as error:
        raise UnusableFileError(f"{name}, row {number + 1}: not CSV: {error}.") from None


def _records(name: str, file: IO[bytes], suffix: str) -> Iterator[Record]:
    kind = suffix or PurePosixPath(name).suffix.lower()
    if kind == ".parquet":
        yield from _parquet(name, file)
        return
    if kind == ".xml":
        try:
            yield from annotations.cvat(file)
        except ValueError as error:
            raise UnusableFileError(f"{name}: {error}.") from None
        return
    with _text(name, file) as text:
        if kind in (".csv", ".tsv"):
            before = csv.field_size_limit(MOST_OF_FIELD)  # of the whole process
            try:
                delimiter = "\t" if kind == ".tsv" else _delimiter(text)
                records = csv.DictReader(text, delimiter=delimiter)
                is_classes = PurePosixPath(name).name == annotations.CLASSES
                yield from annotations.classes(records) if is_classes else records
            finally:
                csv.field_size_limit(before)
        elif kind == ".json":
            yield from _json(name, text)
        else:
            yield from _objects(name, text)


@contextmanager
def _text(name: str, file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """Open the text of a table, once all of it has been found to be text.

    Raises:
        UnusableFileError: It is not encoded in UTF-8 or, with a mark, in UTF-16.
    """
    start = file.read(len(codecs.BOM_UTF16))
    file.seek(0)
    encoding = "utf-16" if start in UTF_16 else "utf-8-sig"
    text = io.TextIOWrapper(file, encoding, newline=None)
    try:
        while text.read(CHUNK):
            pass
        text.seek(0)
        yield text
    except UnicodeDecodeError:
        raise UnusableFileError(f"{name} is not encoded in UTF-8. Save it as UTF-8.") from None
    finally:
        text.detach()  # the caller closes the file


def _parquet(name: str, file: IO[bytes]) -> Iterator[Record]:
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
        for batch in parquet.ParquetFile(file).iter_batches(batch_size=PARQUET_ROWS):
            yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise UnusableFileError(f"{name} is not a Parquet file: {error}.") from None


def _delimiter(text: IO[str]) -> str:
    """Return the separator of the first line: a comma, or a semicolon or tab as Excel writes."""
    first = text.readline(CHUNK)
    text.seek(0)
    return max(",;\t", key=first.count)


def _objects(name: str, text: IO[str]) -> Iterator[Record]:
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise UnusableFileError(f"{name}, line {number}: not JSON: {error}.") from None
        if not isinstance(record, dict):
            raise UnusableFileError(f"{name}, line {number}: not an object.")
        yield record


def _json(name: str, text: IO[str]) -> Iterator[Record]:
    """Read a JSON file: COCO, or a list of objects of another tool or with columns."""
    is_list = next(iter(text.read(CHUNK).lstrip()), "") == "["
    text.seek(0)
    if is_list:
        yield from annotations.objects(_listed(name, text))
        return
    try:
        said = json.load(text)
    except ValueError as error:
        raise UnusableFileError(f"{name}: not JSON: {error}.") from None
    if not isinstance(said, dict) or not all(
        isinstance(said.get(key), list) for key in annotations.COCO_KEYS
    ):
        raise UnusableFileError(NEITHER.format(name))
    try:
        yield from annotations.coco(said)
    except (KeyError, TypeError) as error:
        raise UnusableFileError(f"{name} is not in COCO's format: {error!r}.") from None


def _listed(name: str, text: IO[str]) -> Iterator[Record]:
    """Yield the objects of a JSON list, one after another."""
    decoder = json.JSONDecoder()
    read = text.read(CHUNK).lstrip()
    at = 1  # after the bracket
    while True:
        at = BETWEEN.match(read, at).end()  # type: ignore[union-attr] # it matches nothing too
        if read[at : at + 1] == "]":
            return
        try:
            item, at = decoder.raw_decode(read, at)
        except ValueError as error:
            more = text.read(max(CHUNK, len(read) - at))
            if not more or len(read) - at > MOST_OF_FIELD:
                raise UnusableFileError(f"{name}: not JSON: {error}.") from None
            read, at = read[at:] + more, 0
            continue
        if not isinstance(item, dict):
            raise UnusableFileError(NEITHER.format(name))
        yield item
