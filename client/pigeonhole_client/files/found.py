"""Search for the images of an import in folders, archives, tables and single files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

from pigeonhole_client import data_uris
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files import annotations, tables
from pigeonhole_client.files.archives import ARCHIVES, Member, copied, is_hidden, members_of

IMAGES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".avif", ".heic", ".heif", ".bmp", ".tif"}
    | {".tiff", ".jxl"}
)
"""Suffixes of image files; other files are ignored, or read as a table.

The server refuses JPEG XL, which is told with the name of the file.
"""
SHOWN = 60
"""Characters of a data URI that a report names."""


class FileKind(str, Enum):
    """What a file is, whatever its name ends with."""

    IMAGE = "image"
    ZIP = "zip"
    TAR = "tar"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"
    XML = "xml"

    __str__ = str.__str__


@dataclass(frozen=True)
class Found:
    """An image to import; ``read`` returns its bytes, or raises `OSError`."""

    name: str  # for a person: a path, an archive's member, or a URL
    read: Callable[[], bytes] | None  # None where ``url`` says where it is
    label: str | None = None
    external_id: str | None = None
    url: str | None = None
    file_name: str | None = None  # to keep with the sample; None: the URL's
    metadata: dict[str, str] | None = None
    confirmed: bool = False  # whether a person has confirmed the label against a model


Look = Callable[[PurePosixPath], "Member | None"]
"""Returns the file at a path that a table gives; None if there is none."""


def find(
    path: Path,
    *,
    labels_from_folders: bool,
    metadata: bool = True,
    kind: FileKind | None = None,
) -> Iterator[Found]:
    """Yield the images that a path contains or lists, one after another.

    Of a folder or archive with a table (``metadata.jsonl``, ``metadata.csv``), only the images in
    that table are imported. A table given by itself lists files in its own folder, or URLs.
    Otherwise every image is imported, and with ``labels_from_folders`` the name of the folder that
    contains an image is its label.

    A folder whose subfolders contain images too names no label. With ``metadata``, columns of
    tables that say nothing else are metadata. ``kind`` says what a file is; without it, the suffix
    does.

    Raises:
        UnusableFileError: The path does not exist, cannot be imported, or contains no image.
    """
    found = _of(path, labels_from_folders, kind)
    images = found if metadata else (replace(image, metadata=None) for image in found)
    first = next(images, None)
    if first is None:
        raise UnusableFileError(f"{path} contains no images.")
    yield first
    yield from images


def _of(path: Path, labels_from_folders: bool, kind: FileKind | None) -> Iterator[Found]:
    suffix = f".{kind.value}" if kind else path.suffix.lower()
    is_archive = suffix in ARCHIVES if kind else path.name.lower().endswith(ARCHIVES)
    if path.is_dir():
        top = path.resolve().name
        yield from _all(list(_in_folder(path)), labels_from_folders, top, folder=path)
    elif not path.is_file():
        raise UnusableFileError(f"{path} does not exist.")
    elif suffix in tables.KINDS:
        with _opened(path) as file:
            yield from _listed(path.name, file, _on_disk(path.parent), suffix)
    elif is_archive:
        with members_of(path, suffix == ".zip") as members:
            yield from _all(members, labels_from_folders)
    elif suffix in IMAGES or kind is FileKind.IMAGE:
        yield Found(str(path), path.read_bytes, file_name=path.name)
    else:
        raise UnusableFileError(
            f"{path} is not an image, a folder, a zip or tar archive, or a CSV, TSV, JSON, JSON "
            "Lines, Parquet or XML table by the end of its name. Say what it is with `kind`."
        )


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise UnusableFileError(f"{path} cannot be read: {error.strerror}.") from None


def _all(
    members: list[Member], labels_from_folders: bool, top: str = "", folder: Path | None = None
) -> Iterator[Found]:
    """Yield what tables list, or else all images; ``folder`` is None for an archive."""
    listed = [m for m in members if _is_table(m.path)]
    for table in listed:
        around = table.path.parent
        if around.name == "annotations":
            around = around.parent
        if folder is not None:
            look = _on_disk(folder / around)
        else:
            look = {
                m.path.relative_to(around): m for m in members if m.path.is_relative_to(around)
            }.get
        with _opened(folder / table.path) if folder is not None else copied(table) as file:
            yield from _listed(table.name, file, look)
    if listed:
        return
    images = [member for member in members if member.path.suffix.lower() in IMAGES]
    parents = {up for folder in {m.path.parent for m in images} for up in folder.parents}
    for member in images:
        around = member.path.parent
        name = None if around in parents else around.name or top
        label = name if labels_from_folders and name else None
        yield Found(member.name, member.read, label, file_name=member.path.name)


def _is_table(path: PurePosixPath) -> bool:
    return path.name in tables.NAMES or annotations.is_table_of_folder(path)


def _on_disk(folder: Path) -> Look:
    def look(within: PurePosixPath) -> Member | None:
        path = folder / within
        try:
            return _member(within, path) if path.is_file() else None
        except OSError:  # longer than a name may be
            return None

    return look


def _member(within: PurePosixPath, path: Path) -> Member:
    return Member(within, str(path), path.read_bytes, lambda: path.open("rb"))


def _listed(name: str, file: IO[bytes], look: Look, suffix: str = "") -> Iterator[Found]:
    for row in tables.read(name, file, suffix):
        known: dict[str, Any] = {"metadata": row.metadata, "confirmed": row.confirmed}
        if row.problem is not None:
            yield Found(row.path or row.url or name, _refused(row.problem))
        elif row.url is not None and data_uris.is_data_uri(row.url):
            yield replace(_in_data_uri(row, row.url), **known)
        elif row.url is not None:
            url = row.url
            yield Found(url, None, row.label, row.external_id, url, row.file_name, **known)
        else:
            assert row.path is not None
            member = next(filter(None, map(look, _places(row.path))), None)
            read = member.read if member else _refused(f"{row.path} is not in the table's folder")
            file_name = row.file_name
            if file_name is None:
                file_name = PureWindowsPath(row.path).name
            yield Found(row.path, read, row.label, row.external_id, None, file_name, **known)


def _places(given: str) -> Iterator[PurePosixPath]:
    """Yield where the file of a table's row may lie, seen from the table's folder.

    A path that is absolute, as on the machine that wrote the table, is tried as it is, and then
    without its first folders, one after another.
    """
    windows = PureWindowsPath(given)  # takes both kinds of slashes
    path = PurePosixPath(windows.as_posix())
    yield path
    if windows.root:
        parts = windows.parts[1:]
        for start in range(len(parts)):
            yield PurePosixPath(*parts[start:])
    else:
        yield "images" / path


def _in_data_uri(row: tables.Row, uri: str) -> Found:
    name = f"{uri[:SHOWN]}..." if len(uri) > SHOWN else uri
    try:
        data, named = data_uris.read(uri)
    except ValueError as error:
        return Found(name, _refused(str(error)))
    file_name = row.file_name or named or ""  # empty: the server must not take the name of a part
    return Found(name, lambda: data, row.label, row.external_id, None, file_name)


def _refused(reason: str) -> Callable[[], bytes]:
    def read() -> bytes:
        raise OSError(reason)

    return read


def _in_folder(folder: Path) -> Iterator[Member]:
    for path in sorted(folder.rglob("*")):
        within = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_file() and not is_hidden(within):
            yield _member(within, path)
