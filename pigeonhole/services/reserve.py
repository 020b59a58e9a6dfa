"""The reserve: space kept in the data folder, so that deletions work on a full disk.

Deletions also write: to the database's log, the list of images to delete, and the audit log. While
the reserve is not whole, no image is stored, so that only deletions use it.
"""

import asyncio
import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

import structlog

NAME = "reserve"
SIZE = 32_000_000
"""Bytes of the file when it is whole."""
MARGIN = 1_000_000
"""Bytes that restoring it leaves free."""

log = structlog.stdlib.get_logger(__name__)


class Reserve:
    """The reserve of a data folder: a file that all processes share.

    A folder without the file has no reserve, such as a folder that only stores incoming uploads.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.one_at_a_time = asyncio.Lock()
        """Held by a deletion of this process while the reserve is released for it."""

    @property
    def is_whole(self) -> bool:
        """Whether the folder has no reserve, or all of it is unused."""
        try:
            return self.path.stat().st_size >= SIZE
        except OSError:
            return True

    def release(self) -> None:
        """Free the space of the file, if any."""
        with suppress(OSError):
            if self.path.stat().st_size > 0:
                os.truncate(self.path, 0)
                log.warning("reserve_released")

    def restore(self) -> bool:
        """Restore the reserve as far as there is space; return whether it is whole."""
        if self.is_whole:
            return True
        with suppress(OSError):
            _extend(self.path)
        if self.is_whole:
            log.warning("reserve_restored")
        return self.is_whole

    def keep(self) -> None:
        """Create the file if it is missing, as large as there is space."""
        with suppress(OSError):
            self.path.touch(mode=0o600)
        self.restore()

    def check(self) -> None:
        """Check that an image may be stored.

        Raises:
            OSError: The disk is full (``ENOSPC``), and the reserve is not whole.
        """
        if not self.restore():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _extend(path: Path) -> None:
    """Extend the file to its full size, or as far as there is space."""
    size = path.stat().st_size
    wanted = min(SIZE, size + shutil.disk_usage(path.parent).free - MARGIN)
    if wanted <= size:
        return
    with path.open("r+b") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, wanted)
        else:
            file.seek(size)
            file.write(os.urandom(wanted - size))
