"""Search for the images of an import in folders, archives, tables and single files."""

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pigeonhole_client import data_uris
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files import annotations, tables

IMAGES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".avif", ".heic", ".heif", ".bmp", ".tif"}
    | {".tiff"}
)
"""Suffixes of image files; other files are ignored, or read as a table."""
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
MOST_BYTES = 64 << 20
"""Bytes of one file within an archive beyond which it is refused unread."""
SHOWN = 60
"""Characters of a data URI that a report names."""


@dataclass(frozen=True)
class Found:
    """An image to import; ``read`` returns its bytes, or raises `OSError`."""

    name: str  # for a person: a path, an archive's member, or a URL
    read: Callable[[], bytes] | None  # None where ``url`` says where it is
    label: str | None = None
    external_id: str | None = None
    url: str | None = None
    file_name: str | None = None  # to keep with the sample; None: the URL's


@dataclass(frozen=True)
class _Member:
    """A file in one of the given folders or archives."""

    path: PurePosixPath  # from the top of the folder or archive
    name: str
    read: Callable[[], bytes]


def find(path: Path, *, labels_from_folders: bool) -> Iterator[Found]:
    """Yield the images that a path contains or lists, one after another.

    Of a folder or archive with a table (``metadata.jsonl``, ``metadata.csv``), only the images in
    that table are imported. A table given by itself lists files in its own folder, or URLs.
    Otherwise every image is imported, and with ``labels_from_folders`` the name of the folder that
    contains an image is its label.

    Raises:
        UnusableFileError: The path does not exist, or cannot be imported.
    """
    if path.is_dir():
        yield from _all(list(_in_folder(path)), labels_from_folders, path.resolve().name)
    elif not path.is_file():
        raise UnusableFileError(f"{path} does not exist.")
    elif path.suffix.lower() in tables.KINDS:
        beside = {member.path: member for member in _in_folder(path.parent)}
        yield from _listed(path.name, path.read_bytes(), beside)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            yield from _all(list(_in_zip(path, archive)), labels_from_folders)
    elif path.name.lower().endswith(ARCHIVES):
        with tarfile.open(path) as tar:
            yield from _all(list(_in_tar(path, tar)), labels_from_folders)
    elif path.suffix.lower() in IMAGES:
        yield Found(str(path), path.read_bytes, file_name=path.name)
    else:
        raise UnusableFileError(
            f"{path} is not an image, a folder, a zip or tar archive, or a CSV, TSV, JSON, JSON "
            "Lines, Parquet or XML table."
        )


def _all(members: list[_Member], labels_from_folders: bool, top: str = "") -> Iterator[Found]:
    listed = [m for m in members if _is_table(m.path)]
    for table in listed:
        around = table.path.parent
        if around.name == "annotations":
            around = around.parent
        below = {m.path.relative_to(around): m for m in members if m.path.is_relative_to(around)}
        yield from _listed(table.name, table.read(), below)
    if listed:
        return
    for member in members:
        if member.path.suffix.lower() in IMAGES:
            folder = member.path.parent.name or top
            label = folder if labels_from_folders and folder else None
            yield Found(member.name, member.read, label, file_name=member.path.name)


def _is_table(path: PurePosixPath) -> bool:
    return path.name in tables.NAMES or annotations.is_table_of_folder(path)


def _listed(name: str, data: bytes, beside: dict[PurePosixPath, _Member]) -> Iterator[Found]:
    for row in tables.read(name, data):
        if row.url is not None and data_uris.is_data_uri(row.url):
            yield _in_data_uri(row, row.url)
            continue
        if row.url is not None:
            yield Found(row.url, None, row.label, row.external_id, row.url, row.file_name)
            continue
        assert row.path is not None
        within = PurePosixPath(row.path.replace("\\", "/"))
        member = beside.get(within) or beside.get("images" / within)
        path = Path(row.path)
        name = row.file_name or within.name
        if row.problem is not None:
            yield Found(row.path, _refused(row.problem))
            continue
        if member is None and path.is_absolute() and path.is_file():
            yield Found(str(path), path.read_bytes, row.label, row.external_id, None, name)
        else:
            read = member.read if member else _missing(row.path)
            yield Found(row.path, read, row.label, row.external_id, None, name)


def _in_data_uri(row: tables.Row, uri: str) -> Found:
    name = f"{uri[:SHOWN]}..." if len(uri) > SHOWN else uri
    try:
        data, named = data_uris.read(uri)
    except ValueError as error:
        return Found(name, _refused(str(error)))
    file_name = row.file_name or named or ""  # empty: the server must not take the name of a part
    return Found(name, lambda: data, row.label, row.external_id, None, file_name)


def _missing(path: str) -> Callable[[], bytes]:
    return _refused(f"{path} is not in the folder of the table")


def _refused(reason: str) -> Callable[[], bytes]:
    def read() -> bytes:
        raise OSError(reason)

    return read


def _in_folder(folder: Path) -> Iterator[_Member]:
    for path in sorted(folder.rglob("*")):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_file() and not _is_hidden(relative):
            within = relative if len(relative.parts) > 1 else PurePosixPath(relative)
            yield _Member(within, str(path), path.read_bytes)


def _in_zip(path: Path, archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        relative = PurePosixPath(info.filename)
        if info.is_dir() or _is_hidden(relative):
            continue
        yield _Member(relative, f"{path}:{info.filename}", _zip_reader(archive, info))


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        if info.file_size > MOST_BYTES:
            raise OSError(f"it has {info.file_size} bytes; the limit is {MOST_BYTES}")
        return archive.read(info)

    return read


def _in_tar(path: Path, tar: tarfile.TarFile) -> Iterator[_Member]:
    for info in tar:
        relative = PurePosixPath(info.name)
        if info.isfile() and not _is_hidden(relative):
            yield _Member(relative, f"{path}:{info.name}", _tar_reader(tar, info))


def _tar_reader(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        if info.size > MOST_BYTES:
            raise OSError(f"it has {info.size} bytes; the limit is {MOST_BYTES}")
        file = tar.extractfile(info)
        assert file is not None
        return file.read()

    return read


def _is_hidden(path: PurePosixPath) -> bool:
    """Return whether a path is hidden or was added by a file manager, such as ``__MACOSX``."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
