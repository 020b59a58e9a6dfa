"""The deployments in which faults are caused: ``up`` on one machine, and separate processes."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import backing
from tests.faults.clock import Clock
from tests.faults.disk import Disk, small_disk
from tests.faults.processes import Process
from tests.pigeonhole.running import PIGEONHOLE, environment

COMMAND_S = 120


@dataclass
class World:
    """A running deployment, with everything that a fault can affect."""

    urls: list[str]
    secret: str
    storage: Path
    disk: Disk
    servers: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    up: Process | None = None
    postgres: Process | None = None
    postgres_url: str | None = None
    redis: Process | None = None
    redis_url: str | None = None
    clock: Clock | None = None

    @property
    def processes(self) -> list[Process]:
        """All processes of the product itself."""
        return [*self.servers, *self.workers, *([self.up] if self.up else [])]

    def start_all(self) -> None:
        """Start every process that does not run, as an init system does."""
        for process in (self.postgres, self.redis, *self.processes):
            if process is not None:
                process.start()

    def stop_all(self) -> None:
        """Stop everything: the product first, then the services that it uses."""
        for process in (*self.processes, self.redis, self.postgres):
            if process is not None:
                process.terminate()


@contextmanager
def one_machine(folder: Path) -> Iterator[World]:
    """Run ``pigeonhole up`` on a small disk: SQLite, the embedded Valkey, a local folder."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder))
        data, port = disk.path / "data", backing.free_port()
        variables = environment(
            PIGEONHOLE_DATA_DIR=str(data),
            PIGEONHOLE_PORT=str(port),
            PIGEONHOLE_ENCODER="bundled",
            PIGEONHOLE_RATE_POINTS="0",
            PIGEONHOLE_RATE_INVOKES="0",
        )
        secret = _admin_key(variables)
        up = Process("up", [*PIGEONHOLE, "up"], folder, variables)
        world = World([f"http://127.0.0.1:{port}"], secret, data / "blobs", disk, up=up)
        stack.callback(world.stop_all)
        world.start_all()
        yield world


@contextmanager
def many_processes(folder: Path) -> Iterator[World]:
    """Run two servers and two workers on a PostgreSQL, a Redis and a storage folder."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder))
        storage = disk.path / "blobs"
        storage.mkdir()
        postgres, database_url = stack.enter_context(backing.postgres(folder))
        redis, redis_url = stack.enter_context(backing.redis(folder))
        clock = Clock.within(folder)
        shared = {
            "PIGEONHOLE_DATA_DIR": str(folder / "data"),
            "PIGEONHOLE_DATABASE_URL": database_url,
            "PIGEONHOLE_REDIS_URL": redis_url,
            "PIGEONHOLE_STORAGE_URL": f"file://{storage}",
            "PIGEONHOLE_ENCODER": "bundled",
            "PIGEONHOLE_RATE_POINTS": "0",
            "PIGEONHOLE_RATE_INVOKES": "0",
        }
        (folder / "data").mkdir()
        secret = _admin_key(environment(**shared))
        ports = [backing.free_port(), backing.free_port()]
        moved = {} if clock is None else clock.variables
        servers = [
            Process(
                f"serve-{index}", [*PIGEONHOLE, "serve"], folder,
                environment(**shared, PIGEONHOLE_PORT=str(port), **(moved if index == 0 else {})),
            )
            for index, port in enumerate(ports)
        ]  # fmt: skip
        workers = [
            Process(f"work-{index}", [*PIGEONHOLE, "work"], folder, environment(**shared))
            for index in range(2)
        ]
        world = World(
            [f"http://127.0.0.1:{port}" for port in ports], secret, storage, disk, servers, workers,
            postgres=postgres, postgres_url=database_url, redis=redis, redis_url=redis_url,
            clock=clock,
        )  # fmt: skip
        stack.callback(world.stop_all)
        world.start_all()
        yield world


def _admin_key(variables: dict[str, str]) -> str:
    """Make the tables and a key; return its secret."""
    _run("migrate", variables=variables)
    said = _run("keys", "create", "driver", "--scope", "admin", variables=variables)
    return next(word for word in said.split() if word.startswith("ph_") and word.count("_") == 2)


def _run(*words: str, variables: dict[str, str]) -> str:
    done = subprocess.run(
        [*PIGEONHOLE, *words],
        env=variables,
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
