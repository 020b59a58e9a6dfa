"""What an export of a function says of its settings and labels."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pigeonhole_client.errors import UnusableFileError

ABOUT = "function.json"
FORMAT = 1
"""The newest version of the layout that this client knows."""


@dataclass(frozen=True)
class Exported:
    """The settings and labels of an exported function, as `ABOUT` has them."""

    settings: dict[str, Any]
    labels: list[dict[str, Any]]


def exported_at(path: Path) -> Exported | None:
    """Return what a folder or zip file says of the function that it was exported from.

    None if it is no export of a function.

    Raises:
        UnusableFileError: It was exported by a newer release.
    """
    try:
        if path.is_dir():
            data = (path / ABOUT).read_bytes()
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                data = archive.read(ABOUT)
        else:
            return None
        said = json.loads(data)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("labels"), list):
        return None
    if said.get("format") != FORMAT:
        raise UnusableFileError(
            f"{path} was exported in format {said.get('format')}; this client knows {FORMAT}. "
            "Install a newer one."
        )
    labels = [label for label in said["labels"] if isinstance(label, dict) and "name" in label]
    return Exported(said, labels)
