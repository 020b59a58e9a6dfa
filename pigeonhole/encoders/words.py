"""Conversion of label names to words that a language model knows."""

import re
from collections.abc import Container

SHORTEST = 3  # letters of a part; shorter parts would split nearly every word


def readable(name: str, vocabulary: Container[str]) -> str:
    """Return a label's name as words: ``longSleeve_T-shirt`` becomes ``long sleeve t shirt``.

    A word that is not in the (lower-case) vocabulary, but consists of two words that are, is split
    as evenly as possible: ``longsleeve`` becomes ``long sleeve``.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[-_/]+", " ", name)
    return " ".join(part for word in spaced.split() for part in _parts(word.lower(), vocabulary))


def _parts(word: str, vocabulary: Container[str]) -> tuple[str, ...]:
    if word in vocabulary or not word.isalpha():
        return (word,)
    cuts = [
        (word[:at], word[at:])
        for at in range(SHORTEST, len(word) - SHORTEST + 1)
        if word[:at] in vocabulary and word[at:] in vocabulary
    ]
    return max(cuts, key=lambda cut: min(map(len, cut)), default=(word,))


def sentences(name: str, description: str | None, templates: tuple[str, ...]) -> list[str]:
    """Return sentences with a readable name in each template, with and without the description."""
    said = [template.format(name) for template in templates]
    if description and description.strip():
        said = [f"{sentence}, {description.strip()}" for sentence in said] + said
    return said
