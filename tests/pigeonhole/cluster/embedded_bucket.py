"""Embed a folder on two nodes: interrupt that, go on, and remove one of the nodes meanwhile."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from pigeonhole import functions
from pigeonhole.services import database
from pigeonhole.services.services import open_services
from pigeonhole.settings import Settings
from pigeonhole.tables import Embedding, Sample
from tests import backends, encoder, make
from tests.pigeonhole.cluster.two_nodes import two_nodes
from tests.pigeonhole.running import PIGEONHOLE, WITHIN_S, environment, eventually

IMAGES = 700
SOME = 100
"""Samples after which the first run is killed, and after which the node is removed."""


def main() -> None:
    """Print what came of it, as JSON."""
    with tempfile.TemporaryDirectory() as name, backends.embedded_valkey(Path(name)) as redis_url:
        folder = Path(name)
        for seed in range(IMAGES):
            (folder / f"{seed}.png").write_bytes(make.picture(seed))
        settings = Settings(
            data_dir=folder / "data",
            database_url=f"sqlite://{folder / 'pigeonhole.db'}",
            storage_url=(folder / "stored").as_uri(),
            redis_url=redis_url,
            encoder=encoder.save_smallest(folder),
        )
        asyncio.run(database.migrate(settings.resolved_database_url))
        asyncio.run(create(settings))
        with two_nodes(cpus=2) as (cluster, removed):
            first = command(settings, folder, cluster.address)
            eventually(lambda: count(settings) >= SOME)
            os.killpg(first.pid, signal.SIGKILL)
            first.wait(WITHIN_S)
            before = count(settings)
            second = command(settings, folder, cluster.address)
            eventually(lambda: count(settings) >= before + SOME)
            at_loss = count(settings)
            cluster.remove_node(removed, allow_graceful=False)
            said, errors = second.communicate(timeout=WITHIN_S)
        told = {
            "status": second.returncode,
            "said": said.splitlines()[-1],
            "killed_while_it_ran": SOME <= before < IMAGES,
            "removed_while_it_ran": at_loss < IMAGES,
            "errors": [line for line in errors.splitlines() if line.startswith("error:")],
            **asyncio.run(stored(settings)),
        }
        print(json.dumps(told))  # noqa: T201 - the test reads it


def command(settings: Settings, folder: Path, address: str) -> "subprocess.Popen[str]":
    """Start the command on the cluster."""
    names = ("data_dir", "database_url", "storage_url", "redis_url", "encoder")
    given = {f"PIGEONHOLE_{name.upper()}": str(getattr(settings, name)) for name in names}
    return subprocess.Popen(
        [
            *PIGEONHOLE,
            "embed",
            "Birds",
            str(folder),
            "--ray",
            address,
            "--readers",
            "2",
            "--embedders",
            "2",
        ],
        env=environment(**given, PYTHONPATH=os.environ["PYTHONPATH"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


async def create(settings: Settings) -> None:
    async with open_services(settings) as services:
        await functions.create(services, name="Birds")


def count(settings: Settings) -> int:
    """Return how many samples there are."""
    file = settings.resolved_database_url.removeprefix("sqlite://")
    with closing(sqlite3.connect(file)) as connection:
        [found] = connection.execute("SELECT count(*) FROM sample").fetchone()
    return int(found)


async def stored(settings: Settings) -> dict[str, int]:
    """Return how many samples, images and vectors there are."""
    async with database.connected(settings.resolved_database_url):
        contents = await Sample.all().distinct().values_list("sha256", flat=True)
        return {
            "samples": await Sample.all().count(),
            "contents": len(contents),
            "vectors": await Embedding.all().count(),
        }


if __name__ == "__main__":
    main()
