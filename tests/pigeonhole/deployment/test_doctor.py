"""The doctor's checks of a machine: what they find, how serious it is, and the advice."""

import asyncio
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shlex import quote

import pytest

from pigeonhole import encoders
from pigeonhole.access import keys
from pigeonhole.deployment import data_folder, doctor, doctor_fix, doctor_server, doctor_services
from pigeonhole.deployment.doctor import Check, State
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import database
from pigeonhole.settings import Settings, read_settings
from server.web import page
from tests.pigeonhole.deployment.examined import changed, examine, loads, settings
from tests.pigeonhole.running import WITHIN_S

__all__ = ["loads", "settings"]  # fixtures


def test_a_healthy_machine_has_no_problems(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    monkeypatch.setattr(encoders, "outlook", lambda fetch_timeout_s: (encoders.DEFAULT, None))

    checks = examine(settings)

    assert [(check.name, check.state, check.fix) for check in checks] == [
        (name, State.OK, "")
        for name in (
            *("settings", "data folder", "database", "keys", "redis", "storage", "encoder"),
            *("server", "public URL", "workers"),
        )
    ]
    assert loads == [encoders.DEFAULT]


def test_keys_are_counted_and_a_missing_or_readable_key_file_is_reported(
    settings: Settings,
) -> None:
    async def found(*scopes: ApiKeyScope) -> Check:
        async with database.connected(settings.resolved_database_url):
            for scope in scopes:
                await keys.create(name="a key", scopes={scope})
        return await doctor.check_keys(settings)

    afar = changed(settings, host="0.0.0.0")
    file = settings.resolved_data_dir / data_folder.ADMIN_KEY

    none = asyncio.run(doctor.check_keys(settings))
    none_afar = asyncio.run(doctor.check_keys(afar))
    reader = asyncio.run(found(ApiKeyScope.READ))
    admin = asyncio.run(found(ApiKeyScope.ADMIN))
    data_folder.write_secret(file, "ph_0_0")
    kept = asyncio.run(found())
    file.chmod(0o644)
    readable = asyncio.run(found())

    assert none.found == "No API keys yet; the first `up` creates an admin key."
    assert (none_afar.state, reader.state) == (State.WARNING, State.WARNING)
    assert reader.found == "1 API keys are valid, none of them with the scope ADMIN."
    assert (
        admin
        == kept
        == Check("keys", State.OK, "2 API keys are valid, 1 of them with the scope ADMIN.")
    )
    assert (readable.state, readable.fix) == (State.WARNING, f"Run `chmod 600 {file}`.")


def test_a_new_folder_stays_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "outlook", lambda fetch_timeout_s: (encoders.DEFAULT, None))

    checks = examine(read_settings(data_dir=tmp_path / "data"))

    assert [check.state for check in checks].count(State.PROBLEM) == 0
    assert [check.name for check in checks if check.state is State.WARNING] == ["database"]
    assert list(tmp_path.iterdir()) == []


def test_weights_that_would_be_downloaded_are_reported_and_not_fetched(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    missing = "its weights are being downloaded, 34 % of 605 MB"
    monkeypatch.setattr(encoders, "outlook", lambda fetch_timeout_s: (encoders.DEFAULT, missing))

    check = asyncio.run(doctor_services.check_encoder(settings))

    assert check == Check("encoder", State.OK, f"{encoders.DEFAULT} is chosen; {missing}.")
    assert loads == []


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
    assert "pending migrations" in check.found
    assert "0001_initial" in check.found
    assert check.fix == "Run `pigeonhole migrate`; `up` does this by itself."


def test_a_folder_that_other_users_can_read_is_a_warning(settings: Settings) -> None:
    settings.resolved_data_dir.chmod(0o755)

    check = asyncio.run(doctor.check_folder(settings))

    assert (check.state, check.fix) == (
        State.WARNING,
        f"Run `chmod 700 {settings.resolved_data_dir}`.",
    )


@pytest.mark.parametrize(
    ("megabytes", "state"), [(2_000, State.OK), (500, State.WARNING), (50, State.PROBLEM)]
)
def test_a_disk_is_reported_before_it_is_full(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, megabytes: int, state: State
) -> None:
    monkeypatch.setattr(data_folder, "free_bytes", lambda path: megabytes * 1_000_000)

    check = asyncio.run(doctor.check_folder(settings))

    assert check.state is state
    assert f"{megabytes} MB are free" in check.found


def test_a_check_that_fails_is_reported_and_the_others_continue(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(settings: Settings) -> Check:
        raise RuntimeError("at redis://:secret@host")

    monkeypatch.setattr(doctor_services, "check_redis", fail)

    checks = {check.name: check for check in examine(changed(settings, encoder="bundled"))}

    assert len(checks) == 10
    assert checks["redis"].state is State.PROBLEM
    assert checks["redis"].found == "The check failed: at redis://:***@host."


def test_a_data_folder_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    check = asyncio.run(doctor.check_folder(read_settings(data_dir=tmp_path / "data")))

    assert (check.state, check.found) == (
        State.PROBLEM,
        f"{tmp_path}/data is a file, not a folder.",
    )


def test_paths_are_quoted_in_commands_to_run(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir(mode=0o755)

    check = asyncio.run(doctor.check_folder(read_settings(data_dir=folder)))

    assert check.fix == f"Run `chmod 700 {quote(str(folder))}`."


@pytest.mark.parametrize("kept", ["admin.key", "blobs/full/ab/abcd"])
def test_a_folder_that_lost_its_database_is_a_problem_and_the_advice_is_not_to_create_a_new_one(
    settings: Settings, kept: str
) -> None:
    folder = settings.resolved_data_dir
    (folder / "pigeonhole.db").unlink()
    (folder / kept).parent.mkdir(parents=True, exist_ok=True)
    (folder / kept).write_text("a")

    for check in (doctor.check_folder, doctor.check_database):
        found = asyncio.run(check(settings))
        assert found.state is State.PROBLEM
        assert "its database pigeonhole.db is missing" in found.found
        assert found.fix.startswith("Mount the right disk or restore a backup.")
    asyncio.run(doctor_fix.mend(settings))
    assert not (folder / "pigeonhole.db").exists()


def test_a_port_that_another_program_has_is_a_problem(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        other.close()
        with HTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler) as server:
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            check = asyncio.run(doctor_server.check_server(changed(settings, port=port)))
            thread.join(WITHIN_S)

    assert (check.state, check.found) == (
        State.PROBLEM,
        f"Port {port} on 127.0.0.1 is in use.",
    )


def test_a_page_that_is_not_built_is_a_warning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "FOLDERS", ())

    check = asyncio.run(doctor_server.check_server(changed(settings, port=0)))

    assert (check.state, check.found) == (
        State.WARNING,
        "The page is not built; the API works without it.",
    )


def test_registered_documents_that_cannot_be_read_are_a_problem(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "documents.json"
    file.write_text("[]")

    check = asyncio.run(
        doctor_server.check_server(changed(settings, port=0, registered_documents=file))
    )

    assert check.state is State.PROBLEM
    assert check.found.endswith(f"{file} must be a JSON object of texts of documents.")
