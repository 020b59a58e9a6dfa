"""Pictures longer than 2 to 1 are covered completely, in every way of uploading them."""

import base64
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pigeonhole import images
from pigeonhole.services import vectors
from pigeonhole.services.services import Services
from pigeonhole.tables import Embedding, Sample
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs


def wide(*, at: int | None, turned: bool = False) -> bytes:
    """Return a picture of 4000 x 500 pixels, empty or with an object at some place."""
    picture = Image.new("RGB", (4_000, 500), "white")
    if at is not None:
        ImageDraw.Draw(picture).ellipse((at + 100, 100, at + 400, 400), fill="red", outline="black")
    return make.encode(picture.rotate(90, expand=True) if turned else picture)


async def embedded(services: Services, spec: str, data: bytes) -> vectors.Floats:
    """Return the vector of a picture in an invocation."""
    picture = images.decode(data, max_bytes=20_000_000, max_pixels=50_000_000, at_least=48)
    prepared = vectors.prepare(await services.encoding.load(spec), picture)
    return await services.encoding.embed_one(spec, prepared)


@pytest.mark.parametrize("encoder_spec", ["bundled"])
@pytest.mark.parametrize("turned", [False, True])
async def test_an_object_at_the_end_of_a_strip_makes_a_difference(
    services: Services, encoder_spec: str, turned: bool
) -> None:
    empty, left, right = [
        await embedded(services, encoder_spec, wide(at=at, turned=turned))
        for at in (None, 0, 3_500)
    ]

    assert float(empty @ left) < 0.8
    assert float(empty @ right) < 0.8
    assert float(left @ right) > float(empty @ left)  # it is the same object


async def test_a_long_picture_has_the_same_embedding_in_every_way_of_uploading_it(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await build.add(services, function, [wide(at=0)])
    await run_jobs()
    sample = await Sample.get()

    alone = await embedded(services, function.encoder, wide(at=0))
    await Embedding.filter(sha256=sample.sha256).delete()
    services.encoding._vectors.clear()
    anew = await embedded(services, function.encoder, wide(at=0))
    await services.encoding.embed_stored(
        await services.encoding.load(function.encoder), [sample.sha256]
    )
    stored = await Embedding.get(sha256=sample.sha256)

    vector = np.frombuffer(stored.vector, np.float16).astype(np.float32)
    assert float(alone @ anew) > 0.9999
    assert float(vector @ anew) > 0.9999


async def test_the_api_shows_the_parts_that_a_model_sees(client: Client, run_jobs: RunJobs) -> None:
    function = await client.create_function(labels=["cat", "dog"])
    pictures = [make.picture(seed) for seed in range(4)]
    await client.add_samples(function["id"], [*pictures, wide(at=0)], ["cat", "dog"] * 2 + ["cat"])
    await run_jobs()
    uri = "data:;base64," + base64.b64encode(wide(at=None, turned=True)).decode()

    samples: dict[str, Any] = await client.ask(
        """query ($id: ID!) { function(id: $id) { samples(orderBy: {direction: ASC}) {
          nodes { lookedAt { left top width height } } } } }""",
        id=function["id"],
    )
    asked = await client.ask(
        """mutation ($input: InvokeInput!) { invoke(input: $input) {
          invocation { lookedAt { left top width height } } } }""",
        input={"functionId": function["id"], "image": {"dataUri": uri}},
    )

    *ordinary, long = [node["lookedAt"] for node in samples["function"]["samples"]["nodes"]]
    assert ordinary == [[{"left": 0, "top": 0, "width": 1, "height": 1}]] * 4
    assert long == [
        {"left": eighth / 8, "top": 0, "width": 0.125, "height": 1} for eighth in range(8)
    ]
    tall = asked["invoke"]["invocation"]["lookedAt"]
    assert tall == [
        {"left": 0, "top": eighth / 8, "width": 1, "height": 0.125} for eighth in range(8)
    ]
