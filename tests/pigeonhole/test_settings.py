"""Settings: defaults, error messages, and the table in the docs."""

import re
from pathlib import Path

import pytest

from pigeonhole.kinds import LogLevel
from pigeonhole.settings import (
    Settings,
    SettingsError,
    read_settings,
    unknown_variables,
    variable,
)

DOCS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> tuple[str, ...]:
    """Return the error message for these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    return caught.value.problems


def test_everything_is_kept_in_the_data_folder_by_default(tmp_path: Path) -> None:
    settings = read_settings(data_dir=tmp_path / "a b")

    assert settings.resolved_database_url == f"sqlite://{tmp_path}/a b/pigeonhole.db"
    assert settings.resolved_storage_url == f"file://{tmp_path}/a%20b/blobs"
    assert settings.redis_url == ""


def test_a_relative_data_folder_is_taken_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert read_settings().resolved_data_dir == tmp_path / "data"


def test_both_url_schemes_of_postgresql_are_equivalent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIGEONHOLE_DATABASE_URL", "postgresql://user:pass@host:5432/name")

    assert read_settings().resolved_database_url == "postgres://user:pass@host:5432/name"


def test_an_argument_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIGEONHOLE_PORT", "9000")
    monkeypatch.setenv("PIGEONHOLE_HOST", "0.0.0.0")

    settings = read_settings(port=9001, host=None)

    assert (settings.host, settings.port) == ("0.0.0.0", 9001)


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIGEONHOLE_PORT", "")

    assert read_settings().port == 8000


def test_a_log_level_may_be_written_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIGEONHOLE_LOG_LEVEL", "WARNING")

    assert read_settings().log_level is LogLevel.WARNING


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PIGEONHOLE_PORT", "abc", "PIGEONHOLE_PORT is 'abc', but must be a valid integer."),
        (
            "PIGEONHOLE_PORT",
            "70000",
            "PIGEONHOLE_PORT is '70000', but must be less than or equal to 65535.",
        ),
        (
            "PIGEONHOLE_TRAIN_DELAY_S",
            "-1",
            "PIGEONHOLE_TRAIN_DELAY_S is '-1', but must be greater than or equal to 0.",
        ),
        (
            "PIGEONHOLE_LOG_FORMAT",
            "xml",
            "PIGEONHOLE_LOG_FORMAT is 'xml', but must be 'text' or 'json'.",
        ),
        ("PIGEONHOLE_ENCODER", " ", "PIGEONHOLE_ENCODER is ' ', but must not be blank."),
        (
            "PIGEONHOLE_REDIS_URL",
            "http://:secret@host",
            "PIGEONHOLE_REDIS_URL must be a URL of the form redis://HOST:PORT or "
            "rediss://HOST:PORT or unix:///PATH or redis+sentinel://HOST:PORT,HOST:PORT/NAME.",
        ),
        (
            "PIGEONHOLE_REDIS_URL",
            "redis://:secret@host:port",
            "PIGEONHOLE_REDIS_URL is not a URL: 'port' is not a port; a '/', '?' or '@' in a "
            "password must be percent-encoded.",
        ),
        (
            "PIGEONHOLE_REDIS_URL",
            "redis://:secret@host?retry_on_timeout=1",
            "PIGEONHOLE_REDIS_URL has the unsupported option retry_on_timeout; supported "
            "options are client_name, db, socket_connect_timeout.",
        ),
        (
            "PIGEONHOLE_REDIS_PREFIX",
            "a b",
            "PIGEONHOLE_REDIS_PREFIX is 'a b', but must consist of letters, digits and "
            ". : @ / - _.",
        ),
        (
            "PIGEONHOLE_STORAGE_URL",
            "s3://bucket?region=eu",
            "PIGEONHOLE_STORAGE_URL has the unsupported option region; no options are supported.",
        ),
        (
            "PIGEONHOLE_STORAGE_URL",
            "s3://id:secret@bucket",
            "PIGEONHOLE_STORAGE_URL has a user or password; credentials belong in the variables "
            "of the vendor's tools, such as AWS_ACCESS_KEY_ID.",
        ),
        (
            "PIGEONHOLE_DATABASE_URL",
            "sqlite://relative.db",
            "PIGEONHOLE_DATABASE_URL must name an absolute path with three slashes, as in "
            "sqlite:///PATH.",
        ),
        (
            "PIGEONHOLE_DATABASE_URL",
            "postgres://user:secret@host",
            "PIGEONHOLE_DATABASE_URL names no database; its form is postgres://USER@HOST/NAME.",
        ),
        (
            "PIGEONHOLE_STORAGE_URL",
            "s3://",
            "PIGEONHOLE_STORAGE_URL names no host or bucket; its form is file:///PATH or "
            "s3://BUCKET or gs://BUCKET or az://CONTAINER.",
        ),
        (
            "PIGEONHOLE_TRUSTED_PROXIES",
            "banana",
            "PIGEONHOLE_TRUSTED_PROXIES is 'banana', but 'banana' does not appear to be an IPv4 or "
            "IPv6 network.",
        ),
        (
            "PIGEONHOLE_PUBLIC_URL",
            "example.org/path",
            "PIGEONHOLE_PUBLIC_URL must be a URL such as https://example.org or "
            "https://example.org/path.",
        ),
        (
            "PIGEONHOLE_PUBLIC_URL",
            "https://example.org/path?query",
            "PIGEONHOLE_PUBLIC_URL must be a URL such as https://example.org or "
            "https://example.org/path.",
        ),
        (
            "PIGEONHOLE_FETCH_PORTS",
            "80,http",
            "PIGEONHOLE_FETCH_PORTS is '80,http', but 'http' is not a port.",
        ),
        (
            "PIGEONHOLE_FETCH_ALLOWED_HOSTS",
            "images.example, 10.1.0.1/16",
            "PIGEONHOLE_FETCH_ALLOWED_HOSTS is 'images.example, 10.1.0.1/16', but 10.1.0.1/16 "
            "has host bits set.",
        ),
        (
            "PIGEONHOLE_CORS_ORIGINS",
            "app.example",
            "PIGEONHOLE_CORS_ORIGINS is 'app.example', but 'app.example' is not an origin, such "
            "as https://app.example.",
        ),
        (
            "PIGEONHOLE_CORS_ORIGINS",
            "https://app.example/",
            "PIGEONHOLE_CORS_ORIGINS is 'https://app.example/', but 'https://app.example/' is not "
            "an origin, such as https://app.example.",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    assert refusal(monkeypatch, **{name: value}) == (sentence,)


def test_all_wrong_values_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = refusal(monkeypatch, PIGEONHOLE_PORT="x", PIGEONHOLE_MAX_IMAGE_BYTES="0")

    assert problems == (
        "PIGEONHOLE_PORT is 'x', but must be a valid integer.",
        "PIGEONHOLE_MAX_IMAGE_BYTES is '0', but must be greater than 0.",
    )


def test_a_misspelt_variable_is_reported_with_the_name_that_was_meant() -> None:
    sentences = unknown_variables(
        {"PIGEONHOLE_PROT": "1", "PIGEONHOLE_ZZZ": "1", "PIGEONHOLE_PORT": "1", "PORT": "1"}
    )

    assert sentences == [
        "PIGEONHOLE_PROT is not a setting and has no effect; did you mean PIGEONHOLE_PORT?",
        "PIGEONHOLE_ZZZ is not a setting and has no effect.",
    ]


def test_the_table_in_the_docs_lists_every_setting_with_its_default() -> None:
    rows = re.findall(r"^\| `(PIGEONHOLE_\w+)` \| (.*?) \| (.*?) \|$", DOCS.read_text(), re.M)

    assert rows == [
        (
            variable(name),
            f"`{field.default}`" if str(field.default) else "empty",
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
