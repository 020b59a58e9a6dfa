"""Detection of a data folder that was removed or lost its database, at start and while in use."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pigeonhole.deployment.data_folder import ADMIN_KEY, LOCK, holder
from pigeonhole.settings import OperatorError, Settings

LOOK_S = 1.0
"""Seconds between two checks of the folder."""
NEW_DATABASE = "--new-database"


class VanishedError(OperatorError):
    """The folder or a file in it was removed or replaced while in use."""


Identity = tuple[int, int] | None


def remember(settings: Settings) -> dict[Path, Identity]:
    """Return the current identities of the data folder and its database, for `vanished`."""
    return {path: _identity(path) for path in _watched(settings)}


async def vanished(known: Mapping[Path, Identity], *, look_s: float = LOOK_S) -> Path:
    """Wait until a path is removed or replaced, and return the first such path."""
    while True:
        if changed := await asyncio.to_thread(_changed, known):
            # Check again, because the folder may have been removed during the first check.
            return (await asyncio.to_thread(_changed, known) or changed)[0]
        await asyncio.sleep(look_s)


async def noticed(settings: Settings) -> VanishedError:
    """Wait until something that this server or worker stores here vanishes; return what to say.

    Waits for ever below an `up`, which watches for its processes, and where nothing is stored here.
    """
    who = holder(settings.resolved_data_dir)
    is_watched_for = who is not None and who.pid == os.getppid()
    used = [] if is_watched_for else _used(settings)
    return vanished_error(await vanished({path: _identity(path) for path in used}))


def vanished_error(path: Path) -> VanishedError:
    """Return the error for a path that was removed or replaced while in use."""
    return VanishedError(
        f"{path} was removed or replaced while it was in use. Everything is stopped, because "
        "further changes would be lost. Put it back (mount its disk, or restore a backup), then "
        "start again."
    )


def has_lost_its_database(settings: Settings) -> bool:
    """Return whether the data folder has images or a key, but not the database they belong to."""
    folder = settings.resolved_data_dir
    if settings.database_url != "" or (folder / "pigeonhole.db").exists():
        return False
    if (folder / ADMIN_KEY).exists():
        return True
    return next((folder / "blobs" / "full").glob("*/*"), None) is not None


def lost_database_said(settings: Settings) -> tuple[str, str]:
    """Return what is wrong with a folder that lost its database, and what to do."""
    return (
        f"{settings.resolved_data_dir} contains images or a key, but its database pigeonhole.db is "
        "missing.",
        "Mount the right disk or restore a backup. To start with an empty database instead, run "
        f"`pigeonhole migrate {NEW_DATABASE}`.",
    )


def _watched(settings: Settings) -> Sequence[Path]:
    folder = settings.resolved_data_dir
    paths = [folder, folder / LOCK]
    if settings.resolved_database_url.startswith("sqlite:"):
        paths.append(Path(settings.resolved_database_url.removeprefix("sqlite://")))
    return paths


def _used(settings: Settings) -> list[Path]:
    """Return the database's file and the folder of images, where they are on this machine."""
    paths = []
    if settings.resolved_database_url.startswith("sqlite:"):
        paths.append(Path(settings.resolved_database_url.removeprefix("sqlite://")))
    if settings.resolved_storage_url.startswith("file:"):
        paths.append(Path(unquote(urlsplit(settings.resolved_storage_url).path)))
    return paths


def _changed(known: Mapping[Path, Identity]) -> list[Path]:
    return [path for path, identity in known.items() if _identity(path) != identity]


def _identity(path: Path) -> Identity:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
