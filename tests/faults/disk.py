"""A small disk that can be filled, made read-only, and taken away."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_MB = 600


class Disk:
    """A folder on a file system of its own, if the system permits mounting one."""

    def __init__(self, path: Path, *, own: bool) -> None:
        self.path = path
        self.own = own

    def fill(self) -> None:
        """Fill the disk completely."""
        with (self.path / "ballast").open("ab", buffering=0) as ballast:
            size = 1 << 20
            while size >= 512:
                try:
                    ballast.write(b"\0" * size)
                except OSError:
                    size //= 2

    def free(self) -> None:
        """Free the space again."""
        (self.path / "ballast").unlink(missing_ok=True)

    def remount(self, how: str) -> bool:
        """Remount it as ``ro`` or ``rw``; return whether that worked."""
        done = subprocess.run(
            ["mount", "-o", f"remount,{how}", str(self.path)], capture_output=True, check=False
        )
        return done.returncode == 0


@contextmanager
def small_disk(folder: Path, size_mb: int = SIZE_MB) -> Iterator[Disk]:
    """Yield a small disk below a folder, or a plain folder if no disk can be mounted."""
    path = folder / "disk"
    path.mkdir()
    mounted = os.getuid() == 0 and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(path)],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    try:
        yield Disk(path, own=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(path)], check=False)
