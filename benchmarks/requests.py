"""Requests per second, compared with raw Starlette and stock Strawberry in one run.

``python -m benchmarks.requests``. Each server is one process. The product runs with its usual
keys, rate limits and costs; its buckets fill so fast that every request is counted and none
refused. On a machine with other load, requests per second of the server's CPU time are more
meaningful.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import requests_peers
from benchmarks.embedding import processor
from benchmarks.load import Load
from tests import make
from tests.client import Json
from tests.product import Product, running

ROUND_S = 1.5
ROUNDS = 5
"""How often each server has its turn; they take turns so that other load affects all equally."""
SAMPLES = 100
COUNTED = {
    "PIGEONHOLE_RATE_POINTS": "50000",
    "PIGEONHOLE_RATE_POINTS_PER_S": "1000000000",
}

SMALL = "{ viewer { scopes apiKey { id name } } }"
ROW = "query ($id: ID!) { function(id: $id) { id name description visibility } }"
PAGE = """query ($id: ID!) { function(id: $id) { samples(first: 100) {
  pageInfo { hasNextPage endCursor }
  nodes { id externalId createdAt image { url(size: THUMBNAIL) width height }
    annotation { confirmed label { id name } } } } } }"""
QUERIES = {"a small query": SMALL, "a function by its id": ROW, "a page of 100 samples": PAGE}


RAW, STOCK, HERE = "raw Starlette", "stock Strawberry", "here, all limits on"


@dataclass(frozen=True)
class Server:
    """A server to measure."""

    process: psutil.Process
    port: int
    headers: Mapping[str, str]

    def cpu_s(self) -> float:
        """Return the seconds of CPU that it has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


def main() -> None:
    """Measure and print the table."""
    print(f"{processor()}, requests a second, the median of {ROUNDS} rounds")
    asyncio.run(measure())


async def measure() -> None:
    """Start all three servers, and measure them in turn."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), COUNTED) as product:
            function = await fill(product)
            bodies: dict[str, Json] = {
                name: {"query": query, "variables": {"id": function}}
                for name, query in QUERIES.items()
            }
            answers = {
                body["query"]: {"data": await product.client.ask(body["query"], id=function)}
                for body in bodies.values()
            }
            raw, raw_port = requests_peers.start("raw", answers)
            stock, stock_port = requests_peers.start("stock", {"folder": folder})
            own_port = int(product.url.rpartition(":")[2])
            try:
                await compare(
                    {
                        RAW: Server(psutil.Process(raw.pid), raw_port, {}),
                        STOCK: Server(psutil.Process(stock.pid), stock_port, {}),
                        HERE: Server(product.process("serve"), own_port, product.client.headers),
                    },
                    bodies,
                )
            finally:
                for process in (raw, stock):
                    process.terminate()
                    process.wait()


async def fill(product: Product) -> str:
    """Create a function with a page of annotated samples; return its ID."""
    function: str = (await product.client.create_function(autoTrain=False))["id"]
    pictures = [make.picture(seed) for seed in range(SAMPLES)]
    await product.client.add_samples(function, pictures, ["cat", "dog"] * (SAMPLES // 2))
    return function


async def compare(servers: dict[str, Server], bodies: dict[str, Json]) -> None:
    """Send each query to each server, round after round, and print the medians."""
    print(f"\n{'':24}" + "".join(f"{name:>20}" for name in servers) + f"{'here to stock':>15}")
    for what, body in bodies.items():
        rates: dict[str, list[float]] = {name: [] for name in servers}
        costs: dict[str, list[float]] = {name: [] for name in servers}
        for turn in range(ROUNDS + 1):
            for name, server in servers.items():
                load = Load(server.port, body, server.headers, seconds=ROUND_S)
                before = server.cpu_s()
                count = len(await asyncio.to_thread(load.run))
                if turn:  # the first one warms them up
                    rates[name].append(count / ROUND_S)
                    costs[name].append(count / (server.cpu_s() - before))
        print_row(what, rates)
        print_row("  by its own CPU seconds", costs)


def print_row(what: str, found: dict[str, list[float]]) -> None:
    """Return the median of each server, and the ratio of ours to stock Strawberry."""
    medians = {name: statistics.median(each) for name, each in found.items()}
    row = "".join(f"{median:20,.0f}" for median in medians.values())
    print(f"{what:24}{row}{medians[HERE] / medians[STOCK]:15.2f}", flush=True)


if __name__ == "__main__":
    main()
