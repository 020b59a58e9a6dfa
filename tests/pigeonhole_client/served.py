"""A running product that a command or the client uses."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.pigeonhole.running import PIGEONHOLE, environment, run, words_of

CLIENT = (sys.executable, "-P", "-c", "from pigeonhole_client.commands.app import app; app()")


class Served:
    """A running product: its URL, its first key, and its processes."""

    def __init__(self, url: str, folder: Path, pid: int) -> None:
        self.url, self.folder, self.pid = url, folder, pid
        self.key = (folder / "admin.key").read_text().strip()

    def command(self, *words: str, status: int = 0, program: tuple[str, ...] = PIGEONHOLE) -> str:
        """Run a command against it; return the output."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        variables = environment(
            PIGEONHOLE_DATA_DIR=str(self.folder), PIGEONHOLE_HOST=host, PIGEONHOLE_PORT=port
        )
        ended = subprocess.run(
            [*program, *words], env=variables, capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == status, ended.stderr
        return ended.stdout + ended.stderr

    def server(self) -> psutil.Process:
        """Return the process that serves the API."""
        [found] = [
            child for child in psutil.Process(self.pid).children() if "serve" in words_of(child.pid)
        ]
        return found


@contextmanager
def serving(folder: Path, encoder: str) -> Iterator[Served]:
    """Run `up` in an empty folder, with this encoder for new functions."""
    variables = environment(
        PIGEONHOLE_DATA_DIR=str(folder), PIGEONHOLE_ENCODER=encoder, PIGEONHOLE_PORT="0"
    )
    with run(*PIGEONHOLE, "up", env=variables) as process:
        link = process.line_with("Pigeonhole is ready: open").split("open ")[1]
        yield Served(link.partition("/login")[0], folder, process.pid)
