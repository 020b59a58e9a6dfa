"""A data folder that vanishes under a running `up`, and one that has lost its database."""

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.vanishing import noticed
from pigeonhole.settings import read_settings
from tests.faults.backing import free_port
from tests.pigeonhole.running import PIGEONHOLE, environment, eventually, run
from tests.pigeonhole.stand_ins import asked, data, done, ready, stand_ins, up

__all__ = ["data", "stand_ins"]  # fixtures


def remove(data: Path) -> None:
    data.rename(data.with_name("gone"))  # in one step, so that the missing folder is noticed first
    shutil.rmtree(data.with_name("gone"))


def replace(data: Path) -> None:
    data.rename(data.with_name("elsewhere"))
    data.mkdir()


def replace_database(data: Path) -> None:
    shutil.copy(data / "pigeonhole.db", data / "copy.db")
    (data / "copy.db").replace(data / "pigeonhole.db")


@pytest.mark.parametrize(
    ("harm", "lost"), [(remove, ""), (replace, ""), (replace_database, "/pigeonhole.db")]
)
def test_everything_stops_and_reports_what_is_missing(
    stand_ins: Path, data: Path, harm: Callable[[Path], None], lost: str
) -> None:
    with up(stand_ins, data) as process:
        ready(process)
        harm(data)
        status = process.ended()

    assert status == 1
    assert (
        f"error: {data}{lost} was removed or replaced while it was in use. Everything is stopped, "
        "because further changes would be lost. Put it back (mount its disk, or restore a "
        "backup), then start again."
    ) in process.lines


def test_up_refuses_a_folder_that_lost_its_database_unless_told_to_continue(
    stand_ins: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "blobs" / "full" / "ab").mkdir(parents=True)
    (data / "blobs" / "full" / "ab" / "abcd").touch()

    with up(stand_ins, data) as process:
        status = process.ended()
    refused = "\n".join(process.lines)
    exists = (data / "pigeonhole.db").exists()
    anew = done("migrate", "--new-database", cwd=tmp_path, PIGEONHOLE_DATA_DIR=str(data))

    assert (status, exists, anew.returncode) == (1, False, 0)
    assert f"{data} contains images or a key, but its database pigeonhole.db is missing." in refused
    assert "run `pigeonhole migrate --new-database`" in refused
    with up(stand_ins, data) as process:
        ready(process)


def test_a_server_whose_images_are_removed_stops_and_reports_it(
    stand_ins: Path, tmp_path: Path, valkey_url: str
) -> None:
    data = tmp_path / "data"
    variables = {
        "PIGEONHOLE_DATA_DIR": str(data),
        "PIGEONHOLE_REDIS_URL": valkey_url,
        "PIGEONHOLE_STORAGE_URL": (tmp_path / "images").as_uri(),
        "PIGEONHOLE_PORT": str(port := free_port()),
        "PYTHONPATH": os.pathsep.join((str(stand_ins), os.environ.get("PYTHONPATH", ""))),
    }
    (tmp_path / "images").mkdir()
    done("migrate", cwd=tmp_path, PIGEONHOLE_DATA_DIR=str(data))

    with run(*PIGEONHOLE, "serve", cwd=tmp_path, env=environment(**variables)) as process:
        eventually(lambda: answers(port))
        shutil.rmtree(tmp_path / "images")
        status = process.ended()

    assert status == 1
    assert any(
        line.startswith(f"error: {tmp_path / 'images'} was removed or replaced")
        for line in process.lines
    )


def answers(port: int) -> bool:
    with suppress(OSError):
        return "pid" in asked(f"http://127.0.0.1:{port}")
    return False


async def test_processes_of_up_leave_the_check_to_up(tmp_path: Path, monkeypatch: Any) -> None:
    data = tmp_path / "data"
    (data / "blobs").mkdir(parents=True)
    (data / "pigeonhole.db").touch()
    monkeypatch.setattr(os, "getppid", os.getpid)  # as a process that `up` has started

    with data_folder.hold(data):
        waiting = asyncio.create_task(noticed(read_settings(data_dir=data)))
        await asyncio.sleep(0)
        (data / "pigeonhole.db").unlink()
        ended, _ = await asyncio.wait({waiting}, timeout=0.2)
        waiting.cancel()

    assert ended == set()
