"""`pigeonhole up` with a small server and worker in place of the real ones.

They come first on the import path and report the settings that they got. The end-to-end test runs
the real ones.
"""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tests import backends
from tests.pigeonhole.running import PIGEONHOLE, Running, environment, run

SERVER = """
import os
from types import SimpleNamespace
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

def create_app(settings):
    async def readyz(request):
        return JSONResponse({"pid": os.getpid(), "redis_url": settings.redis_url})
    app = Starlette(routes=[Route("/readyz", readyz)])
    app.state.stopping = SimpleNamespace(begin=lambda: None)
    return app
"""

HEADS = """
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as BoundedHeads
"""

SLICES = """
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol as SlicedFrames,
)
"""

WORKER = """
import json, os, signal, sys

def run(settings, only=None):
    told = {
        "pid": os.getpid(),
        "nice": os.nice(0),
        "threads": os.environ["OPENBLAS_NUM_THREADS"],
        "loaded": sorted({"numpy", "torch", "scipy"} & set(sys.modules)),
    }
    sys.stdout.write("worker " + json.dumps(told) + "\\n")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        signal.pause()
"""

SCHEMA = """
def print_schema():
    return "type Query {\\n  answer: Int!\\n}"
"""


@pytest.fixture
def stand_ins(tmp_path: Path) -> Path:
    """A folder with a small ``server`` and ``worker`` package."""
    for path, text in {
        "server/__init__.py": "",
        "server/app.py": SERVER,
        "server/transport/__init__.py": "",
        "server/transport/request_heads.py": HEADS,
        "server/transport/slices.py": SLICES,
        "server/api/__init__.py": "",
        "server/api/schema.py": SCHEMA,
        "worker/__init__.py": "",
        "worker/main.py": WORKER,
    }.items():
        file = tmp_path / "stand-ins" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "stand-ins"


@pytest.fixture
def data(tmp_path: Path, sqlite_template: str) -> Path:
    """A data folder with a migrated database, since migrating takes longer than starting."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    backends.copy_database(sqlite_template, folder)
    return folder


@contextmanager
def up(stand_ins: Path, data: Path, *flags: str, **variables: str) -> Iterator[Running]:
    """Run ``pigeonhole up`` on a free port."""
    variables = {"PORT": "0", "PIGEONHOLE_DATA_DIR": str(data), **variables}
    path = os.pathsep.join(
        (str(stand_ins), os.environ.get("PYTHONPATH", ""))
    )  # the stand-ins come first
    env = environment(PYTHONPATH=path.rstrip(os.pathsep), **variables)
    with run(*PIGEONHOLE, "up", *flags, cwd=stand_ins.parent, env=env) as process:
        yield process


def ready(process: Running) -> str:
    """Return the URL in the line at the end of start-up."""
    line = process.line_with("ready")
    before, url, after = line.partition("http://")[0], line.split()[4], line.split(" (")[1]
    assert (before, after) == ("Pigeonhole is ready: open ", "Ctrl-C stops it)")
    return url


def asked(url: str) -> dict[str, str | int]:
    """Return what the server reports about itself."""
    with closing(urllib.request.urlopen(f"{url}/readyz", timeout=30)) as answer:
        told: dict[str, str | int] = json.load(answer)
    return told


def done(*arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a command until it ends."""
    return subprocess.run(
        [*PIGEONHOLE, *arguments],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def children_of(process: Running) -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return children
