"""Stored groups of near-duplicates, which are recounted whenever their samples change."""

from collections.abc import Iterable
from uuid import UUID

from tortoise.expressions import F
from tortoise.functions import Count

from pigeonhole.services import database
from pigeonhole.tables import Function, NearDuplicateGroup, Sample

FIRST = 1e9
"""What is subtracted from the rank of groups with contradictory labels, to list them first."""
BATCH = 500
"""The most groups counted in one statement."""


async def recount(group_ids: Iterable[UUID | None]) -> None:
    """Update the sizes of groups, in the transaction that changed their samples.

    Groups with fewer than two samples are deleted.
    """
    for ids in parts({id for id in group_ids if id is not None}):
        counted = Sample.filter(group_id__in=ids).annotate(
            size=Count("id"), labels=Count("label_id", distinct=True)
        )
        sizes = {
            id: (size, labels > 1)
            for id, size, labels in await counted.group_by("group_id").values_list(
                "group_id", "size", "labels"
            )
            if size > 1
        }
        gone = [id for id in ids if id not in sizes]
        if gone:
            await Sample.filter(group_id__in=gone).update(group_id=None)
            await NearDuplicateGroup.filter(id__in=gone).delete()
        await database.update_many(
            "UPDATE near_duplicate_group SET size = ?, contradictory = ?, rank = ? WHERE id = ?",
            [
                [size, contradictory, -size - FIRST * contradictory, str(id)]
                for id, (size, contradictory) in sizes.items()
            ],
        )


async def left(function_id: UUID, group_ids: Iterable[UUID | None]) -> bool:
    """Mark the remaining samples of groups for comparison, in the transaction that deleted others.

    The deleted samples may have been the only link between the others. Return whether there are
    samples to compare.
    """
    ids = {id for id in group_ids if id is not None}
    if not ids:
        return False
    await recount(ids)
    if not await Sample.filter(group_id__in=list(ids)).update(grouped=False):
        return False
    await owe(function_id)
    return True


def parts(ids: Iterable[UUID]) -> list[list[UUID]]:
    """Return ids in batches for a statement, sorted, so that all writers lock in the same order."""
    listed = sorted(ids)
    return [listed[start : start + BATCH] for start in range(0, len(listed), BATCH)]


async def owe(function_id: UUID) -> None:
    """Record that samples must be compared, in a transaction that has locked the function."""
    await Function.filter(id=function_id).update(group_revision=F("group_revision") + 1)
