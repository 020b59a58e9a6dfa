"""Names that people give to functions and labels."""

import unicodedata
from collections.abc import Sequence

from pigeonhole.errors import InvalidError, RequiredError, TooLongError

MAX_NAME = 100
"""Characters of a name."""
MAX_DESCRIPTION = 2_000
"""Characters of a description."""
MAX_EXTERNAL_ID = 200
"""Characters of a caller's own identifier."""


def clean_name(name: str, path: Sequence[str]) -> str:
    """A name in Unicode's composed form (NFC), without space around it.

    Raises:
        RequiredError: Nothing is left.
        TooLongError: It is too long.
        InvalidError: It has control characters.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise RequiredError("Give it a name.", path=path)
    if len(name) > MAX_NAME:
        raise TooLongError(
            f"A name has at most {MAX_NAME} characters; this has {len(name)}.", path=path
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise InvalidError("A name has no control characters.", path=path)
    return name


def key(name: str) -> str:
    """What makes names equal: their letters, without regard to case or form (NFKC, casefold).

    Source: https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/, definition D146
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded[: 2 * MAX_NAME]


def clean_text(text: str | None, path: Sequence[str], *, longest: int) -> str | None:
    """Free text as it was given; null when it is blank.

    Raises:
        TooLongError: It is too long.
        InvalidError: It has a NUL or a lone surrogate, which no database can hold.
    """
    if text is None or not text.strip():
        return None
    if len(text) > longest:
        raise TooLongError(f"At most {longest} characters; this has {len(text)}.", path=path)
    if not is_storable(text):
        raise InvalidError("A text has no NUL character and no lone surrogates.", path=path)
    return text


def is_storable(text: str) -> bool:
    """Whether every database can hold a text: it has no NUL and no lone surrogates."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
