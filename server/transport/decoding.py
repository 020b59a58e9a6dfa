"""JSON from strangers: strict, bounded, and always a `ValueError` when it is refused."""

import json
import re
from typing import Never

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def decode(text: str | bytes, *, depth: int) -> object:
    """Decode JSON as RFC 8259 has it, from UTF-8.

    Raises:
        ValueError: It is not UTF-8 or not JSON, holds NaN, Infinity or half of a surrogate
            pair, or lists and objects more than ``depth`` within one another.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        value: object = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError(f"it nests deeper than {depth} levels") from None
    if _is_deeper(value, depth):
        raise ValueError(f"it nests deeper than {depth} levels")
    if _SURROGATE.search(text):
        # Half a pair is valid JSON, but no UTF-8 database or client could take it back.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not JSON")


def _is_deeper(value: object, depth: int) -> bool:
    level = [value]
    for _ in range(depth + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, list | dict)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, list | dict)
        ]
        if not level:
            return False
    return True
