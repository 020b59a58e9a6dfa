"""Folders of files that follow from weights, so that a later start need not derive them."""

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock

SUMS = "sums.json"
"""The file with the SHA-256 of all others."""
WAIT_S = 300
"""Seconds to wait for another process that derives the same files."""

logger = logging.getLogger(__name__)


@contextmanager
def kept(
    folder: Path | None,
    name: str,
    follows_from: str,
    derive: Callable[[Path], None],
    *,
    is_current: Callable[[Path], bool] = lambda path: True,
) -> Iterator[Path]:
    """Provide a folder of files, which are derived if they are missing, damaged or outdated.

    Several processes that start at once derive them once. Where they cannot be kept, they are
    derived at each start and deleted when the block ends.

    Args:
        folder: The folder that contains the result. None: nothing is kept.
        name: The beginning of the result's name. Results with this name that follow from something
            else are deleted.
        follows_from: All that the files depend on, in words.
        derive: Writes the files to an empty folder.
        is_current: Whether whole files still are what ``derive`` would write.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as unfinished:
            derive(Path(unfinished))
            yield Path(unfinished)
        return
    path = folder / f"{name}-{hashlib.sha256(follows_from.encode()).hexdigest()[:16]}"
    with _alone(folder, name), ExitStack() as stack:
        if not (_is_whole(path) and is_current(path)):
            unfinished = stack.enter_context(_room(folder, name))
            derive(Path(unfinished))
            path = _keep(Path(unfinished), path, name)
        yield path


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Let one process at a time use what has this name, if files can be locked there."""
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(FileLock(folder / f".{name}.lock", timeout=WAIT_S))
        except (OSError, NotImplementedError) as error:  # filelock's Timeout is an OSError
            logger.info("%s is used without a lock: %s", folder, error)
        yield


def _room(folder: Path, name: str) -> tempfile.TemporaryDirectory[str]:
    """Return a new folder beside the result; elsewhere if nothing can be written there."""
    prefix = f".unfinished-{name}-"
    try:
        if folder.stat().st_uid != os.geteuid():
            raise PermissionError("its owner could not replace what another user writes")
        for left in folder.glob(f"{prefix}*"):  # by a process that was killed
            _drop(left)
        return tempfile.TemporaryDirectory(dir=folder, prefix=prefix, ignore_cleanup_errors=True)
    except OSError:
        return tempfile.TemporaryDirectory()


def _is_whole(path: Path) -> bool:
    """Return whether a folder contains all that was written to it, unchanged."""
    try:
        sums: dict[str, str] = json.loads((path / SUMS).read_text())
        return all(_digest(path / file) == digest for file, digest in sums.items())
    except (OSError, ValueError):
        return False


def _keep(unfinished: Path, path: Path, name: str) -> Path:
    """Give new files the name under which they are kept; return the folder in which they are."""
    sums = {file.name: _digest(file) for file in unfinished.iterdir()}
    try:
        if unfinished.parent != path.parent:
            raise PermissionError(f"{path.parent} cannot be written.")
        (unfinished / SUMS).write_text(json.dumps(sums))
        _drop(path)
        unfinished.rename(path)
        for other in path.parent.iterdir():
            if other != path and re.fullmatch(
                rf"{re.escape(name)}-[0-9a-f]{{16}}(\.npz)?", other.name
            ):
                _drop(other)
    except OSError as error:
        logger.info("%s is not kept, so the next start derives it again: %s", path, error)
    return unfinished if unfinished.exists() else path


def _drop(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
