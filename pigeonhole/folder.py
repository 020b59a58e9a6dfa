"""The data folder: private to its user, with room on the disk, and held by one ``up`` at a time."""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname

from pigeonhole.settings import OperatorError

LOCK = "up.lock"
ADMIN_KEY = "admin.key"
"""The file that holds the secret of the first admin key."""
LEAST_FREE_BYTES = 100_000_000


class FolderError(OperatorError):
    """The folder cannot be used."""


@dataclass(frozen=True)
class Holder:
    """Who holds a data folder, as its lock file tells."""

    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=gethostname)
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    url: str = ""  # of the API
    redis_url: str = field(default="", repr=False)  # of the embedded Valkey; "" where there is none


@dataclass
class Held:
    """A folder that this process holds."""

    path: Path
    before: Holder | None  # who held it last and did not let go in order
    _file: int

    def tell(self, holder: Holder) -> None:
        """Write down who holds the folder and how it is reached."""
        _write(self._file, json.dumps(asdict(holder)).encode())


def make(path: Path) -> None:
    """Make the folder where it is missing, readable by its user alone.

    A folder that is there keeps its mode: it may be one that others need.

    Raises:
        FolderError: It cannot be made or written.
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
    """Make the folder where it is missing, and hold it.

    The kernel lets go of the lock when this process ends, however it ends.

    Raises:
        FolderError: Another process holds it, it cannot be written, or the disk is full.
    """
    make(path)
    file = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderError(_held_message(path, _read(path))) from None
        _check_room(path)
        held = Held(path, _read(path), file)
        held.tell(Holder())
        try:
            yield held
        finally:
            _write(file, b"")
    finally:
        os.close(file)


def holder(path: Path) -> Holder | None:
    """Who holds the folder now; None where nobody does."""
    try:
        file = os.open(path / LOCK, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path)
    else:
        return None
    finally:
        os.close(file)


def write_secret(path: Path, secret: str) -> None:
    """Write a secret for this user alone, whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{secret}\n")
    new.replace(path)


def read_secret(data_dir: Path) -> str | None:
    """The secret that the first start kept; None where there is none to be read."""
    try:
        return (data_dir / ADMIN_KEY).read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None


def free_bytes(path: Path) -> int:
    """Room left on the folder's disk, or on that of the nearest folder above that is there."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def _check_room(path: Path) -> None:
    free = free_bytes(path)
    if free < LEAST_FREE_BYTES:
        raise FolderError(
            f"The disk of the data folder {path} is full: {free // 1_000_000} MB are free. "
            f"Free at least {LEAST_FREE_BYTES // 1_000_000} MB, or choose another folder with "
            "--data-dir or PIGEONHOLE_DATA_DIR."
        )


def _held_message(path: Path, who: Holder | None) -> str:
    by = "another process"
    if who:
        by = f"process {who.pid} on {who.host} since {who.since}"
        by += f" ({who.url})" if who.url else ""
    return (
        f"The data folder {path} is in use by {by}. Stop that one first, or choose another "
        "folder with --data-dir or PIGEONHOLE_DATA_DIR."
    )


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads((path / LOCK).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _write(file: int, data: bytes) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, data, 0)
