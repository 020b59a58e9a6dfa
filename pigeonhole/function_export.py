"""Export of a function: a zip file of images in label folders and a table, or the table alone."""

import csv
import io
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import IO, Any
from uuid import UUID

from zipstream import ZipStream

from pigeonhole import functions
from pigeonhole.errors import NotFoundError
from pigeonhole.services.predictors import Prediction, Predictor
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Model, Sample
from pigeonhole.training import answers

FORMAT = 1
"""Version of the layout; a reader refuses one that is newer than it knows."""
TABLE = "metadata.jsonl"
"""File of one JSON line a sample, under the name that Hugging Face's ``imagefolder`` reads."""
ABOUT = "function.json"
"""File of the function's settings and labels."""
UNANNOTATED = "_unannotated"
"""Folder of images without an annotation."""
COLUMNS = (
    "file_name",
    "label",
    "sample_id",
    "external_id",
    "original_name",  # `datasets` opens a column that ends with `_file_name`
    "metadata",  # as text: `datasets` opens what keys of an object name that end like that too
    "annotated_at",
    "annotated_by",
    "annotation_source",
    "confirmed",
    "predicted",
    "confidence",
    "decision",
    "mistake_score",
    "informativeness",
    "model_version",
    "fold",
    "source",
    "capture_reason",
    "sha256",
    "media_type",
    "width",
    "height",
    "created_at",
)
"""The columns of the table."""
PAGE = 500
CHUNK = 1 << 16
EXTENSIONS = {"image/jpeg": "jpg"}
"""File extensions of media types whose own name is not the usual one."""
FORBIDDEN = frozenset('\\/:*?"<>|%')
"""Characters that some file system forbids in names, and the percent sign."""


async def archive(
    services: Services, function_id: UUID, *, images: bool = True
) -> AsyncIterator[bytes]:
    """Yield the bytes of a zip file of a function, a chunk at a time.

    It holds ``function.json``, ``metadata.jsonl`` and, with ``images``, each image at the path that
    its line of the table names. Memory does not grow with the images: one is held at a time.
    Images deleted meanwhile are left out.

    Raises:
        NotFoundError: Function not found.
    """
    function = await functions.get(function_id)
    labels = await Label.filter(function_id=function_id).order_by("id")
    version = await _version(function)
    zip = ZipStream()
    zip.add(json.dumps(_about(function, labels, version), ensure_ascii=False, indent=2), ABOUT)
    for chunk in zip.all_files():
        yield chunk
    with tempfile.TemporaryFile(dir=services.settings.resolved_data_dir) as table:
        async for sample, row in _rows(services, function, labels):
            if images:
                try:
                    data = await services.storage.get(sample.sha256)
                except NotFoundError:
                    continue
                zip.add(data, row["file_name"])
                for chunk in zip.all_files():
                    yield chunk
            table.write(_line(row))
        table.seek(0)
        zip.add(_chunks(table), TABLE)
        for chunk in zip.finalize():
            yield chunk


class TableFormat(StrEnum):
    """The format of a table that is exported alone."""

    JSON_LINES = "jsonl"
    CSV = "csv"


async def table(services: Services, function_id: UUID, format: TableFormat) -> AsyncIterator[bytes]:
    """Yield the table of a function's samples, a row at a time.

    Raises:
        NotFoundError: Function not found.
    """
    function = await functions.get(function_id)
    labels = await Label.filter(function_id=function_id)
    if format is TableFormat.CSV:
        yield "\ufeff".encode() + _csv(COLUMNS)  # without the mark, Excel takes it for Latin-1
    async for _, row in _rows(services, function, labels):
        if format is TableFormat.CSV:
            yield _csv([_cell(row[column]) for column in COLUMNS])
        else:
            yield _line(row)


def _csv(cells: Sequence[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _cell(value: object) -> object:
    """Return a value as a cell of a CSV file; truth as JSON writes it."""
    return json.dumps(value) if isinstance(value, bool) else value


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


async def _version(function: Function) -> int | None:
    """Return the version of the active model; None where there is none."""
    if function.active_model_id is None:
        return None
    model = await Model.get_or_none(id=function.active_model_id).only("version")
    return None if model is None else model.version


def path_of(sample: Sample, names: dict[UUID, str]) -> str:
    """Return where an image lies in the zip file: in its label's folder, by its sample's ID.

    Characters of a label's name that a file system forbids are percent-encoded.
    """
    label = names.get(sample.label_id) if sample.label_id else None
    folder = UNANNOTATED if label is None else folder_of(label)
    kind = EXTENSIONS.get(sample.media_type, sample.media_type.partition("/")[2])
    return f"{folder}/{sample.id.hex}.{kind}"


def folder_of(label: str) -> str:
    """Return a label's name as a folder's name on any file system.

    Control characters, what Windows forbids, and dots or spaces at the ends are percent-encoded.
    """
    last = len(label) - 1
    return "".join(
        f"%{ord(character):02X}"
        if character in FORBIDDEN
        or character < " "
        or (character in ". _" and index in (0, last))  # `_` marks folders without a label
        else character
        for index, character in enumerate(label)
    )


async def _rows(
    services: Services, function: Function, labels: Sequence[Label]
) -> AsyncIterator[tuple[Sample, dict[str, Any]]]:
    """Yield each sample with its row of the table; the active model's predictions are current."""
    names = {label.id: label.name for label in labels}
    after: UUID | None = None
    while True:
        query = Sample.filter(function_id=function.id)
        page = await (query.filter(id__gt=after) if after else query).order_by("id").limit(PAGE)
        predictions = await answers.of_samples(services, page, keep=False)
        folds = await _folds(services, predictions)
        for sample in page:
            yield sample, _row(sample, names, predictions.get(sample.id), folds.get(sample.id))
        if len(page) < PAGE:
            return
        after = page[-1].id


async def _folds(
    services: Services, predictions: Mapping[UUID, Prediction]
) -> dict[UUID, int | None]:
    """Return the folds that samples were held out with from the model of their predictions."""
    used = list({prediction.model.id for prediction in predictions.values()})
    found = dict(zip(used, await services.predictors.get_many(used), strict=True))
    return {
        id: predictor.held_out.fold_of(id)
        for id, prediction in predictions.items()
        if isinstance(predictor := found[prediction.model.id], Predictor)
    }


def _chunks(table: IO[bytes]) -> Iterator[bytes]:
    while chunk := table.read(CHUNK):
        yield chunk


def _about(function: Function, labels: list[Label], version: int | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": function.name,
        "description": function.description,
        "maxErrorRate": function.max_error_rate,
        "autoTrain": function.auto_train,
        "learnsFromUnlabelled": function.learns_from_unlabelled,
        "capture": {
            "enabled": function.capture_enabled,
            "below": function.capture_below,
            "strange": function.capture_strange,
            "rareBelow": function.capture_rare_below,
            "randomShare": function.capture_random_share,
            "dailyLimit": function.capture_daily_limit,
        },
        "modelVersion": version,
        "labels": [
            {"name": label.name, "description": label.description, "metadata": label.metadata}
            for label in labels
        ],
    }


def _row(
    sample: Sample, names: dict[UUID, str], prediction: Prediction | None, fold: int | None
) -> dict[str, Any]:
    given = names.get(sample.label_id) if sample.label_id else None
    values = (
        path_of(sample, names),
        given,
        f"sm_{sample.id.hex}",
        sample.external_id,
        sample.file_name,
        sample.metadata and json.dumps(sample.metadata, ensure_ascii=False),
        _time(sample.annotated_at),
        sample.annotated_by,
        sample.annotation_source and sample.annotation_source.name,
        sample.confirmed,
        names.get(prediction.label_id) if prediction else None,
        prediction and prediction.confidence,
        prediction and prediction.decision.name,
        sample.mistake_score,
        sample.informativeness,
        prediction and prediction.model.version,
        fold,
        sample.source.name,
        sample.capture_reason and sample.capture_reason.name,
        sample.sha256,
        sample.media_type,
        sample.width,
        sample.height,
        _time(sample.created_at),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
