"""The doctor's command: its repairs and its output."""

import asyncio
import json
import subprocess
from pathlib import Path

from pigeonhole.deployment import doctor, doctor_fix
from pigeonhole.deployment.doctor import State
from pigeonhole.settings import Settings
from tests.pigeonhole.deployment.examined import loads, settings
from tests.pigeonhole.running import PIGEONHOLE, environment

__all__ = ["loads", "settings"]  # fixtures


def test_safe_repairs_are_made_and_reported(settings: Settings) -> None:
    folder = settings.resolved_data_dir
    (folder / "pigeonhole.db").write_bytes(b"")
    (folder / "admin.key").write_text("secret")
    folder.chmod(0o755)
    (folder / "admin.key").chmod(0o644)

    done = asyncio.run(doctor_fix.mend(settings))

    assert done[:3] == [
        f"Made {folder} private (mode 700).",
        f"Made {folder}/admin.key private (mode 600).",
        "Applied the migration 0001_initial.",
    ]
    assert asyncio.run(doctor.check_folder(settings)).state is State.OK
    assert asyncio.run(doctor.check_database(settings)).state is State.OK
    assert asyncio.run(doctor_fix.mend(settings)) == []


def doctored(*flags: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PIGEONHOLE, "doctor", *flags],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_gives_advice_and_fails_on_a_problem(tmp_path: Path) -> None:
    ended = doctored(
        cwd=tmp_path,
        PIGEONHOLE_REDIS_URL="redis://:secret@127.0.0.1:1",
        PIGEONHOLE_ENCODER="no-such-model/none",
        PIGEONHOLE_PROT="1",
    )

    starts = [line[:21].split() for line in ended.stdout.splitlines()]
    assert ended.returncode == 1
    assert [start for start in starts if start] == [
        ["warning", "settings"],
        ["ok", "data", "folder"],
        ["warning", "database"],
        ["ok", "keys"],
        ["problem", "redis"],
        ["ok", "storage"],
        ["problem", "encoder"],
        ["ok", "server"],
        ["ok", "public", "URL"],
        ["warning", "workers"],
    ]
    assert "did you mean PIGEONHOLE_PORT?" in ended.stdout
    assert "secret" not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_the_command_has_output_in_json(tmp_path: Path) -> None:
    ended = doctored("--json", cwd=tmp_path, PIGEONHOLE_PORT="x")

    assert ended.returncode == 1
    assert json.loads(ended.stdout) == {
        "ok": False,
        "checks": [
            {
                "name": "settings",
                "state": "problem",
                "found": "PIGEONHOLE_PORT is 'x', but must be a valid integer.",
                "fix": "Correct it.",
            }
        ],
    }
