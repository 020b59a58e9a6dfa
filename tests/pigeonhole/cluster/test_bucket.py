"""Images of a bucket become samples with vectors, without Ray: the steps that it runs."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from obstore.store import ObjectStore

from pigeonhole.cluster import bucket
from pigeonhole.cluster.bucket import Counts
from pigeonhole.encoders.wire import described
from pigeonhole.services import orphans
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind, open_source
from pigeonhole.tables import Embedding, Function, Orphan, Sample
from tests import build, make
from tests.conftest import RunJobs, load_once


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three images, a copy of one, and files that are no images."""
    folder = tmp_path / "photos"
    (folder / "birds").mkdir(parents=True)
    for seed in range(3):
        (folder / "birds" / f"{seed}.png").write_bytes(make.picture(seed))
    (folder / "birds" / "copy.png").write_bytes(make.picture(0))
    (folder / "birds" / "broken.jpg").write_bytes(b"no image")
    (folder / "list.txt").write_text("not read")
    return folder


@pytest.fixture
def source(photos: Path) -> ObjectStore:
    return open_source(photos.as_uri())


async def listed(source: ObjectStore, function: Function, counts: Counts) -> list[str]:
    found = bucket.missing(source, function.id, counts)
    return sorted([key async for keys in found for key in keys])


async def run(
    services: Services, source: ObjectStore, function: Function, keys: list[str]
) -> Counts:
    """Run all steps on some keys."""
    encoder = load_once(function.encoder)
    rows = await bucket.read(services, source, described(function.encoder, encoder), keys)
    rows = bucket.embed(encoder, rows)
    return await bucket.insert(services, function.id, encoder.identity, rows)


async def test_images_become_samples_once_however_often_the_steps_run(
    services: Services, source: ObjectStore, run_jobs: RunJobs
) -> None:
    function, counts = await build.function(services), Counts()
    keys = await listed(source, function, counts)
    assert keys == [
        f"birds/{name}" for name in ("0.png", "1.png", "2.png", "broken.jpg", "copy.png")
    ]

    first = await run(services, source, function, keys)
    again = await run(services, source, function, keys)

    assert (first.added, first.known, list(first.refused)) == (3, 1, ["birds/broken.jpg"])
    assert (again.added, again.known, list(again.refused)) == (0, 4, ["birds/broken.jpg"])
    left = await listed(source, function, counts)
    assert (left, counts.known) == (["birds/broken.jpg", "birds/copy.png"], 3)
    await run_jobs()
    encoder = load_once(function.encoder)
    samples = await Sample.filter(function_id=function.id).order_by("external_id")
    assert [(one.external_id, one.file_name) for one in samples] == [
        (f"birds/{seed}.png", f"{seed}.png") for seed in range(3)
    ]
    assert {one.embedded_for for one in samples} == {encoder.identity}
    assert not await Orphan.exists()


async def test_vectors_of_a_cluster_are_stored_and_not_computed_again_by_workers(
    services: Services, source: ObjectStore, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await run(services, source, function, ["birds/0.png"])
    marked = np.zeros(load_once(function.encoder).dimension, np.float16)
    await Embedding.all().update(vector=marked.tobytes())

    await run_jobs()

    [sample] = await Sample.filter(function_id=function.id)
    [row] = await Embedding.all()
    assert (sample.embedded, row.vector) == (True, marked.tobytes())
    for kind in Kind:
        assert await services.storage.exists(sample.sha256, kind)


async def test_an_image_that_waited_beyond_its_grace_is_left_for_the_next_run(
    services: Services, source: ObjectStore
) -> None:
    function = await build.function(services)
    encoder = load_once(function.encoder)
    about = described(function.encoder, encoder)
    rows = bucket.embed(encoder, await bucket.read(services, source, about, ["birds/1.png"]))
    await Orphan.all().update(since=datetime(2026, 1, 1, tzinfo=UTC))
    assert await orphans.sweep(services) == 1

    late = await bucket.insert(services, function.id, encoder.identity, rows)

    assert late.refused == {
        "birds/1.png": "It waited for more than an hour. Run the command again."
    }
    assert (late.added, await Sample.exists(), await Embedding.exists()) == (0, False, False)
    assert (await run(services, source, function, ["birds/1.png"])).added == 1
    sha256 = hashlib.sha256(make.picture(1)).hexdigest()
    assert await services.storage.exists(sha256)


async def test_the_quota_of_samples_ends_the_run(services: Services, source: ObjectStore) -> None:
    function = await build.function(services)
    services = replace(services, settings=services.settings.model_copy(update={"max_samples": 2}))

    found = await run(services, source, function, [f"birds/{seed}.png" for seed in range(3)])

    assert (found.added, found.full, await Sample.all().count()) == (2, True, 2)


async def test_paths_that_cannot_be_external_ids_are_refused(
    services: Services, source: ObjectStore
) -> None:
    function = await build.function(services)

    found = await run(services, source, function, ["a" * 201 + ".png", "gone.png"])

    assert found.refused["a" * 201 + ".png"] == "Text must have at most 200 characters; it has 205."
    assert found.refused["gone.png"].startswith("It could not be read: ")
