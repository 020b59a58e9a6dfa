"""Further commands, run as real processes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pigeonhole.stand_ins import done, stand_ins

__all__ = ["stand_ins"]  # a fixture


@pytest.mark.parametrize("command", ["serve", "work"])
def test_serve_and_work_on_their_own_ask_for_a_redis(tmp_path: Path, command: str) -> None:
    ended = done(command, cwd=tmp_path)

    assert (ended.returncode, ended.stderr) == (
        1,
        "error: PIGEONHOLE_REDIS_URL is required. Set it, or run `pigeonhole up`, which starts "
        "Redis, server and worker together.\n",
    )


def test_a_server_refuses_a_database_that_is_not_migrated_and_a_redis_that_is_away(
    tmp_path: Path,
) -> None:
    ended = done(
        "serve",
        cwd=tmp_path,
        PIGEONHOLE_REDIS_URL="redis://:secret@127.0.0.1:1",
        PIGEONHOLE_START_WAIT_S="0",
    )

    database, redis = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert database.endswith(
        "does not exist yet. Run `pigeonhole migrate`; `up` does this by itself."
    )
    assert redis.startswith("error: redis://:***@127.0.0.1:1 cannot be used: ")
    assert not (tmp_path / "data").exists()


def test_migrate_lists_what_it_applied_and_does_nothing_the_second_time(tmp_path: Path) -> None:
    first, second = (done("migrate", cwd=tmp_path) for _ in range(2))

    assert first.returncode == second.returncode == 0
    doing, did, *_ = first.stdout.splitlines()
    assert doing == "Applying 0001_initial ..."
    assert re.fullmatch(r"Applied 0001_initial in \d+\.\d s\.", did)
    assert second.stdout == "The database is up to date.\n"


def test_wrong_settings_are_reported_in_sentences(tmp_path: Path) -> None:
    ended = done("serve", cwd=tmp_path, PIGEONHOLE_PORT="x", PIGEONHOLE_LOG_FORMAT="xml")

    assert (ended.returncode, ended.stderr.splitlines()) == (
        1,
        [
            "error: PIGEONHOLE_PORT is 'x', but must be a valid integer.",
            "error: PIGEONHOLE_LOG_FORMAT is 'xml', but must be 'text' or 'json'.",
        ],
    )


def test_the_schema_is_printed_and_compared(stand_ins: Path, tmp_path: Path) -> None:
    path = str(stand_ins)
    missing = done("schema", "--check", cwd=tmp_path, PYTHONPATH=path)
    printed = done("schema", cwd=tmp_path, PYTHONPATH=path)
    (tmp_path / "schema.graphql").write_text(printed.stdout)
    same = done("schema", "--check", cwd=tmp_path, PYTHONPATH=path)
    (tmp_path / "schema.graphql").write_text(printed.stdout + "# more\n")
    stale = done("schema", "--check", cwd=tmp_path, PYTHONPATH=path)

    assert printed.stdout == "type Query {\n  answer: Int!\n}\n"
    assert (same.returncode, same.stdout + same.stderr) == (0, "")
    for ended in (missing, stale):
        assert (ended.returncode, ended.stderr) == (
            1,
            "error: schema.graphql is out of date. Run `make schema`.\n",
        )


def test_the_command_line_loads_no_numerical_library() -> None:
    program = (
        "import sys, pigeonhole.deployment.cli, pigeonhole.deployment.up\n"
        "print(sorted({'numpy', 'torch', 'tortoise', 'uvicorn'} & set(sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert printed.stdout == "[]\n"
