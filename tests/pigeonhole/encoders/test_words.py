"""Splitting label names into words."""

import pytest

from pigeonhole.encoders.words import readable, sentences

KNOWN = frozenset(
    {"long", "sleeve", "shirt", "out", "wear", "rain", "coat", "raincoat", "no", "way"}
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("longsleeve", "long sleeve"),
        ("outwear", "out wear"),
        ("t-shirt", "t shirt"),
        ("LongSleeve_shirt", "long sleeve shirt"),
        ("rain/coat", "rain coat"),
        ("raincoat", "raincoat"),  # a known word stays whole
        ("noway", "noway"),  # too short to be split
        ("  Shirt  ", "shirt"),
        ("IMG 0042", "img 0042"),
        ("Straße", "straße"),
        ("犬", "犬"),
        ("", ""),
    ],
)
def test_a_name_is_split_into_known_words(name: str, words: str) -> None:
    assert readable(name, KNOWN) == words


def test_a_description_is_added_to_the_name() -> None:
    assert sentences("cat", " a small one ", ("{}", "a photo of a {}")) == [
        "cat, a small one",
        "a photo of a cat, a small one",
        "cat",
        "a photo of a cat",
    ]


@pytest.mark.parametrize("description", [None, "", "  "])
def test_without_a_description_the_templates_stay_as_they_are(description: str | None) -> None:
    assert sentences("cat", description, ("a photo of a {}",)) == ["a photo of a cat"]
