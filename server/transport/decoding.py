"""JSON from strangers: strict, bounded, and always a `ValueError` when it is refused."""

import json
import math
import re
from typing import Never

_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def decode(text: str | bytes, *, depth: int) -> object:
    """Decode JSON as RFC 8259 has it, from UTF-8.

    Raises:
        ValueError: It is not UTF-8 or not JSON, holds a number that is no finite float or has
            thousands of digits, holds half of a surrogate pair, or nests lists and objects more
            than ``depth`` within one another.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        value: object = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError(f"it nests deeper than {depth} levels") from None
    except ValueError as error:
        if "digits" in str(error):  # Python's own words name a switch of Python
            raise ValueError("a number has too many digits") from None
        raise
    if _is_deeper(value, depth):
        raise ValueError(f"it nests deeper than {depth} levels")
    if _HALF.search(text):
        _check_pairs(value)
    return value


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _check_pairs(value: object) -> None:
    """Refuse half a pair: valid JSON, but nothing that UTF-8 could carry on."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a string holds half of a surrogate pair") from None


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
