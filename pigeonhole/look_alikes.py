"""Detection of texts that look alike.

Differences in case, spacing and Unicode form, invisible characters, and letters of other scripts
that look the same are ignored. ASCII digits and letters always differ, although some look alike:
"0" and "O", or "1" and "l", can be separate labels when single characters are classified.

Source: https://www.unicode.org/reports/tr39/#Confusable_Detection
"""

import re
import unicodedata
from collections import defaultdict
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U0001d159\U00016fe4")
"""Characters that are invisible although their category says otherwise."""
VARIATIONS = (range(0xFE00, 0xFE10), range(0x180B, 0x1810))
UNASSIGNED = (range(0x2065, 0x2066), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
"""Code points that programs do not show although they are no characters yet, and tags."""
FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""The flag of a region, whose tags are visible."""
QUOTE = "''"
"""What the table has for double quotation marks."""

ROUNDS = 3
"""Rounds after which no character changes; folding may yield a character that is replaced again."""


def is_invisible(character: str) -> bool:
    """Return whether a character is invisible, or only changes the direction of text."""
    return (
        unicodedata.category(character) == "Cf"
        or character in BLANK
        or any(ord(character) in hidden for hidden in (*VARIATIONS, *UNASSIGNED))
    )


def visible(text: str) -> str:
    """Return a text without its invisible characters."""
    if text.isascii():
        return text
    flags = {place for found in FLAG.finditer(text) for place in range(*found.span())}
    return "".join(c for at, c in enumerate(text) if at in flags or not is_invisible(c))


def folded(text: str) -> str:
    """Return a text with differences in case and form removed (NFKC, casefold).

    Source: https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/, definition D146
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def skeleton(text: str) -> str:
    """Return the key that all texts that look alike share; it is not for display."""
    found = " ".join(visible(text).split())
    if found.isascii():
        return found.casefold()
    for _ in range(ROUNDS):
        found = " ".join(_replaced(found).casefold().split())
    return found


def _replaced(text: str) -> str:
    """Return a text with each character replaced by the prototype that it looks like."""
    letters = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", "".join(_prototypes().get(c, c) for c in letters))


@cache
def _prototypes() -> dict[str, str]:
    """Return the prototypes of characters that are not ASCII.

    The table pairs each character with its prototype in both directions. So characters that share a
    prototype are grouped, and represented by an ASCII character of the same case if there is one.
    """
    joined: dict[str, set[str]] = defaultdict(set)
    found: dict[str, str] = {}
    for character, others in confusables_data.items():
        for other in (_bare(one["c"]) for one in others):
            if len(character) == len(other) == 1:
                joined[character].add(other)
                joined[other].add(character)
            elif len(character) == 1 and not character.isascii():
                found[character] = other
    sequences = list(found)
    seen: set[str] = set()
    for start in joined:
        if start in seen:
            continue
        group, todo = set(), [start]
        while todo:
            one = todo.pop()
            if one not in group:
                group.add(one)
                todo.extend(joined[one])
        seen |= group
        if not any(one in found for one in group):
            found |= {one: _chosen(one, group) for one in group if not one.isascii()}
    for one in sequences:
        parts = unicodedata.normalize("NFD", found[one])
        found[one] = "".join(found.get(part, part) for part in parts)
    return found | {one: '"' for one in sequences if found[one] == QUOTE}


def _bare(text: str) -> str:
    """Return a text of the table without enclosing marks of direction."""
    return text if len(text) == 1 else text.strip("\u200e")


def _chosen(character: str, group: set[str]) -> str:
    """Return the representative of a group of characters for one of them."""
    plain = sorted(one for one in group if one.isascii()) or sorted(group)
    kind = unicodedata.category(character)
    same = [one for one in plain if unicodedata.category(one) == kind]
    return (same or [one for one in plain if one.isalpha()] or plain)[0]
