"""Copying of a deployment to another database and storage, such as from one machine to many."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pigeonhole.backup import databases, pictures
from pigeonhole.backup.pictures import Moved, Progress
from pigeonhole.services.storage import Kind, open_storage


@dataclass(frozen=True)
class Place:
    """The database and the storage of a deployment."""

    database_url: str
    storage_url: str


async def copy(
    source: Place,
    target: Place,
    folder: Path,
    *,
    replace: bool = False,
    progress: Progress = pictures.nothing,
) -> Moved:
    """Copy a deployment, which may keep running, and check the copied rows and images.

    The rows of one moment are copied in one transaction of the target, then the images that they
    refer to. When this is run again, images that the target already has are not copied twice.

    Args:
        source: The deployment to copy.
        target: Where to copy it; the tables are created.
        folder: An existing folder for temporary files.
        replace: Whether a target that has functions is emptied first.
        progress: Called with the number of images processed since the last call.

    Raises:
        OperatorError: The database lacks migrations, the target has functions, or the copied rows
            differ from the original ones.
    """
    moved = Moved()
    with tempfile.TemporaryDirectory(prefix="copy-", dir=folder) as name:
        tables = await databases.dump(source.database_url, Path(name))
        await databases.load(target.database_url, Path(name), tables, replace=replace)
        wanted = databases.named(Path(name))
    one, other = open_storage(source.storage_url), open_storage(target.storage_url)

    async def move(kind: Kind, sha256: str) -> None:
        if await other.exists(sha256, kind):
            return
        data = await pictures.found(one, moved, kind, sha256)
        if data is not None:
            await other.put(sha256, data, kind)

    await pictures.each(wanted, move, progress)
    moved.rows, moved.pictures = sum(held.rows for held in tables.values()), len(wanted)
    return moved
