"""Names: which ones are valid, and when two are equal."""
# ruff: noqa: RUF001 - letters of several scripts are what this is about

import unicodedata

import pytest

from pigeonhole import names
from pigeonhole.errors import InvalidError, PigeonholeError, RequiredError, TooLongError


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("  Soups\t", "Soups"),
        ("\u3000スープ\u3000", "スープ"),
        (unicodedata.normalize("NFD", "Crème brûlée"), "Crème brûlée"),
        ("👩\u200d🍳", "👩\u200d🍳"),
        ("a" * 100, "a" * 100),
        ("So\u200bup\u00ads\ufeff", "Soups"),
        ("\u202eSoups\u202c\u2066\u2069\u200e", "Soups"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("☀\ufe0f", "☀\ufe0f"),
        ("So\u2065u\ufff8p\U000e0fffs", "Soups"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
    ],
)
def test_a_name_is_stored_in_composed_form_and_without_surrounding_space(
    given: str, clean: str
) -> None:
    assert names.clean_name(given, ("name",)) == clean


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("", RequiredError),
        (" \u2003\n", RequiredError),
        ("\u200b", RequiredError),
        (" \u00ad \u202e ", RequiredError),
        ("\u200d", RequiredError),
        ("\ufe0f", RequiredError),
        ("\u3164\u115f\u2800", RequiredError),
        ("\U000e0041", RequiredError),
        ("\u2065\ufff0\U000e0fff", RequiredError),
        ("\U0001d159\U00016fe4", RequiredError),
        ("a\u2028b", InvalidError),
        ("a\u2029b", InvalidError),
        ("a" * 101, TooLongError),
        ("a\0b", InvalidError),
        ("a\nb", InvalidError),
        ("a\ud800", InvalidError),
    ],
)
def test_an_invalid_name_is_refused_with_the_path_of_the_argument(
    given: str, error: type[PigeonholeError]
) -> None:
    with pytest.raises(error) as refused:
        names.clean_name(given, ("input", "name"))

    assert refused.value.path == ("input", "name")


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Soups", "SOUPS"),
        ("Straße", "STRASSE"),
        ("\uff33\uff4fups", "soups"),
        ("ﬁsh", "FISH"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("①", "1"),
        ("Å", "A\u030a"),
        ("Soups", "So\u200bup\u00ads"),
        ("👩\u200d🍳", "👩🍳"),
    ],
)
def test_names_are_compared_without_case_and_unicode_form(one: str, same: str) -> None:
    assert names.key(one) == names.key(same)


@pytest.mark.parametrize(("one", "other"), [("Soup", "Soups"), ("café", "cafe"), ("\u0131", "i")])
def test_names_with_different_letters_are_not_equal(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


def test_the_key_of_the_longest_name_fits_its_column() -> None:
    assert len(names.key("\ufdfa" * 100)) == 200


def test_free_text_stays_as_it_is_and_blank_text_becomes_null() -> None:
    assert names.clean_text(" two\nlines ", (), longest=20) == " two\nlines "
    assert names.clean_text(" \n", (), longest=20) is None
    assert names.clean_text(None, (), longest=20) is None


@pytest.mark.parametrize(
    ("text", "error"), [("a" * 21, TooLongError), ("\0", InvalidError), ("\udfff", InvalidError)]
)
def test_free_text_that_no_database_can_hold_is_refused(
    text: str, error: type[PigeonholeError]
) -> None:
    with pytest.raises(error):
        names.clean_text(text, (), longest=20)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (None, None),
        ("", None),
        ("/", None),
        ("\u202e\u200b", None),
        ("soup.jpg", "soup.jpg"),
        ("/photos/2026/soup.jpg", "soup.jpg"),
        ("photos.zip/soup/", "soup"),
        ("C:\\photos\\soup.jpg", "soup.jpg"),
        (unicodedata.normalize("NFD", "Crème.jpg"), "Crème.jpg"),
        ("a\0b\n\u202egpj.exe", "abgpj.exe"),
        ("a" * 300 + ".jpeg", "a" * 250 + ".jpeg"),
        ("a" * 300, "a" * 255),
        ("." + "a" * 300, "." + "a" * 254),
    ],
)
def test_a_file_name_is_the_last_part_of_a_path_without_what_cannot_be_shown(
    path: str | None, name: str | None
) -> None:
    assert names.file_name(path) == name
