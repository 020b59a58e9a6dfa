"""Images given as data URIs, such as ``data:image/png;base64,...``."""

import base64
import binascii
import re
from urllib.parse import unquote, unquote_to_bytes

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_NAMED = re.compile(r"; *(?:file)?name=([^;]*)", re.IGNORECASE)


def is_data_uri(text: str) -> bool:
    """Return whether a text begins as a data URI does."""
    return text.lstrip()[:5].lower() == "data:"


def read(uri: str) -> tuple[bytes, str | None]:
    """Return the bytes of a data URI and the name in it, if any.

    Line breaks, missing padding and the URL-safe alphabet are accepted, as by the server.

    Raises:
        ValueError: It has no comma, or its base64 is damaged.
    """
    head, comma, body = uri.partition(",")
    if not comma:
        raise ValueError("the data URI has no comma")
    head = "".join(head.split())
    data = unquote_to_bytes(body.partition("#")[0])
    if head.lower().endswith(";base64"):
        digits = data.translate(_TO_STANDARD, b" \t\n\f\r").rstrip(b"=")
        try:
            data = base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
        except binascii.Error:
            raise ValueError("the data URI is not valid base64") from None
    named = _NAMED.search(head)
    return data, unquote(named[1]).strip('"') if named else None
