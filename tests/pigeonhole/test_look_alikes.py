"""Texts that look alike, and texts that do not."""
# ruff: noqa: RUF001 - letters of several scripts are what this is about

import string
import unicodedata

import pytest

from pigeonhole.look_alikes import skeleton


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("cat", "CAT"),
        ("cat", "c\u200bat"),
        ("cat", "ca\u00adt"),
        ("cat", "\u202ecat"),
        ("cat", "сat"),  # the first is Cyrillic
        ("cat", "cаt"),
        ("HOT", "НОТ"),  # all Cyrillic
        ("Item", "Іtem"),
        ("soup", "ѕоuр"),
        ("Nu", "Νu"),  # Greek
        ("Omega", "Οmega"),
        ("ＣＡＴ", "cat"),
        ("𝐜𝐚𝐭", "cat"),
        ("café", "cafе\u0301"),  # Cyrillic, with an accent of its own
        ("ﬁsh", "fish"),
    ],
)
def test_texts_that_look_alike_have_one_skeleton(one: str, same: str) -> None:
    assert skeleton(one) == skeleton(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", "cats"),
        ("cafe", "café"),
        ("Нот", "hot"),  # Cyrillic in lower case does not look like it
        ("суп", "сок"),
        ("rn", "m"),
        ("猫", "犬"),
        ("ą", "a"),
    ],
)
def test_texts_that_do_not_look_alike_have_others(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_characters_of_ascii_are_told_apart_but_for_case() -> None:
    shown = string.digits + string.ascii_lowercase + string.punctuation

    assert len({skeleton(character) for character in shown}) == len(shown)
    assert all(skeleton(f"{one}é") != skeleton(f"{two}é") for one, two in ("0O", "1l", "1I"))


def test_a_skeleton_is_its_own_skeleton_whatever_the_character() -> None:
    for code in range(0x20, 0x3000):
        character = chr(code)
        if unicodedata.category(character) not in ("Cc", "Cs", "Cn"):
            once = skeleton(character)
            assert skeleton(once) == once, f"U+{code:04X}"
