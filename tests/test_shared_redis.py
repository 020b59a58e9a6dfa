"""Two deployments on one Redis database, each with its own prefix."""

import asyncio
import shutil
from pathlib import Path

import pytest
import redis

from tests import make
from tests.faults import backing
from tests.product import Product, running
from tests.test_end_to_end import annotate, trained_on

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="Redis is not installed here."),
]


async def test_two_deployments_on_one_redis_each_train_on_their_own_annotations(
    tmp_path: Path,
) -> None:
    (tmp_path / "redis").mkdir()
    with backing.redis(tmp_path / "redis") as (_, url):
        environments = [
            {"PIGEONHOLE_REDIS_URL": url, "PIGEONHOLE_REDIS_PREFIX": f"{name}:"} for name in "ab"
        ]
        async with (
            running(tmp_path / "a", environments[0]) as one,
            running(tmp_path / "b", environments[1]) as two,
        ):
            functions = await asyncio.gather(clicked(one), clicked(two))
            for product, function in zip((one, two), functions, strict=True):
                run = await trained_on(product, function, 20)
                assert run["model"]["version"] >= 1
            with redis.Redis.from_url(url) as client:
                names = {key.decode().partition(":")[0] for key in client.keys("*")}
                channels = {name.decode() for name in client.pubsub_channels()}
            backlogs = [
                (await product.client.ask("{ backlog { workers { processId } } }"))["backlog"]
                for product in (one, two)
            ]

    assert names == {"a", "b"}
    assert channels == {
        f"{name}:pigeonhole:{channel}" for name in "ab" for channel in ("changes", "wake")
    }
    assert [len(backlog["workers"]) for backlog in backlogs] == [1, 1]


async def clicked(product: Product) -> str:
    """Create a function with twenty samples, annotated in four steps."""
    pictures, names = make.digits()
    labels = [str(digit) for digit in range(10)]
    function: str = (await product.client.create_function(labels=labels))["id"]
    added = await product.client.add_samples(function, pictures[:20])
    samples = [result["sample"]["id"] for result in added["results"]]
    for start in range(0, 20, 5):
        await annotate(product, samples[start : start + 5], list(names[start : start + 5]))
    return function
