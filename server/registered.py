"""The documents that a deployment registered, where it answers no others."""

import json
from pathlib import Path

from pigeonhole.settings import SettingsError, variable


def registered(path: Path | None) -> list[str] | None:
    """The documents that alone are answered; None where any is.

    Raises:
        SettingsError: The file is no JSON object of texts.
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
