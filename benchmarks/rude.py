"""Waiting times of well-behaved clients beside 200 rude ones.

``python -m benchmarks.rude``. It starts the real product with all limits at their defaults;
`tests.crowd` defines the rude clients.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.embedding import processor
from benchmarks.load import Load
from tests.product import Product, running

RUDE = 200
CLIENTS = 8  # well-behaved ones
PAUSE_S = 0.2  # of each client, between a response and its next request
ROUND_S = 8.0
ROUNDS = 3
QUERY = "{ functions(first: 10) { totalCount nodes { id name state } } }"


def main() -> None:
    """Measure and print the table."""
    print(f"{processor()}, {CLIENTS} clients that each ask {1 / PAUSE_S:g} times a second, ms")
    asyncio.run(measure())


async def measure() -> None:
    """Measure with and without the rude clients, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder)) as product:
            for name in ("Soups", "Salads", "Stews"):
                await product.client.create_function(name=name, labels=["good", "bad"])
            idle: list[float] = []
            rude: list[float] = []
            await ask(product)  # warms up
            for _ in range(ROUNDS):
                idle += await ask(product)
                rude += await beside_a_crowd(product)
    print(f"\n{'':24}{'p50':>8}{'p95':>8}")
    for name, times in (("idle", idle), (f"beside {RUDE} rude clients", rude)):
        print(f"{name:24}{statistics.median(times):8.1f}{p95(times):8.1f}")
    print(f"{'ratio at p95':32}{p95(rude) / p95(idle):8.2f}")


async def ask(product: Product) -> list[float]:
    """Send requests as well-behaved clients do; return how long each response took, in ms."""
    load = Load(
        int(product.url.rpartition(":")[2]),
        {"query": QUERY},
        product.client.headers,
        clients=CLIENTS,
        seconds=ROUND_S,
        pause_s=PAUSE_S,
    )
    return [1_000 * each for each in await asyncio.to_thread(load.run)]


async def beside_a_crowd(product: Product) -> list[float]:
    """Do the same beside the rude clients."""
    port = product.url.rpartition(":")[2]
    seconds = ROUND_S + 30
    crowd = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crowd", port, str(RUDE), str(seconds), stdout=subprocess.PIPE
    )
    assert crowd.stdout is not None
    try:
        await crowd.stdout.readline()
        return await ask(product)
    finally:
        crowd.terminate()
        await crowd.wait()


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
