"""Decoding of untrusted JSON: strict, bounded, and a `ValueError` whenever it is refused."""

import asyncio
import json
import math
import re
from typing import Never

LARGE = 256 * 1024
"""Length from which a text is decoded in a thread; shorter ones take under a millisecond."""
MARKS = ",[{"
"""Each value of a JSON text but the first has one of these before it or within it."""
MOST_DIGITS = 1_000
"""Characters of a number. The largest finite float written out has 309 digits."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")


async def decode_aside(text: str | bytes, *, depth: int, values: int) -> object:
    """Decode JSON as `decode` does, in a thread if the text is large."""
    if len(text) < LARGE:
        return decode(text, depth=depth, values=values)
    return await asyncio.to_thread(decode, text, depth=depth, values=values)


def decode(text: str | bytes, *, depth: int, values: int) -> object:
    """Decode JSON from UTF-8 by RFC 8259.

    Raises:
        ValueError: It is not UTF-8 or not JSON, holds a number that is no finite float or has
            more than `MOST_DIGITS` characters, holds half of a surrogate pair, nests lists and
            objects more than ``depth`` within one another, or has more than ``values`` commas,
            brackets and braces. That number is counted before anything is parsed, also within
            strings, so a refusal costs little.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    if sum(map(text.count, MARKS)) > values:
        raise ValueError(f"it has more than {values} commas, brackets and braces")
    try:
        value: object = json.loads(
            text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole
        )
    except RecursionError:
        raise ValueError(f"it nests deeper than {depth} levels") from None
    if _is_deeper(value, depth):
        raise ValueError(f"it nests deeper than {depth} levels")
    if _HALF.search(text):
        _check_pairs(value)
    return value


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not JSON")


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return int(text)


def _finite(text: str) -> float:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number has too many digits")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _check_pairs(value: object) -> None:
    """Refuse lone surrogates, which are valid JSON but cannot be encoded as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a string contains half of a surrogate pair") from None


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
