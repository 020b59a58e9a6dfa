"""The data folder: private to its user, with free space, and locked by one ``up`` at a time."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname

import structlog
from filelock import FileLock, Timeout

from pigeonhole.services.reserve import Reserve
from pigeonhole.settings import OperatorError, Settings

LOCK = "up.lock"
ADMIN_KEY = "admin.key"
"""The file that holds the secret of the first admin key."""
LEAST_FREE_BYTES = 16_000_000
"""Free bytes that `up` needs to start, after it has released the reserve if necessary."""
LITTLE_FREE_BYTES = 100_000_000
"""Free bytes below which `up` starts with a warning."""

log = structlog.stdlib.get_logger(__name__)


class FolderError(OperatorError):
    """The folder cannot be used."""


@dataclass(frozen=True)
class Holder:
    """The holder of a data folder, as recorded in its lock file."""

    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=gethostname)
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    url: str = ""  # of the API
    redis_url: str = field(default="", repr=False)  # of the embedded Valkey; "" if there is none


@dataclass
class Held:
    """A folder that this process holds."""

    path: Path
    before: Holder | None  # the last holder, if it ended without releasing the folder

    def tell(self, holder: Holder) -> None:
        """Record the holder of the folder and its addresses in the lock file."""
        (self.path / LOCK).write_text(json.dumps(asdict(holder)))


def make(path: Path) -> None:
    """Create the folder if it is missing, readable by its user alone.

    An existing folder keeps its mode, because other users may need it.

    Raises:
        FolderError: It cannot be created or written.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise FolderError(
            f"The data folder {path} cannot be used: {error.strerror}. Make it writable for this "
            "user, or choose another with --data-dir or PIGEONHOLE_DATA_DIR."
        ) from None


@contextmanager
def hold(path: Path) -> Iterator[Held]:
    """Create the folder if it is missing, and lock it.

    The kernel releases the lock when this process ends, however it ends.

    Raises:
        FolderError: Another process holds it, it cannot be written, or the disk is full.
    """
    make(path)
    try:
        lock = _lock(path).acquire(blocking=False)
    except Timeout:
        raise FolderError(_held_message(path, _read(path))) from None
    with lock:
        _make_room(path)
        held = Held(path, _read(path))
        held.tell(Holder())
        try:
            yield held
        finally:
            with suppress(FileNotFoundError):  # the folder has gone
                (path / LOCK).write_text("")


def holder(path: Path) -> Holder | None:
    """Return the current holder of the folder; None if it is not locked."""
    if not (path / LOCK).exists():
        return None
    try:
        with _lock(path).acquire(blocking=False):
            return None
    except Timeout:
        return _read(path)
    except OSError:
        return None


def write_secret(path: Path, secret: str) -> None:
    """Write a secret atomically, readable by this user alone."""
    new = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{secret}\n")
    new.replace(path)


def read_secret(data_dir: Path) -> str | None:
    """Return the secret that the first start stored; None if it cannot be read."""
    try:
        return (data_dir / ADMIN_KEY).read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None


def free_bytes(path: Path) -> int:
    """Return the free bytes on the disk of the folder, or of its nearest existing parent."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def keep_reserve(settings: Settings) -> None:
    """Keep a reserve in a folder that holds the images or the database."""
    if "" in (settings.storage_url, settings.database_url):
        Reserve(settings.resolved_data_dir).keep()


def _make_room(path: Path) -> None:
    """Release the reserve if the disk is full; warn if there is little space.

    Raises:
        FolderError: There is too little space even without the reserve.
    """
    if free_bytes(path) < LEAST_FREE_BYTES:
        Reserve(path).release()
    free = free_bytes(path)
    if free < LEAST_FREE_BYTES:
        raise FolderError(
            f"The disk of the data folder {path} is full: {free // 1_000_000} MB are free. "
            f"Free at least {LEAST_FREE_BYTES // 1_000_000} MB, or choose another folder with "
            "--data-dir or PIGEONHOLE_DATA_DIR."
        )
    if free < LITTLE_FREE_BYTES:
        log.warning(
            f"The disk of the data folder {path} is nearly full: {free // 1_000_000} MB are free. "
            "When it is full, deletions still work, but changes and new images are refused. Free "
            "some space, or delete samples or functions."
        )


def _held_message(path: Path, who: Holder | None) -> str:
    by = "another process"
    if who:
        by = f"process {who.pid} on {who.host} since {who.since}"
        by += f" ({who.url})" if who.url else ""
    return (
        f"The data folder {path} is in use by {by}. Stop that process first, or choose another "
        "folder with --data-dir or PIGEONHOLE_DATA_DIR."
    )


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads((path / LOCK).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _lock(path: Path) -> FileLock:
    """Return the lock of a folder; filelock neither empties nor deletes its file."""
    return FileLock(path / LOCK, mode=0o600, fallback_to_soft=False)
