"""The data folder's lock, its file, which describes the holder, and the reserve."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.data_folder import Holder
from pigeonhole.services.reserve import NAME, SIZE
from pigeonhole.settings import Settings
from tests.faults.backing import free_port
from tests.pigeonhole.running import PIGEONHOLE, environment, eventually, run
from tests.pigeonhole.stand_ins import done, stand_ins

__all__ = ["stand_ins"]  # a fixture

HOLD = """
import sys, time
from pathlib import Path
from pigeonhole.deployment import data_folder

with data_folder.hold(Path(sys.argv[1])) as held:
    held.tell(data_folder.Holder(pid=1, host="h", since="s", url="http://there", redis_url="r"))
    print("held", flush=True)
    sys.stdin.read()
"""
TOLD = Holder(pid=1, host="h", since="s", url="http://there", redis_url="r")


def test_a_second_holder_is_refused_and_leaves_the_description_of_the_first(
    tmp_path: Path,
) -> None:
    with data_folder.hold(tmp_path) as held:
        held.tell(TOLD)

        with pytest.raises(data_folder.FolderError) as caught, data_folder.hold(tmp_path):
            pass

        assert str(caught.value) == (
            f"The data folder {tmp_path} is in use by process 1 on h since s (http://there). Stop "
            "that process first, or choose another folder with --data-dir or PIGEONHOLE_DATA_DIR."
        )
        assert data_folder.holder(tmp_path) == TOLD
        assert stat.S_IMODE((tmp_path / data_folder.LOCK).stat().st_mode) == 0o600


def test_a_holder_that_releases_the_folder_leaves_nothing(tmp_path: Path) -> None:
    with data_folder.hold(tmp_path) as held:
        held.tell(TOLD)

    assert data_folder.holder(tmp_path) is None
    with data_folder.hold(tmp_path) as held:
        assert held.before is None


def test_after_a_kill_the_next_holder_learns_who_held_the_folder_last(tmp_path: Path) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", HOLD, tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        while_held = data_folder.holder(tmp_path)
        process.send_signal(signal.SIGKILL)

    assert while_held == TOLD
    assert data_folder.holder(tmp_path) is None
    with data_folder.hold(tmp_path) as held:
        assert held.before == TOLD


@pytest.mark.parametrize(
    ("storage", "database", "size"),
    [("", "", SIZE), ("s3://images", "", SIZE), ("s3://images", "postgres://db/rows", None)],
)
def test_a_reserve_is_kept_where_images_or_rows_are(
    tmp_path: Path, storage: str, database: str, size: int | None
) -> None:
    data_folder.keep_reserve(
        Settings(data_dir=tmp_path, storage_url=storage, database_url=database)
    )

    found = tmp_path / NAME
    assert (found.stat().st_size if found.exists() else None) == size


def test_a_server_without_up_keeps_the_reserve_of_its_folder(
    stand_ins: Path, tmp_path: Path, valkey_url: str
) -> None:
    data = tmp_path / "data"
    variables = {
        "PIGEONHOLE_DATA_DIR": str(data),
        "PIGEONHOLE_REDIS_URL": valkey_url,
        "PIGEONHOLE_PORT": str(free_port()),
        "PYTHONPATH": os.pathsep.join((str(stand_ins), os.environ.get("PYTHONPATH", ""))),
    }
    done("migrate", cwd=tmp_path, PIGEONHOLE_DATA_DIR=str(data))

    with run(*PIGEONHOLE, "serve", cwd=tmp_path, env=environment(**variables)):
        kept = eventually(lambda: (data / NAME).exists() and (data / NAME).stat().st_size)

    assert kept == SIZE


def test_a_missing_folder_has_no_holder_and_is_not_created(tmp_path: Path) -> None:
    assert data_folder.holder(tmp_path / "none") is None
    assert list(tmp_path.iterdir()) == []
