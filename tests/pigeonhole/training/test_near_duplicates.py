"""Stored groups of near-duplicates equal those found by comparing all samples at once."""

import asyncio
import dataclasses
from collections import defaultdict
from hashlib import sha256
from uuid import UUID

import numpy as np
import pytest

from pigeonhole import grouping
from pigeonhole.classifier import closeness
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.kinds import SampleSource
from pigeonhole.samples import trash
from pigeonhole.services import galleries, jobs
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import Floats
from pigeonhole.tables import Embedding, Function, NearDuplicateGroup, Sample
from pigeonhole.training import near_duplicates, runs, train
from tests import build, make
from tests.conftest import RunJobs


@pytest.fixture
async def function(services: Services) -> Function:
    return await build.function(services, auto_train=False)


async def add(services: Services, function: Function, vectors: Floats) -> list[Sample]:
    """Create embedded samples with given vectors."""
    encoder = await services.encoding.load(function.encoder)
    start = await Sample.filter(function_id=function.id).count()
    rows = [
        Sample(
            function_id=function.id,
            source=SampleSource.UPLOAD,
            sha256=sha256(f"{start + index}".encode()).hexdigest(),
            media_type="image/png",
            width=1,
            height=1,
            byte_size=1,
            embedded=True,
            embedded_for=encoder.identity,
        )
        for index in range(len(vectors))
    ]
    await Sample.bulk_create(rows)
    await store(services, function, rows, vectors)
    return rows


async def store(
    services: Services, function: Function, rows: list[Sample], vectors: Floats
) -> None:
    """Write vectors of samples, which become due for comparison."""
    encoder = await services.encoding.load(function.encoder)
    shas = [row.sha256 for row in rows]
    await Embedding.filter(encoder=encoder.identity, sha256__in=shas).delete()
    for sha in shas:
        services.encoding._vectors.pop((encoder.identity, sha), None)
    await Embedding.bulk_create(
        [
            Embedding(sha256=sha, encoder=encoder.identity, vector=vector.tobytes())
            for sha, vector in zip(shas, vectors.astype(np.float16), strict=True)
        ]
    )
    await grouping.owe(function.id)


async def chains(services: Services, function: Function, count: int, seed: int) -> Floats:
    """Return families of unit vectors that are about as far apart as near-duplicates may be."""
    encoder = await services.encoding.load(function.encoder)
    random = np.random.default_rng(seed)
    families = random.standard_normal((max(2, count // 4), encoder.dimension))
    families /= np.linalg.norm(families, axis=1, keepdims=True)
    noise = random.standard_normal((count, encoder.dimension)) / np.sqrt(encoder.dimension)
    spread = np.sqrt(1 / encoder.near_duplicate - 1)  # a cosine of the threshold, on average
    rows = families[random.integers(0, len(families), count)] + spread * noise
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


async def stored(function: Function) -> set[frozenset[UUID]]:
    """Return the stored groups, whose sizes are checked."""
    members: dict[UUID | None, set[UUID]] = defaultdict(set)
    for row in await Sample.filter(function_id=function.id, group_id__isnull=False):
        members[row.group_id].add(row.id)
    sizes = {row.id: row.size for row in await NearDuplicateGroup.filter(function_id=function.id)}
    assert sizes == {id: len(rows) for id, rows in members.items()}
    return {frozenset(rows) for rows in members.values()}


async def at_once(services: Services, function: Function) -> set[frozenset[UUID]]:
    """Return the groups found by comparing all samples at once."""
    encoder = await services.encoding.load(function.encoder)
    rows = await Sample.filter(function_id=function.id).order_by("id")
    known = await services.encoding.known(encoder, [row.sha256 for row in rows])
    stacked = np.array([known[row.sha256] for row in rows], np.float32)
    members: dict[int, set[UUID]] = defaultdict(set)
    codes = groups_of(stacked, threshold=encoder.near_duplicate)
    for row, code in zip(rows, codes.tolist(), strict=True):
        members[code].add(row.id)
    return {frozenset(ids) for ids in members.values() if len(ids) > 1}


@pytest.mark.parametrize("few", [10, 10_000], ids=["by points", "by vectors"])
async def test_groups_that_grow_sample_by_sample_equal_those_of_all_samples_at_once(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(galleries, "FEW", few)
    monkeypatch.setattr(closeness, "AXES", 8)
    monkeypatch.setattr(near_duplicates, "BATCH", 7)
    seen = []

    for step, count in enumerate((1, 30, 8, 40)):
        await add(services, function, await chains(services, function, count, seed=step % 2))
        assert await near_duplicates.catch_up(services, function.id)
        assert await stored(function) == await at_once(services, function)
        seen.append(len(await stored(function)))

    assert seen[0] == 0 < seen[1] <= seen[3]
    rows = await Sample.filter(function_id=function.id).order_by("id")
    await trash.delete(services, [row.id for row in rows[::5]])
    assert await near_duplicates.catch_up(services, function.id)
    assert await stored(function) == await at_once(services, function)
    changed = await Sample.filter(function_id=function.id).order_by("id").limit(12)
    await store(services, function, changed, await chains(services, function, 12, seed=9))
    await Sample.filter(id__in=[row.id for row in changed]).update(grouped=False)
    assert await near_duplicates.catch_up(services, function.id)
    assert await stored(function) == await at_once(services, function)


async def test_a_group_splits_when_the_sample_that_connects_it_is_deleted(
    services: Services, function: Function, run_jobs: RunJobs
) -> None:
    encoder = await services.encoding.load(function.encoder)
    angle = 0.8 * np.arccos(encoder.near_duplicate)  # neighbours are close, and others are not
    turns = angle * np.arange(5)
    rows = np.zeros((5, encoder.dimension), np.float32)
    rows[:, 0], rows[:, 1] = np.cos(turns), np.sin(turns)
    samples = await add(services, function, rows)
    await near_duplicates.catch_up(services, function.id)
    whole = await stored(function)

    await trash.delete(services, [samples[2].id])
    ran = await run_jobs()

    assert whole == {frozenset(row.id for row in samples)}
    assert ran == 1
    assert await stored(function) == {
        frozenset(row.id for row in samples[:2]),
        frozenset(row.id for row in samples[3:]),
    }


async def test_two_workers_that_compare_at_the_same_time_miss_no_pair(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "BATCH", 5)
    await add(services, function, await chains(services, function, 60, seed=1))
    others = dataclasses.replace(services, galleries=galleries.Galleries(services.encoding))

    await asyncio.gather(
        *(near_duplicates.catch_up(each, function.id) for each in (services, others))
    )

    assert await Sample.filter(function_id=function.id, grouped=False).count() == 0
    assert await stored(function) == await at_once(services, function)
    row = await Function.get(id=function.id)
    assert row.grouped_revision == row.group_revision


async def test_samples_embedded_before_groups_were_stored_are_compared_in_steps(
    services: Services,
    function: Function,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near_duplicates, "BATCH", 4)
    monkeypatch.setattr(jobs, "ENOUGH_S", 0.0)
    await add(services, function, await chains(services, function, 20, seed=1))

    owed = await jobs.request_owed(services.redis)
    with pytest.raises(jobs.Unfinished):
        await near_duplicates.group_function(services, function.id)
    done = await Sample.filter(function_id=function.id, grouped=True).count()
    await run_jobs()

    assert owed[jobs.GROUP] == [function.id]
    assert done == 4
    assert await stored(function) == await at_once(services, function)
    assert (await jobs.owed({}))[jobs.GROUP] == []


async def test_a_sample_without_a_vector_is_in_no_group_and_delays_no_other(
    services: Services, function: Function, run_jobs: RunJobs
) -> None:
    [one, copy, other] = await build.add(
        services, function, [make.picture(1), make.picture(1, format="WEBP"), make.picture(2)]
    )
    await run_jobs()
    await Embedding.filter(sha256=other.sha256).delete()
    services.encoding._vectors.clear()
    await Sample.filter(function_id=function.id).update(grouped=False)
    await grouping.owe(function.id)

    assert await near_duplicates.catch_up(services, function.id)

    assert await stored(function) == {frozenset([one.id, copy.id])}
    assert await Sample.filter(function_id=function.id, grouped=True).count() == 3


async def test_training_never_splits_a_stored_group_over_folds(
    services: Services, function: Function
) -> None:
    encoder = await services.encoding.load(function.encoder)
    turns = 0.8 * np.arccos(encoder.near_duplicate) * np.arange(3)
    rows = np.zeros((9, encoder.dimension), np.float32)
    rows[:3, 0], rows[:3, 1] = np.cos(turns), np.sin(turns)
    rows[3:, 3:9] = np.eye(6)
    samples = await add(services, function, rows)
    await near_duplicates.catch_up(services, function.id)
    ends = [samples[0], samples[2]]  # both are close to a third one, and not to each other
    for place, sample in enumerate([*ends, *samples[3:]]):
        await build.annotate(services, (sample, build.TWO[place % 2]))

    sizes = []
    for grouped in (True, False):
        await Sample.filter(id=samples[3].id).update(grouped=grouped)
        await runs.start(services, function.id)
        await train.train_function(services, function.id)
        row = await Function.get(id=function.id)
        held_out = (await services.predictors.active(row)).held_out
        sizes.append([int(held_out.sizes[held_out.samples[end.id]]) for end in ends])

    assert sizes == [[2, 2], [1, 1]]
