"""The product works with JavaScript clients: Apollo, urql, Relay and others.

Each has a file in ``tests/clients``; the promises are in ``promises.mjs`` there.
"""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests import make
from tests.pigeonhole.running import bounded
from tests.product import running

CLIENTS = Path(__file__).parent / "clients"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="There is no Node.js.")
@pytest.mark.skipif(
    not (CLIENTS / "node_modules").exists(), reason="The clients are not installed: make test does."
)
async def test_javascript_clients_query_mutate_upload_and_reconnect(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(make.picture())

    async with running(tmp_path / "data") as product:
        process = await asyncio.create_subprocess_exec(
            "npm", "test",
            cwd=CLIENTS,
            env={
                **os.environ,
                "GRAPHQL_URL": f"{product.url}/graphql",
                "API_KEY": product.secret,
                "PICTURE": str(picture),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await bounded(process.communicate())

    assert process.returncode == 0, output.decode()
