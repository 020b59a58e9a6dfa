"""Likeness: which samples of a function show almost the same as a picture."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from pigeonhole.classifier.neighbours import groups_of, nearest
from pigeonhole.encoding import Floats
from pigeonhole.models import Function, Sample
from pigeonhole.services import Services

Like = tuple[UUID, float]
"""A sample, and the cosine of its picture with the one asked about, -1 to 1."""

COMPARED = 10_000
"""Newest samples among which groups are looked for, so that the work stays bounded."""


@dataclass(frozen=True)
class Group:
    """Samples that show almost the same picture."""

    samples: tuple[UUID, ...]  # oldest first
    contradictory: bool  # annotated with different labels


async def evidence(
    services: Services, function_id: UUID, sha256: str, vector: Floats | None, first: int
) -> list[Like]:
    """The annotated samples most like a picture, none of them the same; most alike first.

    Args:
        sha256: The picture.
        vector: Its vector ``(dim,)``, where it is at hand; else that of a sample which shows it.
    """
    function = await Function.get(id=function_id)
    if vector is None:
        encoder = await services.encoding.load(function.encoder)
        known = await services.encoding.known(encoder, [sha256])
        if not known:
            return []
        vector = known[sha256].astype(np.float32)
    annotated = Sample.filter(function_id=function_id, embedded=True, label_id__isnull=False)
    rows = await annotated.exclude(sha256=sha256).only("id", "sha256")
    [found] = await _nearest(services, function, rows, vector[None, :], first)
    return found


async def near_duplicates(
    services: Services, samples: Sequence[Sample], first: int
) -> dict[UUID, list[UUID]]:
    """Of each sample, the others of its function that show almost the same; most alike first."""
    found: dict[UUID, list[UUID]] = {}
    for function in await Function.filter(id__in=list({row.function_id for row in samples})):
        encoder = await services.encoding.load(function.encoder)
        asked = [row for row in samples if row.function_id == function.id]
        vectors = await services.encoding.known(encoder, [row.sha256 for row in asked])
        asked = [row for row in asked if row.sha256 in vectors]
        if not asked:
            continue
        rows = await Sample.filter(function_id=function.id, embedded=True).only("id", "sha256")
        queries = np.stack([vectors[row.sha256] for row in asked]).astype(np.float32)
        like = await _nearest(services, function, rows, queries, first + 1)
        for sample, others in zip(asked, like, strict=True):
            threshold = encoder.near_duplicate
            close = [id for id, cosine in others if cosine >= threshold and id != sample.id]
            found[sample.id] = close[:first]
    return found


async def groups(services: Services, function: Function) -> list[Group]:
    """Near-duplicates: those annotated differently first, then the larger groups, then the older.

    They are the groups that cross-validation never splits, among all samples that are embedded.
    """
    encoder = await services.encoding.load(function.encoder)
    newest = Sample.filter(function_id=function.id, embedded=True).order_by("-id").limit(COMPARED)
    rows = await newest.values_list("id", "sha256", "label_id")
    vectors = await services.encoding.known(encoder, [sha256 for _, sha256, _ in rows])
    rows = [row for row in reversed(rows) if row[1] in vectors]
    if not rows:
        return []
    stacked = np.array([vectors[sha256] for _, sha256, _ in rows], np.float32)
    codes = await asyncio.to_thread(groups_of, stacked, threshold=encoder.near_duplicate)
    members = defaultdict(list)
    for row, code in zip(rows, codes.tolist(), strict=True):
        members[code].append(row)
    found = [
        Group(tuple(id for id, _, _ in group), len({label for *_, label in group} - {None}) > 1)
        for group in members.values()
        if len(group) > 1
    ]
    return sorted(found, key=lambda group: (not group.contradictory, -len(group.samples)))


async def _nearest(
    services: Services, function: Function, rows: Sequence[Sample], queries: Floats, first: int
) -> list[list[Like]]:
    encoder = await services.encoding.load(function.encoder)
    vectors = await services.encoding.known(encoder, [row.sha256 for row in rows])
    rows = [row for row in rows if row.sha256 in vectors]
    everything = np.array([vectors[row.sha256] for row in rows], np.float32)
    indices, cosines = nearest(everything.reshape(-1, encoder.dimension), queries, first)
    return [
        [(rows[index].id, float(cosine)) for index, cosine in zip(*pair, strict=True)]
        for pair in zip(indices, cosines, strict=True)
    ]
