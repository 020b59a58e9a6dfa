"""Backup of a deployment to one zip file, and restoration from it."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from pigeonhole.backup import databases, pictures
from pigeonhole.backup.copy import Place
from pigeonhole.backup.pictures import Moved, Progress
from pigeonhole.backup.rows import Content
from pigeonhole.services.storage import Kind, open_storage
from pigeonhole.settings import OperatorError

FORMAT = 1
ABOUT = "backup.json"
ADMIN_KEY = "admin.key"


async def back_up(
    source: Place,
    file: Path,
    folder: Path,
    *,
    admin_key: Path,
    progress: Progress = pictures.nothing,
) -> Moved:
    """Write a backup of a deployment, which may keep running, to one zip file.

    Only its user can read the file. If the backup fails, no file is left behind.

    Args:
        source: The deployment.
        file: The zip file to write.
        folder: An existing folder for temporary files.
        admin_key: The file of the admin key, which is included if it exists.
        progress: Called with the number of images processed since the last call.

    Raises:
        OperatorError: The database lacks migrations, or the file cannot be written.
    """
    moved = Moved()
    with tempfile.TemporaryDirectory(prefix="backup-", dir=folder) as name:
        tables = await databases.dump(source.database_url, Path(name))
        wanted = databases.named(Path(name))
        storage = open_storage(source.storage_url)
        with _private(file) as opened, ZipFile(opened, "w") as zip:
            about = {
                "format": FORMAT,
                "createdAt": datetime.now(UTC).isoformat(),
                "tables": {table: asdict(held) for table, held in tables.items()},
            }
            zip.writestr(ABOUT, json.dumps(about, indent=2))
            _keep_secret(zip, admin_key)
            for table in tables:
                zip.write(Path(name) / table, f"rows/{table}.jsonl", ZIP_DEFLATED)

            async def keep(kind: Kind, sha256: str) -> None:
                data = await pictures.found(storage, moved, kind, sha256)
                if data is not None:
                    zip.writestr(f"{kind}/{sha256}", data, ZIP_STORED)

            await pictures.each(wanted, keep, progress)
    moved.rows, moved.pictures = sum(held.rows for held in tables.values()), len(wanted)
    return moved


async def restore(
    file: Path, target: Place, folder: Path, *, admin_key: Path, replace: bool = False,
    progress: Progress = pictures.nothing,
) -> Moved:  # fmt: skip
    """Restore a deployment from a backup, and check the restored rows and images.

    Images are restored before rows, so that no row ever refers to a missing image.

    Args:
        file: The backup.
        target: Where to restore it; the tables are created.
        folder: An existing folder for temporary files.
        admin_key: The file for the admin key, which is not overwritten unless ``replace`` is set.
        replace: Whether a target that has functions is emptied first.
        progress: Called with the number of images processed since the last call.

    Raises:
        OperatorError: The file is not a backup, or one of another release; the target has
            functions; or the restored rows differ from those in the backup.
    """
    moved = Moved()
    storage = open_storage(target.storage_url)
    with _opened(file) as zip, tempfile.TemporaryDirectory(prefix="restore-", dir=folder) as name:
        about = json.loads(zip.read(ABOUT))
        if about["format"] > FORMAT:
            raise OperatorError(
                f"{file} was written by a newer release. Restore it with that release."
            )
        expected = {table: Content(**held) for table, held in about["tables"].items()}
        for table in expected:
            with zip.open(f"rows/{table}.jsonl") as lines, (Path(name) / table).open("wb") as to:
                while chunk := lines.read(1 << 20):
                    to.write(chunk)
        await databases.check_empty(target.database_url, replace=replace)
        wanted = databases.named(Path(name))
        held = set(zip.namelist())

        async def put(kind: Kind, sha256: str) -> None:
            if f"{kind}/{sha256}" not in held:
                pictures.lacks(moved, kind, sha256)
                return
            data = zip.read(f"{kind}/{sha256}")
            pictures.check(moved, kind, sha256, data)
            await storage.put(sha256, data, kind)

        await pictures.each(wanted, put, progress)
        await databases.load(target.database_url, Path(name), expected, replace=replace)
        _put_secret_back(zip, admin_key, replace=replace)
    moved.rows, moved.pictures = sum(kept.rows for kept in expected.values()), len(wanted)
    return moved


def _keep_secret(zip: ZipFile, admin_key: Path) -> None:
    if admin_key.is_file():
        zip.writestr(ADMIN_KEY, admin_key.read_bytes())


def _put_secret_back(zip: ZipFile, admin_key: Path, *, replace: bool) -> None:
    if ADMIN_KEY in zip.namelist() and (replace or not admin_key.exists()):
        with _private(admin_key) as opened:
            opened.write(zip.read(ADMIN_KEY))


@contextmanager
def _private(file: Path) -> Iterator[IO[bytes]]:
    """Write a file atomically, readable by its user alone."""
    part = file.with_name(f"{file.name}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as opened:
            yield opened
            opened.flush()
            os.fsync(handle)
        part.replace(file)
    except OSError as error:
        raise OperatorError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _opened(file: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(file) as zip:
            if ABOUT not in zip.namelist():
                raise OperatorError(f"{file} is not a backup of Pigeonhole.")
            yield zip
    except (BadZipFile, FileNotFoundError, IsADirectoryError) as error:
        raise OperatorError(f"{file} cannot be read as a backup: {error}") from error
