"""Two hundred rude clients do not keep others from being served."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests import make
from tests.client import Client
from tests.pigeonhole.running import bounded
from tests.product import Product, running

RUDE = 200
CLIENTS = 5
QUESTIONS = 20
READ = "query ($id: ID!) { function(id: $id) { name sampleCounts { total } } }"
MAKE = """mutation ($input: CreateLabelInput!) { createLabel(input: $input) {
  label { name } errors { code } } }"""
FOLLOW = "subscription ($id: ID!) { trainingProgress(functionId: $id) { state } }"


@asynccontextmanager
async def crowd(product: Product) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the rude clients; yield once all of them are connected."""
    port = product.url.rpartition(":")[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crowd", port, str(RUDE), "120", stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await bounded(process.stdout.readline()) == b"200 rude clients are there\n"
        yield process
    finally:
        process.kill()
        await bounded(process.wait())


async def ask(product: Product, client: int) -> list[object]:
    """Return what a client receives that reads, writes, uploads and reads again."""
    heard: list[object] = []
    async with httpx.AsyncClient(base_url=product.url, timeout=60) as http:
        behaved = Client(http, product.secret)
        function = (await behaved.create_function(name=f"Function {client}"))["id"]
        for question in range(QUESTIONS):
            input = {"functionId": function, "name": f"Label {question}"}
            heard.append((await behaved.ask(MAKE, input=input))["createLabel"])
            heard.append((await behaved.ask(READ, id=function))["function"])
        added = await behaved.add_samples(function, [make.picture(client)])
        heard.append(added["createdCount"])
        heard.append((await behaved.ask(READ, id=function))["function"])
    return heard


@pytest.mark.slow
async def test_two_hundred_rude_clients_keep_no_other_client_from_right_responses(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as product, crowd(product) as rude:
        async with httpx.AsyncClient(base_url=product.url, timeout=60) as http:
            crowded = await Client(http, product.secret).create_function(name="Crowded")
        followed = [one async for one in _first(product, crowded["id"])]
        answers = await asyncio.gather(*(ask(product, client) for client in range(CLIENTS)))

        assert rude.returncode is None

    assert followed == [{"trainingProgress": None}]
    for client, heard in enumerate(answers):
        name = f"Function {client}"
        expected: list[object] = []
        for question in range(QUESTIONS):
            expected.append({"label": {"name": f"Label {question}"}, "errors": []})
            expected.append({"name": name, "sampleCounts": {"total": 0}})
        assert heard == [*expected, 1, {"name": name, "sampleCounts": {"total": 1}}]


async def _first(product: Product, function: str) -> AsyncIterator[object]:
    async for answer in product.subscribe(FOLLOW, id=function):
        yield answer
        return
