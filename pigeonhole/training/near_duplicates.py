"""Near-duplicates: found once, when a picture is embedded, among all samples of its function."""

import time
from asyncio import to_thread
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from pigeonhole import grouping
from pigeonhole.classifier.closeness import are_close
from pigeonhole.encoders import Encoder
from pigeonhole.revisions import lock, number_change
from pigeonhole.services import events, jobs
from pigeonhole.services.galleries import Kind
from pigeonhole.services.services import Services
from pigeonhole.services.spending import Spend, free
from pigeonhole.services.vectors import Floats
from pigeonhole.tables import Function, NearDuplicateGroup, Sample

BATCH = 64
"""Samples compared together."""
READ = ("id", "sha256", "group_id", "change")

POINTS_A_THOUSAND = 300
"""Of reading a thousand samples and comparing them with a page of others: 15 ms of CPU."""

Pairs = set[tuple[UUID, UUID]]


async def group_function(services: Services, function_id: UUID) -> None:
    """Find the near-duplicates of all samples of which they are not known: a job of the worker.

    Safe to run twice and at once.

    Raises:
        Unfinished: There is more to do than one job should.
    """
    if not await catch_up(services, function_id, until=time.monotonic() + jobs.ENOUGH_S):
        raise jobs.Unfinished


async def catch_up(
    services: Services,
    function_id: UUID,
    *,
    batches: int | None = None,
    until: float | None = None,
) -> bool:
    """Find near-duplicates batch by batch; return whether those of all samples are known.

    Args:
        batches: How many to do at most.
        until: When to stop, in the seconds of `time.monotonic`.
    """
    done = 0
    while True:
        function = await Function.get_or_none(id=function_id)
        if function is None or function.grouped_revision == function.group_revision:
            return True
        encoder = await services.encoding.load(function.encoder)
        rows = await uncompared(function_id).limit(BATCH).only(*READ)
        if not rows:
            await Function.filter(id=function_id).update(grouped_revision=function.group_revision)
            await events.publish(services.broadcast, function_id)
            return True
        if done == batches or (done and until is not None and time.monotonic() > until):
            return False
        await _compare(services, function, encoder, rows)
        done += 1


def uncompared(function_id: UUID) -> QuerySet[Sample]:
    """Return a query for the embedded samples that have not been compared, oldest first."""
    return Sample.filter(function_id=function_id, grouped=False, embedded=True).order_by("id")


async def of_samples(
    services: Services, samples: Sequence[Sample], first: int, spend: Spend = free
) -> dict[UUID, list[UUID]]:
    """Of each sample, the others of its function that show almost the same; most alike first.

    They are all in its group.
    """
    found: dict[UUID, list[UUID]] = {}
    grouped = [row for row in samples if row.group_id is not None]
    members: dict[UUID | None, list[Sample]] = defaultdict(list)
    groups = list({row.group_id for row in grouped})
    for row in await Sample.filter(group_id__in=groups).order_by("id").only(*READ):
        members[row.group_id].append(row)
    await spend(POINTS_A_THOUSAND * sum(map(len, members.values())) // 1_000)
    functions = Function.filter(id__in=list({row.function_id for row in grouped}))
    for function in await functions:
        encoder = await services.encoding.load(function.encoder)
        mine = [row for row in grouped if row.function_id == function.id]
        groups = list({row.group_id for row in mine})
        shas = [row.sha256 for group in groups for row in members[group]]
        vectors = await services.encoding.known(encoder, shas)
        pairs = [(row, members[row.group_id]) for row in mine if row.sha256 in vectors]
        found |= await to_thread(_most_alike, pairs, vectors, encoder.near_duplicate, first)
    return found


def _most_alike(
    pairs: Sequence[tuple[Sample, Sequence[Sample]]],
    vectors: Mapping[str, NDArray[np.float16]],
    least: float,
    first: int,
) -> dict[UUID, list[UUID]]:
    """Of each sample, return the others of its group that are close to itself, nearest first."""
    found = {}
    for sample, members in pairs:
        rows = [row for row in members if row.sha256 in vectors]
        stacked = np.array([vectors[row.sha256] for row in rows], np.float32)
        cosines = stacked @ vectors[sample.sha256].astype(np.float32)
        found[sample.id] = [
            rows[place].id
            for place in np.argsort(-cosines, kind="stable").tolist()
            if cosines[place] >= least and rows[place].id != sample.id
        ][:first]
    return found


async def _compare(
    services: Services, function: Function, encoder: Encoder, rows: Sequence[Sample]
) -> None:
    """Find the near-duplicates of samples among all that are compared, and put them together.

    Most are found before the function is locked; then, those that others have added meanwhile.
    """
    queries = await _vectors(services, encoder, rows)
    asked = list(queries)
    stacked = np.array([queries[id] for id in asked], np.float32).reshape(-1, encoder.dimension)
    near: set[UUID] = set()
    seen = -1
    if asked:
        opened = services.galleries.opened(function, encoder, Kind.COMPARED)
        async with opened as gallery:
            found = await to_thread(gallery.near, stacked, encoder.near_duplicate)
            near, seen = {id for ids in found for id in ids} - set(asked), gallery.seen
    others = [
        row
        for ids in grouping.parts(near)
        for row in await Sample.filter(id__in=ids, grouped=True).only(*READ)
    ]
    pairs = await _pairs(services, encoder, asked, stacked, [*rows, *others])
    async with in_transaction():
        if not await lock([function.id]):
            return
        late = Sample.filter(function_id=function.id, change__gt=seen, grouped=True)
        new = {row.id: row for row in await late.only(*READ)} if asked else {}
        pairs = {pair for pair in pairs if pair[1] not in new}
        pairs |= await _pairs(services, encoder, asked, stacked, list(new.values()))
        unchanged = {row.id: row.change for row in rows}
        mine = Sample.filter(id__in=list(unchanged), grouped=False)
        still = [row for row in await mine.only(*READ) if row.change == unchanged[row.id]]
        await _put_together(function.id, still, pairs)


async def _pairs(
    services: Services,
    encoder: Encoder,
    asked: Sequence[UUID],
    queries: Floats,
    others: Sequence[Sample],
) -> Pairs:
    """Return which of the others show almost the same as which of those asked about."""
    vectors = await _vectors(services, encoder, others)
    if not asked or not vectors:
        return set()
    stacked = np.array(list(vectors.values()), np.float32)
    ids = list(vectors)
    near = np.argwhere(await to_thread(are_close, queries, stacked, encoder.near_duplicate))
    return {(asked[i], ids[j]) for i, j in near.tolist() if asked[i] != ids[j]}


async def _vectors(
    services: Services, encoder: Encoder, rows: Sequence[Sample]
) -> dict[UUID, NDArray[np.float16]]:
    known = await services.encoding.known(encoder, [row.sha256 for row in rows])
    return {row.id: known[row.sha256] for row in rows if row.sha256 in known}


async def _put_together(function_id: UUID, rows: Sequence[Sample], pairs: Pairs) -> None:
    """Note that samples are compared, and which groups they are in; in a transaction."""
    mine = {row.id for row in rows}
    before = {row.group_id for row in rows if row.group_id is not None}
    if before:  # these and all samples linked to them are compared again
        await Sample.filter(group_id__in=list(before)).update(group_id=None, grouped=False)
        await NearDuplicateGroup.filter(id__in=list(before)).delete()
        await grouping.owe(function_id)
    pairs = {pair for pair in pairs if pair[0] in mine}
    partners = {other for _, other in pairs} - mine
    found = [
        row
        for ids in grouping.parts(partners)
        for row in await Sample.filter(id__in=ids, grouped=True).only("id", "group_id")
    ]
    there = mine | {row.id for row in found}
    pairs = {pair for pair in pairs if pair[1] in there}
    pairs |= {(row.id, row.group_id) for row in found if row.group_id is not None}
    groups = {row.group_id for row in found if row.group_id is not None}
    changed = []
    for together in sorted(_components(pairs), key=lambda ids: min(ids - groups)):  # oldest first
        target, *others = sorted(together & groups) or [
            (await NearDuplicateGroup.create(function_id=function_id)).id
        ]
        if others:
            await Sample.filter(group_id__in=others).update(group_id=target)
            await NearDuplicateGroup.filter(id__in=others).delete()
        for ids in grouping.parts(together - groups):
            await Sample.filter(id__in=ids).update(group_id=target)
        changed.append(target)
    await grouping.recount(changed)
    number = await number_change(function_id)
    await Sample.filter(id__in=list(mine)).update(grouped=True, change=number)


def _components(pairs: Pairs) -> list[set[UUID]]:
    """Return the sets of ids that pairs hold together."""
    parents: dict[UUID, UUID] = {}

    def root(id: UUID) -> UUID:
        while parents.setdefault(id, id) != id:
            parents[id] = id = parents[parents[id]]
        return id

    for one, other in pairs:
        parents[root(one)] = root(other)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for id in parents:
        found[root(id)].add(id)
    return list(found.values())
