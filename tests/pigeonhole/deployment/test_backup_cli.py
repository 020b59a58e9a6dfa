"""``pigeonhole backup``, ``restore`` and ``copy`` as an operator runs them."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests import make
from tests.pigeonhole.running import WITHIN_S, bounded
from tests.product import Product, running

INVOKE = "/v1/functions/{}/invoke"
SETTLED = "query ($id: ID!) { function(id: $id) { state } backlog { work { functions jobs } } }"


async def command(folder: Path, *words: str) -> tuple[int, str]:
    """Run the command line on a data folder; return its exit status and its output."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PIGEONHOLE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pigeonhole", *words,
        env={**variables, "PIGEONHOLE_DATA_DIR": str(folder)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await bounded(process.communicate())
    return process.returncode or 0, output.decode()


async def asked(product: Product, id: str) -> list[object]:
    response = await product.client.http.post(
        INVOKE.format(id),
        content=make.digits()[0][50],
        headers={"Content-Type": "image/png", **product.client.headers},
    )
    ranking: list[object] = response.json()["ranking"]
    return ranking


async def settled(product: Product, id: str) -> None:
    """Wait until a function is trained and no work waits that would train it again."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = await product.client.ask(SETTLED, id=id)
            waiting = sum(work["functions"] + work["jobs"] for work in found["backlog"]["work"])
            if found["function"]["state"] == "READY" and not waiting:
                return
            await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_a_backup_of_a_running_product_is_restored_on_another_machine(tmp_path: Path) -> None:
    one, other, file = tmp_path / "one", tmp_path / "other", tmp_path / "backup.zip"
    pictures, names = make.digits(20)
    async with running(one) as product:
        function = await product.client.create_function(labels=sorted(set(names)))
        await product.client.add_samples(function["id"], pictures, names)
        await settled(product, function["id"])
        here, first_secret = await asked(product, function["id"]), product.secret

        backed_up = await command(one, "backup", str(file))
        taken = await command(one, "restore", str(file), "--replace")

    restored = await command(other, "restore", str(file))
    again = await command(other, "restore", str(file))
    async with running(other) as product:
        there = await asked(product, function["id"])
        secret = product.secret

    assert backed_up[0] == 0, backed_up[1]
    assert "21 images were written and checked." in backed_up[1]
    assert (taken[0], "in use" in taken[1] or "already" in taken[1]) == (1, True), taken[1]
    assert restored[0] == 0, restored[1]
    assert again[0] == 1
    assert "The target already has functions." in again[1]
    assert secret == first_secret
    assert there == here


async def test_a_copy_onto_itself_is_refused(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'pigeonhole.db'}"

    status, output = await command(
        tmp_path, "copy", "--to-database", url, "--to-storage", f"file://{tmp_path / 'blobs'}"
    )

    assert (status, output) == (
        1,
        "error: The target is the same database as the source. Choose another.\n",
    )
