"""PostgreSQL and Redis servers for one test or one run of the fault driver."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.processes import Process

START_S = 30.0


def free_port() -> int:
    """Return a port of the loopback address on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def listens(port: int) -> bool:
    """Return whether somebody accepts connections on a port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def await_port(port: int) -> None:
    """Wait until a server listens on a port.

    Raises:
        TimeoutError: None does within `START_S`.
    """
    until = time.monotonic() + START_S
    while not listens(port):
        if time.monotonic() > until:
            raise TimeoutError(f"Nobody listens on port {port}.")
        time.sleep(0.05)


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    if found:
        return found[0].parent
    word = shutil.which("postgres")
    return Path(word).parent if word else None


@contextmanager
def postgres(
    folder: Path, options: Mapping[str, str] | None = None, files: Sequence[Path] = ()
) -> Iterator[tuple[Process, str]]:
    """Make a PostgreSQL cluster and run it; yield its process and a database's URL.

    Args:
        options: Settings of the server.
        files: Files to copy into its folder first, readable only by its user.
    """
    programs = postgres_programs()
    assert programs is not None
    user = "postgres" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="pigeonhole-postgres-") as data:
        if user:
            shutil.chown(data, user)
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "pigeonhole", "-A", "trust", "-N"],
            check=True, capture_output=True, user=user, env=environment,
        )  # fmt: skip
        for file in files:
            own = Path(data) / file.name
            shutil.copy(file, own)
            own.chmod(0o600)
            if user:
                shutil.chown(own, user)
        words = [
            str(programs / "postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1",
            "-k", "", "-c", "max_connections=100",
        ]  # fmt: skip
        for name, value in (options or {}).items():
            words += ["-c", f"{name}={value}"]
        process = Process("postgres", words, folder, environment, user=user)
        process.start()
        try:
            await_port(port)
            ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
            while subprocess.run(ready, check=False, env=environment).returncode == 1:
                time.sleep(0.05)  # it is starting up
            yield process, f"postgres://pigeonhole@127.0.0.1:{port}/postgres"
        finally:
            process.kill()


@contextmanager
def redis(folder: Path, *options: str) -> Iterator[tuple[Process, str]]:
    """Run a Redis that keeps nothing on disk; yield its process and its URL."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    assert program is not None
    port = free_port()
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    words += ["--dir", str(folder), *options]
    process = Process("redis", words, folder, {"PATH": os.environ["PATH"]})
    process.start()
    try:
        await_port(port)
        yield process, f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
