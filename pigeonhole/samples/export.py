"""Export of a function as a zip file: images in label folders, and a table of all data."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from zipstream import ZipStream

from pigeonhole import functions
from pigeonhole.errors import NotFoundError
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Model, Sample

FORMAT = 1
"""Version of the layout; a reader refuses one that is newer than it knows."""
TABLE = "metadata.jsonl"
"""File of one JSON line a sample, under the name that Hugging Face's ``imagefolder`` reads."""
ABOUT = "function.json"
"""File of the function's settings and labels."""
UNANNOTATED = "_unannotated"
"""Folder of images without an annotation."""
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
    names = {label.id: label.name for label in labels}
    version = await _version(function)
    zip = ZipStream()
    zip.add(json.dumps(_about(function, labels, version), ensure_ascii=False, indent=2), ABOUT)
    for chunk in zip.all_files():
        yield chunk
    with tempfile.TemporaryFile(dir=services.settings.resolved_data_dir) as table:
        async for sample in _samples(function_id):
            path = path_of(sample, names)
            if images:
                try:
                    data = await services.storage.get(sample.sha256)
                except NotFoundError:
                    continue
                zip.add(data, path)
                for chunk in zip.all_files():
                    yield chunk
            line = json.dumps(_line(sample, path, names), ensure_ascii=False)
            table.write(line.encode() + b"\n")
        table.seek(0)
        zip.add(_chunks(table), TABLE)
        for chunk in zip.finalize():
            yield chunk


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


async def _samples(function_id: UUID) -> AsyncIterator[Sample]:
    after: UUID | None = None
    while True:
        query = Sample.filter(function_id=function_id)
        page = await (query.filter(id__gt=after) if after else query).order_by("id").limit(PAGE)
        for sample in page:
            yield sample
        if len(page) < PAGE:
            return
        after = page[-1].id


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
        "modelVersion": version,
        "labels": [
            {"name": label.name, "description": label.description, "metadata": label.metadata}
            for label in labels
        ],
    }


def _line(sample: Sample, path: str, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "file_name": path,
        "label": names.get(sample.label_id) if sample.label_id else None,
        "sample_id": f"sm_{sample.id.hex}",
        "external_id": sample.external_id,
        "original_name": sample.file_name,  # `datasets` opens a column that ends with `_file_name`
        "annotated_at": _time(sample.annotated_at),
        "annotation_source": sample.annotation_source and sample.annotation_source.name,
        "confirmed": sample.confirmed,
        "predicted": names.get(sample.predicted_id) if sample.predicted_id else None,
        "confidence": sample.confidence,
        "mistake_score": sample.mistake_score,
        "informativeness": sample.informativeness,
        "model_version": sample.answer_version,
        "source": sample.source.name,
        "sha256": sample.sha256,
        "media_type": sample.media_type,
        "width": sample.width,
        "height": sample.height,
        "created_at": _time(sample.created_at),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
