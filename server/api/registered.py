"""Registered documents of a deployment that executes no others."""

import json
from pathlib import Path

from pigeonhole.settings import SettingsError, variable


def registered(path: Path | None) -> list[str] | None:
    """Return the registered documents; None if any document may be executed.

    Raises:
        SettingsError: The file is not a JSON object of strings.
    """
    if path is None:
        return None
    name = variable("registered_documents")
    try:
        documents = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError([f"{name}: {path} cannot be read: {error}."]) from None
    if not isinstance(documents, dict) or not all(isinstance(t, str) for t in documents.values()):
        raise SettingsError([f"{name}: {path} must be a JSON object of texts of documents."])
    return list(documents.values())
