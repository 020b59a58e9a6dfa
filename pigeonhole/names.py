"""Names that people give to functions and labels."""

import unicodedata
from collections.abc import Sequence

from pigeonhole import look_alikes
from pigeonhole.errors import InvalidError, RequiredError, TooLongError

MAX_NAME = 100
"""The most characters of a name."""
MAX_DESCRIPTION = 2_000
"""The most characters of a description."""
MAX_EXTERNAL_ID = 200
"""The most characters of an external ID."""
MAX_FILE_NAME = 255
"""The most characters of a file name."""
MAX_METADATA = 50
"""The most values of metadata."""
MAX_METADATA_CHARACTERS = 10_000
"""The most characters of metadata, keys included."""
MAX_ENDING = 20
"""The most characters of a suffix that is kept when a file name is shortened."""
JOINERS = ("\u200c", "\u200d")
"""Format characters that change how emoji and Arabic and Indic scripts look."""
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Categories of characters that are invisible or change the direction of text."""


def clean_name(name: str, path: Sequence[str]) -> str:
    """Return a name as it is shown: composed (NFC), without surrounding space.

    Invisible characters are removed, including those that change the direction of text. Joiners
    and variation selectors stay, because emoji and some scripts need them.

    Raises:
        RequiredError: No visible character is left.
        TooLongError: The name is too long.
        InvalidError: The name has control characters.
    """
    name = "".join(
        character
        for character in unicodedata.normalize("NFC", name)
        if character in JOINERS or is_tag(character) or not is_hidden(character)
    ).strip()
    if not look_alikes.visible(name).strip():
        raise RequiredError("Name is required.", path=path)
    if len(name) > MAX_NAME:
        raise TooLongError(
            f"Name must have at most {MAX_NAME} characters; it has {len(name)}.", path=path
        )
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise InvalidError("Name must not contain control characters.", path=path)
    return name


def is_hidden(character: str) -> bool:
    """Return whether a character, which is no tag, is a format character or never shown."""
    category = unicodedata.category(character)
    return category == "Cf" or (category == "Cn" and look_alikes.is_invisible(character))


def is_tag(character: str) -> bool:
    """Return whether a character is a tag, of which emoji of flags are made."""
    return "\U000e0020" <= character <= "\U000e007f"


def key(name: str) -> str:
    """Return the key that equal names share: visible characters, regardless of case and form."""
    return look_alikes.folded(look_alikes.visible(name))[: 2 * MAX_NAME]


def file_name(path: str | None) -> str | None:
    """Return the file name of a path of any system for display; None if nothing is left.

    An image is never refused because of its name: hidden characters are removed, and a long name
    is shortened before its suffix.
    """
    last = (path or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    composed = unicodedata.normalize("NFC", last)
    name = "".join(c for c in composed if unicodedata.category(c) not in HIDDEN).strip()
    if len(name) > MAX_FILE_NAME:
        dot = name.rfind(".", len(name) - MAX_ENDING)
        ending = name[dot:] if dot > 0 else ""
        name = name[: MAX_FILE_NAME - len(ending)] + ending
    return name or None


def clean_text(text: str | None, path: Sequence[str], *, longest: int) -> str | None:
    """Return free text unchanged, or None if it is blank.

    Raises:
        TooLongError: The text is too long.
        InvalidError: The text has a NUL or a lone surrogate, which databases cannot store.
    """
    if text is None or not text.strip():
        return None
    if len(text) > longest:
        raise TooLongError(
            f"Text must have at most {longest} characters; it has {len(text)}.", path=path
        )
    if not is_storable(text):
        raise InvalidError("Text must not contain NUL characters or lone surrogates.", path=path)
    return text


def clean_metadata(given: object, path: Sequence[str]) -> dict[str, str] | None:
    """Return metadata, an object of strings; None if it has no values. Null is no value.

    Raises:
        InvalidError: It is something else, or has a blank key or characters that cannot be stored.
        TooLongError: It has too many values or characters.
    """
    if given is None:
        return None
    values = given.items() if isinstance(given, dict) else None
    if values is None or not all(isinstance(value, str | None) for _, value in values):
        raise InvalidError("Metadata must be an object of strings.", path=path)
    kept = {str(key).strip(): str(value) for key, value in values if value is not None}
    if not all(kept):
        raise InvalidError("Metadata must not have an empty key.", path=path)
    if not all(is_storable(text) for pair in kept.items() for text in pair):
        raise InvalidError(
            "Metadata must not contain NUL characters or lone surrogates.", path=path
        )
    if len(kept) > MAX_METADATA:
        raise TooLongError(
            f"Metadata can have at most {MAX_METADATA} values; it has {len(kept)}.", path=path
        )
    if (size := sum(len(key) + len(value) for key, value in kept.items())) > (
        most := MAX_METADATA_CHARACTERS
    ):
        raise TooLongError(
            f"Metadata can have at most {most:,} characters with its keys; it has {size:,}.",
            path=path,
        )
    return kept or None


def is_storable(text: str) -> bool:
    """Return whether all databases can store a text: it has no NUL and no lone surrogate."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
