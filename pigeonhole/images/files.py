"""Files as received."""

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """The bytes of a file, and its name if known."""

    data: bytes
    name: str | None = None
