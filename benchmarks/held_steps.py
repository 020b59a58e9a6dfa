"""Steps on the server's event loop in normal use that take more than 5 ms of processor time.

``python -m benchmarks.held_steps [PART OF A NAME]``. The product runs in its debug mode, with
batches of the largest size: each is sent a few times, and the steps are read from its log.
"""

import asyncio
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.embedding import processor
from tests import make
from tests.product import Product, running

ROUNDS = 5
MOST = 100
STEP = re.compile(r"loop_is_held .*\bcpu_ms=([\d.]+) .*\btask=(\S+) .*\buntil=(\S*)")
SETTLE_S = 1.0
LABELLED = """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
  errors { message } results { sample { id annotation { label { name } } } } } }"""
INVOKED = """mutation ($input: InvokeBatchInput!) { invokeBatch(input: $input) {
  results { invocation { prediction { confidence label { name } } } error { message } } } }"""
TRAINED = "query ($id: ID!) { function(id: $id) { state model { version } } }"
PAGE = """query ($id: ID!) { function(id: $id) { samples(first: 100) { edges { node {
  id fileName createdAt unreadable disputed image { url } annotation { confirmed label { id name } }
  crossValidated { confidence label { name } } } } } } }"""


@dataclass
class Use:
    """A function in use."""

    product: Product
    function: str
    samples: list[str] = field(default_factory=list)
    sent: int = 0

    def images(self) -> list[bytes]:
        """Return images that have not been sent yet."""
        self.sent += MOST
        return [make.picture(self.sent + index) for index in range(MOST)]

    async def upload(self) -> None:
        """Upload images."""
        added = await self.product.client.add_samples(self.function, self.images())
        self.samples = [result["sample"]["id"] for result in added["results"]]

    async def annotate(self, names: tuple[str, ...] = ("left", "right")) -> None:
        """Annotate samples."""
        await self.product.client.ask(
            LABELLED,
            input={
                "annotations": [
                    {"sampleId": sample, "label": {"labelName": names[index % len(names)]}}
                    for index, sample in enumerate(self.samples)
                ]
            },
        )

    async def invoke(self) -> None:
        """Invoke the function."""
        images = self.images()
        found = await self.product.client.upload(
            INVOKED,
            [("new.png", image) for image in images],
            [f"variables.input.images.{index}.upload" for index in range(MOST)],
            {"input": {"functionId": self.function, "images": [{"upload": None}] * MOST}},
        )
        assert all(one["invocation"] for one in found["invokeBatch"]["results"]), found

    async def page(self) -> None:
        """Read a page of samples."""
        found = await self.product.client.ask(PAGE, id=self.function)
        assert len(found["function"]["samples"]["edges"]) == MOST

    async def train(self) -> None:
        """Wait for a model."""
        while True:
            found = (await self.product.client.ask(TRAINED, id=self.function))["function"]
            if found["model"] and found["state"] == "READY":
                return
            await asyncio.sleep(0.5)


USES: Mapping[str, Callable[[Use], Awaitable[None]]] = {
    "100 images uploaded": Use.upload,
    "100 samples annotated": Use.annotate,
    "100 images classified": Use.invoke,
    "a page of 100 samples": Use.page,
}


async def main() -> None:
    """Use the product and print the table."""
    print(f"{processor()}, steps of more than 5 ms of processor time, of {ROUNDS} requests each\n")
    part = sys.argv[1] if sys.argv[1:] else ""
    with tempfile.TemporaryDirectory() as name:
        async with running(Path(name), {"PIGEONHOLE_LOG_LEVEL": "debug"}) as product:
            made = await product.client.create_function(labels=["left", "right"])
            use = Use(product, made["id"])
            await use.upload()
            await use.annotate()
            await use.train()
            for kind, work in USES.items():
                if part in kind:
                    print(kind)
                    show(await steps(use, work))


async def steps(use: Use, work: Callable[[Use], Awaitable[None]]) -> dict[str, list[float]]:
    """Return the long steps of some rounds of work, by task and where it waited afterwards."""
    await asyncio.sleep(SETTLE_S)
    start = len(use.product.output)
    for _ in range(ROUNDS):
        await work(use)
    await asyncio.sleep(SETTLE_S)
    found = defaultdict(list)
    for line in use.product.output[start:]:
        if step := STEP.search(line):
            until = "/".join(step[3].split("/")[-2:]) or "its end"
            found[f"{step[2]} until {until}"].append(float(step[1]))
    return found


def show(found: Mapping[str, list[float]]) -> None:
    """Print steps, the longest first."""
    for name, took in sorted(found.items(), key=lambda item: -max(item[1])):
        print(f"  {max(took):6.1f} most, {len(took):3} times  {name}")


if __name__ == "__main__":
    asyncio.run(main())
