"""The doctor: what it finds, how bad that is, and what it says to do."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pigeonhole import database, doctor, encoders, folder, keys
from pigeonhole.doctor import Check, State
from pigeonhole.models import ApiKeyScope
from pigeonhole.settings import Settings, read_settings
from pigeonhole.valkey import Valkey, answers
from tests.pigeonhole.running import PIGEONHOLE, environment, eventually, run


@dataclass
class Loaded:
    """What the doctor asks of an encoder."""

    identity: str = "an-identity"
    name: str = "An encoder"
    warning: str | None = "It knows everyday things."


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep the weights on the disk; note what would have been loaded."""
    asked: list[str] = []

    def load(spec: str) -> Loaded:
        asked.append(spec)
        return Loaded()

    monkeypatch.setattr(encoders, "load", load)
    return asked


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a folder that is there, and a database in it."""
    settings = read_settings(data_dir=tmp_path / "data")
    folder.make(settings.resolved_data_dir)
    asyncio.run(database.migrate(settings.resolved_database_url))
    return settings


@contextmanager
def a_valkey(tmp_path: Path, **changes: str) -> Iterator[str]:
    """A running Valkey, with changes to its configuration."""
    valkey = Valkey.within(tmp_path / "valkey")
    words = valkey.command().words
    with run(*words, *(word for key, value in changes.items() for word in (f"--{key}", value))):
        eventually(lambda: asyncio.run(answers(valkey.url)))
        yield valkey.url


def changed(settings: Settings, **values: object) -> Settings:
    return settings.model_copy(update=values)


def examine(settings: Settings) -> list[Check]:
    async def all_of_them() -> list[Check]:
        return [check async for check in doctor.examine(settings)]

    return asyncio.run(all_of_them())


def test_all_is_well_on_one_machine(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    monkeypatch.setattr(encoders, "choose", lambda spec, fetch_timeout_s: encoders.DEFAULT)

    checks = examine(settings)

    assert [(check.name, check.state, check.fix) for check in checks] == [
        (name, State.OK, "")
        for name in ("settings", "data folder", "database", "keys", "redis", "storage", "encoder")
    ]
    assert loads == [encoders.DEFAULT]


def test_keys_are_counted_and_a_missing_or_an_open_one_is_told(settings: Settings) -> None:
    async def found(*scopes: ApiKeyScope) -> Check:
        async with database.connected(settings.resolved_database_url):
            for scope in scopes:
                await keys.create(name="a key", scopes={scope})
        return await doctor.check_keys(settings)

    afar = changed(settings, host="0.0.0.0")
    file = settings.resolved_data_dir / folder.ADMIN_KEY

    none = asyncio.run(doctor.check_keys(settings))
    none_afar = asyncio.run(doctor.check_keys(afar))
    reader = asyncio.run(found(ApiKeyScope.READ))
    admin = asyncio.run(found(ApiKeyScope.ADMIN))
    folder.write_secret(file, "ph_0_0")
    kept = asyncio.run(found())
    file.chmod(0o644)
    readable = asyncio.run(found())

    assert none.found == "None yet; the first `up` makes an admin key."
    assert (none_afar.state, reader.state) == (State.WARNING, State.WARNING)
    assert reader.found == "1 API keys let somebody in, none of them an admin key."
    assert admin == kept == Check("keys", State.OK, "2 let somebody in, 1 of them admins.")
    assert (readable.state, readable.fix) == (State.WARNING, f"Run `chmod 600 {file}`.")


def test_nothing_is_made_where_nothing_is_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "choose", lambda spec, fetch_timeout_s: encoders.DEFAULT)

    checks = examine(read_settings(data_dir=tmp_path / "data"))

    assert [check.state for check in checks].count(State.PROBLEM) == 0
    assert [check.name for check in checks if check.state is State.WARNING] == ["database"]
    assert list(tmp_path.iterdir()) == []


def test_a_fall_back_to_the_bundled_encoder_is_a_warning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "choose", lambda spec, fetch_timeout_s: encoders.BUNDLED)

    check = asyncio.run(doctor.check_encoder(settings))

    assert check.state is State.WARNING
    assert check.found == (
        "FALLEN BACK TO THE BUNDLED ENCODER: the CLIP weights were neither on this machine nor to "
        "be fetched. It knows everyday things."
    )
    assert "PIGEONHOLE_ENCODER" in check.fix


def test_what_was_chosen_once_is_told_without_asking_the_hub(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    async def record() -> None:
        from pigeonhole.models import Choice

        async with database.connected(settings.resolved_database_url):
            await Choice.create(name="encoder", value=encoders.BUNDLED)

    asyncio.run(record())
    monkeypatch.delattr(encoders, "choose")

    check = asyncio.run(doctor.check_encoder(settings))

    assert (check.state, loads) == (State.WARNING, [encoders.BUNDLED])


def test_the_bundled_encoder_by_choice_is_no_warning(settings: Settings) -> None:
    check = asyncio.run(doctor.check_encoder(changed(settings, encoder="bundled")))

    assert check == Check("encoder", State.OK, "An encoder loads (an-identity).")


def test_an_encoder_that_does_not_load_is_a_problem(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(spec: str) -> Loaded:
        raise ValueError("There is no such model")

    monkeypatch.setattr(encoders, "load", load)

    check = asyncio.run(doctor.check_encoder(changed(settings, encoder="no/model")))

    assert check.state is State.PROBLEM
    assert check.found == "The encoder 'no/model' does not load: There is no such model."


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://me:secret@127.0.0.1:1/db", "postgres://me:***@127.0.0.1:1/db cannot be used"),
        ("sqlite:///nowhere/a.db", "sqlite:///nowhere/a.db cannot be used: unable to open"),
        (f"sqlite://{__file__}", "cannot be used: file is not a database."),
    ],
)
def test_a_database_that_cannot_be_used_is_a_problem(
    settings: Settings, url: str, said: str
) -> None:
    check = asyncio.run(doctor.check_database(changed(settings, database_url=url)))

    assert check.state is State.PROBLEM
    assert said in check.found
    assert check.fix


def test_an_empty_database_lacks_migrations(tmp_path: Path) -> None:
    (tmp_path / "pigeonhole.db").touch()

    check = asyncio.run(doctor.check_database(read_settings(data_dir=tmp_path)))

    assert check.state is State.WARNING
    assert "lacks" in check.found
    assert "0001_initial" in check.found
    assert check.fix == "Run `pigeonhole migrate`; `up` does it by itself."


@pytest.mark.parametrize(
    ("changes", "state", "found"),
    [
        ({}, State.OK, "append-only file on."),
        ({"appendonly": "no"}, State.WARNING, "without an append-only file"),
        ({"maxmemory-policy": "allkeys-lru"}, State.WARNING, "may drop jobs"),
    ],
)
def test_a_redis_that_may_forget_is_a_warning(
    settings: Settings, tmp_path: Path, changes: dict[str, str], state: State, found: str
) -> None:
    with a_valkey(tmp_path, **changes) as url:
        check = asyncio.run(doctor.check_redis(changed(settings, redis_url=url)))

    assert check.state is state
    assert found in check.found
    assert "Valkey" in check.found
    assert ":***@" in check.found


def test_a_redis_that_is_away_is_a_problem(settings: Settings) -> None:
    url = "redis://:secret@127.0.0.1:1"

    check = asyncio.run(doctor.check_redis(changed(settings, redis_url=url)))

    assert check.state is State.PROBLEM
    assert check.found.startswith("redis://:***@127.0.0.1:1 cannot be used: ")


def test_the_valkey_of_a_running_up_is_found_by_its_folder(
    settings: Settings, tmp_path: Path
) -> None:
    with a_valkey(tmp_path) as url, folder.hold(settings.resolved_data_dir) as held:
        held.tell(folder.Holder(redis_url=url))
        redis = asyncio.run(doctor.check_redis(settings))
        data = asyncio.run(doctor.check_folder(settings))

    assert redis.found.endswith("append-only file on.")
    assert f"in use by process {os.getpid()} on " in data.found


def test_a_storage_that_cannot_be_written_is_a_problem(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    url = f"file://{tmp_path}/file/blobs"

    check = asyncio.run(doctor.check_storage(changed(settings, storage_url=url)))

    assert check.state is State.PROBLEM
    assert check.found.startswith(f"{url} cannot be used: ")


def test_a_folder_that_others_may_read_is_a_warning(settings: Settings) -> None:
    settings.resolved_data_dir.chmod(0o755)

    check = asyncio.run(doctor.check_folder(settings))

    assert (check.state, check.fix) == (
        State.WARNING,
        f"Run `chmod 700 {settings.resolved_data_dir}`.",
    )


@pytest.mark.parametrize(
    ("megabytes", "state"), [(2_000, State.OK), (500, State.WARNING), (50, State.PROBLEM)]
)
def test_a_disk_that_fills_is_told_before_it_is_full(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, megabytes: int, state: State
) -> None:
    monkeypatch.setattr(folder, "free_bytes", lambda path: megabytes * 1_000_000)

    check = asyncio.run(doctor.check_folder(settings))

    assert check.state is state
    assert f"{megabytes} MB are free" in check.found


def test_a_check_that_fails_is_told_and_the_others_go_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(settings: Settings) -> Check:
        raise RuntimeError("at redis://:secret@host")

    monkeypatch.setattr(doctor, "check_redis", fail)

    checks = {check.name: check for check in examine(changed(settings, encoder="bundled"))}

    assert len(checks) == 7
    assert checks["redis"].state is State.PROBLEM
    assert checks["redis"].found == "The check failed: at redis://:***@host."


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


def test_the_command_says_what_to_do_and_fails_on_a_problem(tmp_path: Path) -> None:
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
    ]
    assert "did you mean PIGEONHOLE_PORT?" in ended.stdout
    assert "secret" not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_the_command_answers_a_machine_in_json(tmp_path: Path) -> None:
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
