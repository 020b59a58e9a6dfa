"""The key of the first start, and the commands that create, list and revoke keys."""

import signal
import stat
from pathlib import Path

from pigeonhole.access.keys import hash_of
from tests.pigeonhole.running import PIGEONHOLE, environment, run
from tests.pigeonhole.stand_ins import data, done, ready, stand_ins, up

__all__ = ["data", "stand_ins"]  # fixtures


def keys(*arguments: str, data: Path, **variables: str) -> list[str]:
    ended = done("keys", *arguments, cwd=data.parent, PIGEONHOLE_DATA_DIR=str(data), **variables)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_the_first_start_on_loopback_creates_one_admin_key_that_only_its_owner_can_read(
    stand_ins: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    secrets = []
    for _ in range(2):
        with up(stand_ins, data) as process:
            ready(process)
            secrets.append((data / "admin.key").read_text())
            process.send(signal.SIGTERM)
            process.ended()
            assert secrets[0].strip() not in "\n".join(process.lines)

    [line] = keys("list", data=data)
    secret = secrets[0].strip()
    assert secrets[0] == secrets[1]
    assert stat.S_IMODE((data / "admin.key").stat().st_mode) == 0o600
    assert line.split("  ")[0] == "_".join(secret.split("_")[:2])
    assert "  live     admin  never used  all functions  admin.key" in line
    assert hash_of(secret) not in line


def test_an_address_that_others_can_reach_is_refused_until_there_is_a_key(
    stand_ins: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with up(stand_ins, data, "--host", "0.0.0.0") as process:
        status = process.ended()
    refused = "\n".join(process.lines)

    [secret] = keys("create", "operator", "--scope", "admin", data=data)
    with up(stand_ins, data, "--host", "0.0.0.0") as process:
        url = ready(process)
        process.send(signal.SIGTERM)
        process.ended()

    assert status == 1
    assert "There is no API key yet, so nobody could use a server on 0.0.0.0" in refused
    assert "`pigeonhole keys create admin --scope admin`" in refused
    assert secret.startswith("ph_")
    assert url.startswith("http://127.0.0.1:")
    assert not (data / "admin.key").exists()


def test_keys_are_created_listed_and_revoked(data: Path) -> None:
    [secret] = keys("create", "shop", "--scope", "invoke", "--scope", "read", data=data)
    prefix = "_".join(secret.split("_")[:2])
    before = keys("list", data=data)
    revoked = keys("revoke", prefix, data=data)
    after = keys("list", data=data)

    assert before == [f"{prefix}  live     invoke,read  never used  all functions  shop"]
    assert revoked == [f"Revoked {prefix}."]
    assert after == [f"{prefix}  revoked  invoke,read  never used  all functions  shop"]


def test_refusals_of_the_key_commands_have_a_message_and_change_nothing(tmp_path: Path) -> None:
    variables = {"PIGEONHOLE_DATA_DIR": str(tmp_path / "data")}
    unready = done("keys", "create", "a", "--scope", "read", cwd=tmp_path, **variables)
    done("migrate", cwd=tmp_path, **variables)
    unknown = done("keys", "revoke", "ph_0123456789", cwd=tmp_path, **variables)
    nowhere = done(
        "keys", "create", "a", "--scope", "read", "--function", "fn_" + "0" * 32,
        cwd=tmp_path, **variables,
    )  # fmt: skip

    assert [unready.returncode, unknown.returncode, nowhere.returncode] == [1, 1, 1]
    assert "Run `pigeonhole migrate`" in unready.stderr
    assert unknown.stderr.startswith("error: Key ph_0123456789 not found.")
    assert nowhere.stderr == "error: Function not found.\n"
    assert keys("list", data=tmp_path / "data") == []


def test_a_login_link_needs_a_running_pigeonhole_up(tmp_path: Path) -> None:
    env = environment(PIGEONHOLE_DATA_DIR=str(tmp_path / "data"))
    with run(*PIGEONHOLE, "login", cwd=tmp_path, env=env) as process:
        status = process.ended()

    assert status == 1
    assert process.lines[0].startswith(
        "error: No `pigeonhole up` that accepts the key in admin.key"
    )
