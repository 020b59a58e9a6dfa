"""The public conformance checks of both protocols, if Node and a folder with them are available.

The folder is named by ``PIGEONHOLE_CONFORMANCE``, or is ``conformance`` in a ``shared`` folder
beside the checkout.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pigeonhole.running import WITHIN_S
from tests.server.transport.conftest import Serve

BESIDE = Path(__file__).parents[4] / "shared" / "conformance"
CHECKS = Path(os.environ.get("PIGEONHOLE_CONFORMANCE", BESIDE))
FILES = ("package.json", "http-audit.mjs", "ws-check.mjs")
CONFIG = {"flood": "subscription { busy(size: 10000) }"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("node") and shutil.which("npm")), reason="Node or npm is not installed"
    ),
    pytest.mark.skipif(
        not all((CHECKS / name).exists() for name in FILES),
        reason="the folder with the conformance checks is not there",
    ),
]


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checks with their dependencies."""
    folder = tmp_path_factory.mktemp("conformance")
    for name in FILES:
        shutil.copy(CHECKS / name, folder)
    installed = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=0"],  # or it tries for long
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    if installed.returncode:
        pytest.skip(f"npm can't install: {installed.stderr[-200:]}")
    return folder


def run(folder: Path, *command: str) -> list[str]:
    """Run a script of checks; return the lines of its output."""
    done = subprocess.run(
        ["node", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    return done.stdout.splitlines()


def test_all_61_audits_of_graphql_over_http_pass(serve: Serve, checks: Path) -> None:
    server = serve()

    lines = run(checks, "http-audit.mjs", f"http://{server.url}/", "--strict")

    assert [line for line in lines if not line.startswith("pass")] == ['{"ok":61} of 61']


def test_all_56_checks_of_graphql_transport_ws_pass(serve: Serve, checks: Path) -> None:
    server = serve()
    (checks / "config.json").write_text(json.dumps(CONFIG))

    lines = run(checks, "ws-check.mjs", f"ws://{server.url}/", "--config", "config.json")

    assert [line for line in lines if not line.startswith("pass")] == [
        "56 passed, 0 failed, 0 warnings, 0 skipped"
    ]
