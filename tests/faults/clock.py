"""A clock that jumps, for processes started with its variables; it uses libfaketime."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Clock:
    """The time that processes see: this machine's time plus an offset."""

    file: Path
    library: Path

    @classmethod
    def within(cls, folder: Path) -> "Clock | None":
        """Return a clock without an offset, or None if libfaketime is not installed."""
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            return None
        clock = cls(folder / "clock", found[0])
        clock.jump(0)
        return clock

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of a process that uses this clock."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # without a cache, each call reads a file
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, seconds: int) -> None:
        """Set the clock ahead by some seconds, or back if they are negative."""
        self.file.write_text(f"{seconds:+d}\n")
