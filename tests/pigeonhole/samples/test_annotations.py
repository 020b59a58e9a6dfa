"""Concurrent changes to samples have the same result as changes one after another."""

import asyncio

import pytest

from pigeonhole import labels
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.samples import annotations, trash, uploads
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services import orphans
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Orphan, Sample
from tests import build, make


async def test_a_label_that_many_requests_name_at_once_is_created_once(services: Services) -> None:
    function = await build.function(services)
    added = await build.add(services, function, [make.picture(seed) for seed in range(4)])

    await asyncio.gather(*(build.annotate(services, (row, "New")) for row in added))

    new = await build.label(function, "New")
    assert await Label.filter(function_id=function.id).count() == 3
    assert await Sample.filter(label_id=new.id).count() == 4
    await function.refresh_from_db()
    assert function.revision == 5


async def test_a_picture_that_many_upload_at_once_becomes_one_sample(services: Services) -> None:
    function = await build.function(services)
    entry = uploads.NewSample(make.picture(1), ("input",))

    added = await asyncio.gather(*(uploads.add(services, function.id, [entry]) for _ in range(4)))

    found = [one.sample.id for [one] in added if one.sample]
    assert (len(found), len(set(found))) == (4, 1)
    assert sorted(one.duplicate for [one] in added) == [False, True, True, True]
    assert await Sample.all().count() == 1


async def test_concurrent_annotations_and_deletions_do_not_deadlock(services: Services) -> None:
    function = await build.function(services)
    added = await build.add(services, function, [make.picture(seed) for seed in range(6)])
    choice = LabelChoice(name="0")
    forwards = [(row.id, choice, ()) for row in added]

    done = await asyncio.gather(
        annotations.annotate(services, forwards),
        annotations.annotate(services, forwards[::-1]),
        annotations.clear(services, [row.id for row in added[::-1]]),
        labels.delete(services, (await build.label(function, "1")).id),
        trash.delete(services, [row.id for row in added[3:]]),
        return_exceptions=True,
    )

    assert all(error is None or isinstance(error, list | NotFoundError) for error in done)
    assert await Sample.all().count() == 3
    assert await Label.all().count() == 1


async def test_an_upload_to_a_function_that_is_deleted_meanwhile_is_not_found(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    hold = orphans.hold

    async def delete_first(sha256s: list[str]) -> None:
        await Function.filter(id=function.id).delete()
        await hold(sha256s)

    monkeypatch.setattr(orphans, "hold", delete_first)
    with pytest.raises(NotFoundError):
        await build.add(services, function, [make.picture(1)])

    assert await Sample.all().count() == 0
    assert await Orphan.all().count() == 1


async def test_a_label_of_another_function_annotates_nothing(services: Services) -> None:
    function = await build.function(services)
    other = await build.function(services, name="Other")
    [sample] = await build.add(services, function, [make.picture(1)])
    foreign = await build.label(other, "0")

    with pytest.raises(ConflictError):
        await annotations.annotate(services, [(sample.id, LabelChoice(id=foreign.id), ())])

    assert await Sample.filter(label_id__isnull=False).count() == 0
