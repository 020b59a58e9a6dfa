"""Texts that look alike have the same skeleton."""
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
        ("café", "cafе\u0301"),  # Cyrillic, as a letter with its accent
        ("ﬁsh", "fish"),
        ("big cat", "big  cat"),
        ("big cat", "big\u00a0cat"),
        ("big cat", "big\u2003\u1680 cat"),
        ("cat", "cat\u2065"),  # code points that are no characters yet, and not shown
        ("cat", "c\ufff0at"),
        ("cat", "cat\U000e0fff"),
        ("cat", "cat\U0001d159\U00016fe4"),
        ("cat", "cat\U000e0067\U000e007f"),
        ("CAT", "ꓚꓮꓔ"),  # Lisu
        ("CAT", "ᏟᎪᎢ"),  # Cherokee
        ("oat", "օat"),  # Armenian
        ('the "best" one', "the “best” one"),
        ("it's", "it’s"),
        ("カ", "力"),
    ],
)
def test_texts_that_look_alike_have_the_same_skeleton(one: str, same: str) -> None:
    assert skeleton(one) == skeleton(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", "cats"),
        ("cafe", "café"),
        ("Нот", "hot"),  # the Cyrillic lower case letter does not look like it
        ("суп", "сок"),
        ("rn", "m"),
        ("猫", "犬"),
        ("ą", "a"),
        ("bigcat", "big cat"),
        ("🇩🇪", "🇫🇷"),
        ("👍🏻", "👍🏿"),
        (  # England and Scotland
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
    ],
)
def test_texts_that_do_not_look_alike_have_different_skeletons(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_ascii_characters_differ_except_for_case() -> None:
    shown = string.digits + string.ascii_lowercase + string.punctuation

    assert len({skeleton(character) for character in shown}) == len(shown)
    assert all(skeleton(f"{one}é") != skeleton(f"{two}é") for one, two in ("0O", "1l", "1I"))


def test_a_skeleton_is_its_own_skeleton_whatever_the_character() -> None:
    for code in range(0x20, 0x3000):
        character = chr(code)
        if unicodedata.category(character) not in ("Cc", "Cs", "Cn"):
            once = skeleton(character)
            assert skeleton(once) == once, f"U+{code:04X}"
