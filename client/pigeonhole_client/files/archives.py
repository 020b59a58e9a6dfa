"""Zip and tar archives, read without unpacking them."""

import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from pigeonhole_client.errors import UnusableFileError

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
MOST_BYTES = 64 << 20
"""Bytes of one file within an archive beyond which it is refused unread."""
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError)
"""What the standard library raises for a damaged archive or a damaged file in one."""
UNSUPPORTED = (NotImplementedError, RuntimeError)
"""What it raises for a file that is encrypted, or compressed in a way that it does not know."""


@dataclass(frozen=True)
class Member:
    """A file in a folder or an archive; ``read`` returns its bytes, or raises `OSError`.

    ``open`` returns the file to be read bit by bit, and raises what the archive's reader does.
    """

    path: PurePosixPath  # from the top of the folder or archive
    name: str  # for a person
    read: Callable[[], bytes]
    open: Callable[[], IO[bytes]]


@contextmanager
def members_of(path: Path, is_zip: bool) -> Iterator[list[Member]]:
    """Open a zip or tar archive for as long as its files are read.

    Raises:
        UnusableFileError: The archive is damaged, or of the other kind.
    """
    try:
        opened: zipfile.ZipFile | tarfile.TarFile
        if is_zip:
            opened = zipfile.ZipFile(path)
            members = list(_in_zip(path, opened))
        else:
            opened = tarfile.open(path)  # noqa: SIM115 - closed below
            members = list(_in_tar(path, opened))
    except DAMAGED as error:
        said = str(error).partition("\n")[0].rstrip(".:")
        raise UnusableFileError(
            f"{path} cannot be read as an archive; it may be incomplete: {said}."
        ) from None
    with opened:
        yield members


def is_hidden(path: PurePosixPath) -> bool:
    """Return whether a path is hidden or was added by a file manager, such as ``__MACOSX``."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _in_zip(path: Path, archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        within = PurePosixPath(info.filename)
        if info.is_dir() or is_hidden(within):
            continue
        name = f"{path}:{info.filename}"

        def read(info: zipfile.ZipInfo = info) -> bytes:
            return archive.read(info)

        def opened(info: zipfile.ZipInfo = info) -> IO[bytes]:
            return archive.open(info)

        yield Member(within, name, _reader(info.file_size, read), opened)


def _in_tar(path: Path, tar: tarfile.TarFile) -> Iterator[Member]:
    for info in tar:
        within = PurePosixPath(info.name)
        if not info.isfile() or is_hidden(within):
            continue

        def opened(info: tarfile.TarInfo = info) -> IO[bytes]:
            file = tar.extractfile(info)
            assert file is not None
            return file

        def read(info: tarfile.TarInfo = info) -> bytes:
            file = tar.extractfile(info)
            assert file is not None
            return file.read()

        yield Member(within, f"{path}:{info.name}", _reader(info.size, read), opened)


@contextmanager
def copied(member: Member) -> Iterator[IO[bytes]]:
    """Open a copy of a file in an archive, which may be read while others in it are.

    Raises:
        UnusableFileError: It is damaged, encrypted, or compressed in an unknown way.
    """
    with tempfile.TemporaryFile() as copy:
        try:
            with member.open() as file:
                shutil.copyfileobj(file, copy)
        except (*DAMAGED, *UNSUPPORTED) as error:
            raise UnusableFileError(f"{member.name} cannot be read: {error}.") from None
        copy.seek(0)
        yield copy


def _reader(size: int, read: Callable[[], bytes]) -> Callable[[], bytes]:
    def checked() -> bytes:
        if size > MOST_BYTES:
            raise OSError(f"it has {size} bytes; the limit is {MOST_BYTES}")
        try:
            return read()
        except DAMAGED as error:
            raise OSError(f"it is damaged: {error}") from None
        except UNSUPPORTED as error:
            raise OSError(str(error)) from None

    return checked
