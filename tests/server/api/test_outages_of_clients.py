"""A database is away for ten seconds, with JavaScript clients at their default settings."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from pigeonhole import functions
from server import ids
from tests import build, make
from tests.faults import backing
from tests.pigeonhole.running import bounded
from tests.server.api.own_postgres import Deployment, deployment
from tests.test_clients import CLIENTS

__all__ = ["deployment"]  # a fixture

AWAY_S = 10.0
"""How long the database is away: clients that connect meanwhile are turned away several times."""
NAMES = ("graphql-ws", "Apollo Client", "urql")

pytestmark = [
    pytest.mark.skipif(
        backing.postgres_programs() is None, reason="PostgreSQL is not installed here."
    ),
    pytest.mark.skipif(shutil.which("node") is None, reason="There is no Node.js."),
    pytest.mark.skipif(
        not (CLIENTS / "node_modules").exists(),
        reason="The clients are not installed: make test does.",
    ),
]


@pytest.mark.slow
async def test_apollo_urql_and_graphql_ws_get_the_changes_after_an_outage(
    deployment: Deployment, tmp_path: Path
) -> None:
    function = await build.function(deployment.services, auto_train=False)
    picture = tmp_path / "picture.png"
    picture.write_bytes(make.picture())
    process = await asyncio.create_subprocess_exec(
        "node", "outage.mjs",
        cwd=CLIENTS,
        env={
            **os.environ,
            "GRAPHQL_URL": f"http://127.0.0.1:{deployment.port}/graphql",
            "API_KEY": deployment.secret,
            "PICTURE": str(picture),
            "FUNCTION": ids.encode(ids.Kind.FUNCTION, function.id),
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    told: list[dict[str, Any]] = []

    async def wait_until_all_heard(name: str, whens: tuple[str, ...]) -> None:
        waiting = {f"{client}, {when}" for client in NAMES for when in whens}
        async with asyncio.timeout(90):
            while waiting:
                line = await stdout.readline()
                told.append(json.loads(line))
                if told[-1].get("heard") == name:
                    waiting.discard(told[-1]["name"])

    try:
        await wait_until_all_heard("Recipes", ("opened before",))
        deployment.postgres.kill()
        stdin.write(b"opened during\n")
        await stdin.drain()
        await asyncio.sleep(AWAY_S)  # the outage itself, not a wait for something
        await deployment.come_back()
        await functions.update(deployment.services, function.id, {"name": "Dishes"})
        await wait_until_all_heard("Dishes", ("opened before", "opened during"))
    finally:
        stdin.close()
        await bounded(process.wait())

    assert [one for one in told if "error" in one or "errors" in one] == []
    closed = {(one["name"].rpartition(" ")[2], one["closed"]) for one in told if "closed" in one}
    assert closed <= {("during", 1013)}
