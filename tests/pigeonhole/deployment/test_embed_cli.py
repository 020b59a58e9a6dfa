"""`pigeonhole embed` where it cannot begin; `tests/pigeonhole/cluster` runs it on Ray."""

import asyncio
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pigeonhole.deployment.cli import app
from pigeonhole.deployment.embed_cli import _check_identity
from pigeonhole.encoders.wire import described
from pigeonhole.services import database
from pigeonhole.settings import OperatorError, read_settings
from pigeonhole.tables import Function
from tests import backends
from tests.conftest import load_once


async def create() -> None:
    async with database.connected(read_settings().resolved_database_url):
        await Function.create(name="Birds", name_key="birds", encoder="bundled")


def test_what_it_lacks_is_told_before_anything_is_read(
    sqlite_template: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pigeonhole.deployment.logs.set_up", lambda settings, process: None)
    monkeypatch.setitem(sys.modules, "ray", None)  # as where it is not installed
    monkeypatch.setenv("PIGEONHOLE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PIGEONHOLE_REDIS_URL", valkey_url)
    monkeypatch.setenv("PIGEONHOLE_DATABASE_URL", backends.copy_database(sqlite_template, tmp_path))
    asyncio.run(create())
    missing = tmp_path / "missing"

    for function, source, said in [
        ("Birds", str(missing), f"{missing.as_uri()} is not a folder."),
        ("Birds", "ftp://photos", "'ftp://photos' is not a storage URL."),
        ("Fish", str(tmp_path), "There is no function 'Fish'."),
        (f"fn_{'0' * 32}", str(tmp_path), f"There is no function 'fn_{'0' * 32}'."),
        ("birds", str(tmp_path), "Run `pip install 'pigeonhole[ray]'` here and on each node."),
    ]:
        done = CliRunner().invoke(app, ["embed", function, source, "--ray", "127.0.0.1:6379"])
        assert (done.exit_code, said in done.stderr) == (1, True), done.stderr
    assert not missing.exists()


def test_vectors_that_workers_would_compute_again_are_refused(small_encoder: str) -> None:
    about = described(small_encoder, load_once(small_encoder))

    _check_identity(about, set())
    _check_identity(about, {about.identity, "another"})
    with pytest.raises(OperatorError, match="workers would embed all images again"):
        _check_identity(about, {"another"})
