"""``pigeonhole up`` starts, restarts and stops real processes."""

import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.valkey import Valkey
from pigeonhole.services import reserve
from tests.faults.disk import small_disk
from tests.pigeonhole.running import (
    alive,
    eventually,
    run,
    words_of,
)
from tests.pigeonhole.stand_ins import SERVER, asked, children_of, data, done, ready, stand_ins, up

__all__ = ["data", "stand_ins"]  # fixtures


def test_up_runs_a_valkey_a_server_and_a_worker_until_ctrl_c(
    stand_ins: Path, tmp_path: Path
) -> None:
    data = tmp_path / "new" / "data"
    with up(stand_ins, data) as process:
        url = ready(process)
        children = children_of(process)
        told = asked(url)
        mode = stat.S_IMODE(data.stat().st_mode)

        process.send(signal.SIGINT)
        status = process.ended()

    assert status == 0
    assert mode == 0o700
    assert len(children) == 3
    assert told["pid"] in {child.pid for child in children}
    assert str(told["redis_url"]).startswith("redis://:")
    assert not any(alive(child.pid) for child in children)
    assert stat.S_IMODE((data / "pigeonhole.db").stat().st_mode) == 0o600


def test_a_second_start_on_the_same_folder_continues(stand_ins: Path, tmp_path: Path) -> None:
    for _ in range(2):
        with up(stand_ins, tmp_path / "data") as process:
            ready(process)
            process.send(signal.SIGTERM)
            assert process.ended() == 0


def test_a_folder_in_use_is_refused_and_the_message_names_the_process_that_uses_it(
    stand_ins: Path, data: Path
) -> None:
    with up(stand_ins, data) as first:
        url = ready(first)
        with up(stand_ins, data) as second:
            status = second.ended()
        assert asked(url)

    (line,) = second.lines
    assert status == 1
    assert line.startswith(f"error: The data folder {data} is in use by process {first.pid} on ")
    assert line.endswith(
        f"({url}). Stop that process first, or choose another folder with --data-dir or "
        "PIGEONHOLE_DATA_DIR."
    )


def _ends(line: str, word: str) -> Iterator[bool]:
    return (part.endswith(word) for part in line.split())


@pytest.mark.parametrize("which", ["server", "worker", "valkey"])
def test_a_process_that_is_killed_is_started_again(stand_ins: Path, data: Path, which: str) -> None:
    word = {"server": "serve", "worker": "work", "valkey": "valkey-server"}[which]

    def pid() -> int:
        words = {child.pid: " ".join(words_of(child.pid)) for child in children_of(process)}
        found = [pid for pid, line in words.items() if any(_ends(line, word))]
        return found[0] if found else 0

    with up(stand_ins, data) as process:
        url = ready(process)
        before = eventually(pid)

        os.kill(before, signal.SIGKILL)
        line = process.line_with("A process ended and is restarted.")

        eventually(lambda: pid() not in {0, before})
        assert f"child={which}" in line
        assert asked(url)["redis_url"]  # the server waits in the queue of the port


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent")
def test_after_the_supervisor_is_killed_nothing_runs_and_the_folder_is_free(
    stand_ins: Path, data: Path
) -> None:
    with up(stand_ins, data) as process:
        ready(process)
        children = children_of(process)
        process.send(signal.SIGKILL)
        process.ended()
        eventually(lambda: not any(alive(child.pid) for child in children))

    with up(stand_ins, data) as process:
        assert asked(ready(process))


def test_no_valkey_is_started_if_a_redis_is_given(
    stand_ins: Path, tmp_path: Path, data: Path
) -> None:
    valkey = Valkey.within(tmp_path / "valkey")
    with (
        run(*valkey.command().words),
        up(stand_ins, data, PIGEONHOLE_REDIS_URL=valkey.url) as process,
    ):
        told = asked(ready(process))
        assert len(children_of(process)) == 2

    assert told["redis_url"] == valkey.url
    assert not (data / "valkey").exists()


def test_a_flag_overrides_the_prefixed_variable_which_overrides_the_plain_one(
    stand_ins: Path, data: Path
) -> None:
    given = {"HOST": "192.0.2.1", "PORT": "1", "PIGEONHOLE_HOST": "127.0.0.1"}
    with up(stand_ins, data, "--port", "0", PIGEONHOLE_PORT="2", **given) as process:
        url = ready(process)

    assert url.startswith("http://127.0.0.1:")
    assert int(url.rsplit(":", 1)[1]) > 2


def test_a_port_in_use_is_reported(stand_ins: Path, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with up(stand_ins, tmp_path / "data", PORT=str(port)) as process:
            status = process.ended()

    assert (status, process.lines) == (
        1,
        [
            f"error: Port {port} on 127.0.0.1 is in use. Stop the process that listens there, or "
            "choose another port with --port, PIGEONHOLE_PORT or PORT."
        ],
    )


def test_an_address_of_another_machine_is_reported(stand_ins: Path, tmp_path: Path) -> None:
    with up(stand_ins, tmp_path / "data", HOST="192.0.2.1") as process:
        status = process.ended()

    assert (status, process.lines) == (
        1,
        [
            "error: 192.0.2.1 is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for "
            "all networks."
        ],
    )


def test_a_database_that_does_not_answer_is_reported_without_its_password(
    stand_ins: Path, tmp_path: Path
) -> None:
    url = "postgres://me:secret@127.0.0.1:1/db"
    with up(stand_ins, tmp_path / "data", PIGEONHOLE_DATABASE_URL=url) as process:
        status = process.ended()

    first, second = process.lines
    assert status == 1
    assert first.startswith("error: postgres://me:***@127.0.0.1:1/db cannot be used: ")
    assert first.endswith(
        "Check that PostgreSQL is running there and that PIGEONHOLE_DATABASE_URL has the right "
        "user, password and database."
    )
    assert second == "error: The database could not be prepared; see the error above."


def test_a_server_that_does_not_start_ends_the_start_up(stand_ins: Path, data: Path) -> None:
    (stand_ins / "server" / "app.py").write_text("raise SystemExit(7)")

    with up(stand_ins, data) as process:
        status = process.ended()

    assert status == 1
    assert process.lines[-1] == "error: The server ended with status 7 before it was ready."


def test_a_signal_during_start_up_stops_everything(stand_ins: Path, data: Path) -> None:
    app = stand_ins / "server" / "app.py"
    app.write_text(SERVER.replace("settings.redis_url})", "settings.redis_url}, 503)"))

    with up(stand_ins, data) as process:
        process.line_with("worker {")
        children = children_of(process)
        process.send(signal.SIGTERM)
        status = process.ended()

    assert status == 0
    assert not any(alive(child.pid) for child in children)
    assert not any("ready" in line for line in process.lines)


def test_a_full_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "free_bytes", lambda path: 5_000_000)

    with pytest.raises(data_folder.FolderError) as caught, data_folder.hold(tmp_path / "data"):
        pass

    assert str(caught.value) == (
        f"The disk of the data folder {tmp_path}/data is full: 5 MB are free. Free at least "
        "16 MB, or choose another folder with --data-dir or PIGEONHOLE_DATA_DIR."
    )


def test_up_starts_on_a_full_disk_with_the_help_of_the_reserve_and_reports_it(
    stand_ins: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path, size_mb=64) as disk:
        if not disk.own:
            pytest.skip("No file system can be mounted here.")
        data = disk.path / "data"
        with up(stand_ins, data) as process:
            ready(process)
            kept = eventually(lambda: (data / "reserve").stat().st_size)
            process.send(signal.SIGTERM)
            process.ended()
        disk.fill()

        with up(stand_ins, data) as process:
            ready(process)
            process.send(signal.SIGTERM)
            status = process.ended()

    assert kept == reserve.SIZE
    assert status == 0
    [line] = [line for line in process.lines if "nearly full" in line]
    assert f"The disk of the data folder {data} is nearly full: " in line
    assert "When it is full, deletions still work, but changes and new images are refused." in line


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    with data_folder.hold(tmp_path):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_data_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    ended = done("migrate", cwd=tmp_path, PIGEONHOLE_DATA_DIR=f"{tmp_path}/file/data")

    assert (ended.returncode, ended.stderr) == (
        1,
        f"error: The data folder {tmp_path}/file/data cannot be used: Not a directory. Make it "
        "writable for this user, or choose another with --data-dir or PIGEONHOLE_DATA_DIR.\n",
    )


def test_the_worker_lowers_its_priority_and_limits_its_threads_before_libraries_load(
    stand_ins: Path, data: Path
) -> None:
    with up(stand_ins, data) as process:
        told = json.loads(process.line_with("worker {").partition(" ")[2])

    del told["pid"]
    assert told == {"nice": min(19, os.nice(0) + 10), "threads": "1", "loaded": []}
