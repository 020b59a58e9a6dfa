"""Log lines: the same format for every logger, and no secrets."""

import json
import subprocess
import sys

import pytest

from pigeonhole.deployment.logs import redact
from tests.pigeonhole.running import environment

PROGRAM = """
import logging, structlog
from pigeonhole.deployment.logs import set_up
from pigeonhole.settings import read_settings

set_up(read_settings(), "worker")
"""


def lines_of(program: str, **variables: str) -> list[str]:
    """Return what a logging process writes to standard error."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + program],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("redis://:pass@host:1/0", "redis://:***@host:1/0"),
        ("at postgres://me:p%40ss@host/db now", "at postgres://me:***@host/db now"),
        ("'s3://key:s:e@b' and redis://u:p@h", "'s3://key:***@b' and redis://u:***@h"),
        ("GET /x/1?signature=abc&x=1", "GET /x/1?signature=***&x=1"),
        ("?X-Goog-Signature=a&Policy=b&n=1", "?X-Goog-Signature=***&Policy=***&n=1"),
        ("GET /pictures/abc_-.xyz HTTP/1.1", "GET /pictures/*** HTTP/1.1"),
        ("Referer: https://a/pictures/ab.cd", "Referer: https://a/pictures/***"),
        ("s3://pictures/mine answers", "s3://pictures/mine answers"),
        (f"by ph_0123456789_{'a' * 64}", "by ph_0123456789_***"),
        ("?x=1&token=abc HTTP/1.1", "?x=1&token=*** HTTP/1.1"),
        ("http://host:80/path?to=me@host", "http://host:80/path?to=me@host"),
        ("nothing to hide: a@b", "nothing to hide: a@b"),
    ],
)
def test_secrets_are_removed_from_text(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize("name", ["uvicorn.error", "arq.worker", "tortoise", "anything.else"])
def test_lines_of_libraries_are_json_too(name: str) -> None:
    (line,) = lines_of(
        f"logging.getLogger({name!r}).warning('lost %s', 'redis://:pass@h')",
        PIGEONHOLE_LOG_FORMAT="json",
    )

    told = json.loads(line)
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "message": "lost redis://:***@h",
        "level": "warning",
        "logger": name,
        "process": "worker",
    }


def test_our_own_lines_contain_their_values() -> None:
    (line,) = lines_of(
        "structlog.stdlib.get_logger('ours').info('Trained.', samples=3, url='redis://:pass@h')",
        PIGEONHOLE_LOG_FORMAT="json",
    )

    told = json.loads(line)
    del told["timestamp"]
    assert told == {
        "message": "Trained.",
        "level": "info",
        "logger": "ours",
        "process": "worker",
        "samples": 3,
        "url": "redis://:***@h",
    }


def test_an_exception_that_ends_the_process_is_one_json_line_without_secrets() -> None:
    (line,) = lines_of(
        "password = 'locals are not shown'\nraise ValueError('redis://:' + 'pass@h')  # a bug",
        PIGEONHOLE_LOG_FORMAT="json",
    )

    told = json.loads(line)
    assert (told["level"], told["process"]) == ("critical", "worker")
    assert told["exception"].endswith("ValueError: redis://:***@h")
    assert "locals are not shown" not in line.replace("password = ", "")


def test_text_shows_a_traceback_without_local_variables() -> None:
    lines = lines_of("secret = 'swordfish' * 2\nraise ValueError('a bug')")

    assert "[critical ] The process ends because of a bug." in lines[0]
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-1] == "ValueError: a bug"
    assert "swordfishswordfish" not in "".join(lines)


def test_lines_below_the_level_are_not_written() -> None:
    program = "log = structlog.stdlib.get_logger('ours')\nlog.info('a')\nlog.error('b')"

    (line,) = lines_of(program, PIGEONHOLE_LOG_LEVEL="error", PIGEONHOLE_LOG_FORMAT="json")

    assert json.loads(line)["message"] == "b"


@pytest.mark.parametrize(("level", "count"), [("debug", 1), ("info", 0)])
def test_requests_are_logged_at_level_debug(level: str, count: int) -> None:
    lines = lines_of(
        "logging.getLogger('uvicorn.access').info('%s - \"%s %s\" %d', 'a', 'GET', '/', 200)",
        PIGEONHOLE_LOG_LEVEL=level,
        PIGEONHOLE_LOG_FORMAT="json",
    )

    assert [json.loads(line)["level"] for line in lines] == ["debug"] * count


def test_queries_are_never_logged_with_their_values() -> None:
    lines = lines_of(
        "logging.getLogger('tortoise.db_client').debug('INSERT: %s', [b'a picture'])",
        PIGEONHOLE_LOG_LEVEL="debug",
    )

    assert lines == []


def test_logging_during_the_shutdown_of_the_interpreter_causes_no_error() -> None:
    program = (
        "class Last:\n"
        "    def __del__(self, log=structlog.stdlib.get_logger('ours')):\n"
        "        log.warning('late')\n"
        "import sys\n"
        "sys.last = Last()\n"
    )

    assert lines_of(program) == []
