"""Digest checks of weights that come with packages."""

import hashlib
from pathlib import Path


def check_digest(file: Path, digest: str) -> None:
    """Check that a file of weights is the one that this version was measured with.

    Raises:
        ValueError: The file has another SHA-256.
    """
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != digest:
        raise ValueError(
            f"{file} is not the expected file: its SHA-256 is {found}, not {digest}. "
            "Reinstall the package that it belongs to."
        )
