"""A clock that jumps, for the processes started with its variables; by libfaketime."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Clock:
    """What processes take for the time: this machine's, and some seconds."""

    file: Path
    library: Path

    @classmethod
    def within(cls, folder: Path) -> "Clock | None":
        """Return a clock that is right, or None where libfaketime is not installed."""
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            return None
        clock = cls(folder / "clock", found[0])
        clock.jump(0)
        return clock

    @property
    def variables(self) -> dict[str, str]:
        """The variables of a process that lives by this clock."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # without a cache, each look at the clock reads a file
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, seconds: int) -> None:
        """Let the clock be ahead by some seconds, or behind by fewer than none."""
        self.file.write_text(f"{seconds:+d}\n")
