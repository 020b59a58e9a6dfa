"""The trash: deleted samples can be restored as they were until they are purged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pigeonhole import functions, labels
from pigeonhole.errors import NotFoundError
from pigeonhole.kinds import AnnotationSource
from pigeonhole.samples import trash, uploads
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services.services import Services
from pigeonhole.tables import DeletedSample, Function, Orphan, Sample
from tests import build, make
from tests.conftest import RunJobs

LONG_AGO = datetime.now(UTC) - timedelta(days=31)


def with_settings(services: Services, **changes: Any) -> Services:
    return replace(services, settings=services.settings.model_copy(update=changes))


async def test_a_restored_sample_is_as_it_was_and_is_used_for_training_again(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    entry = uploads.NewSample(
        make.picture(1), (), "dish-1", "Soup.png", LabelChoice(name="0"), metadata={"city": "Bern"}
    )
    [added] = await uploads.add(services, function.id, [entry])
    assert added.sample is not None
    await run_jobs()
    before = await Sample.get()
    [row] = await trash.delete(services, [before.id])
    assert await Sample.all().count() == 0
    assert await Orphan.all().count() == 0

    await run_jobs()
    deleted = await Function.get()

    [restored] = await trash.restore(services, [row.id])
    await run_jobs()

    assert restored.error is None
    again = await Sample.get()
    kept = (*trash.COLUMNS, "id", "file_name_key", "embedded")
    assert [getattr(again, name) for name in kept] == [getattr(before, name) for name in kept]
    assert again.annotation_source == AnnotationSource.IMPORT
    assert await DeletedSample.all().count() == 0
    await function.refresh_from_db()
    assert function.trained_revision == function.revision > deleted.revision


async def test_an_image_that_was_uploaded_again_keeps_the_deleted_sample_in_the_trash(
    services: Services,
) -> None:
    function = await build.function(services)
    [old] = await build.add(services, function, [make.picture(1)], ["0"])
    [row] = await trash.delete(services, [old.id])
    [new] = await build.add(services, function, [make.picture(1)])

    [refused] = await trash.restore(services, [row.id])

    assert refused.error is not None
    assert refused.error.code == "CONFLICT"
    assert [sample.id for sample in await Sample.all()] == [new.id]
    await trash.delete(services, [new.id])
    [restored] = await trash.restore(services, [row.id])
    assert restored.sample is not None
    assert (restored.sample.id, restored.sample.label_id) == (old.id, old.label_id)


async def test_a_used_external_id_and_a_full_function_refuse_only_the_samples_concerned(
    services: Services,
) -> None:
    function = await build.function(services)
    entries = [uploads.NewSample(make.picture(n), (), f"dish-{n}") for n in range(3)]
    added = await uploads.add(services, function.id, entries)
    rows = await trash.delete(services, [one.sample.id for one in added if one.sample])
    await uploads.add(services, function.id, [uploads.NewSample(make.picture(9), (), "dish-0")])
    services = with_settings(services, max_samples=2)

    results = await trash.restore(services, [row.id for row in rows])

    assert [one.error and one.error.code for one in results] == [
        "CONFLICT",
        None,
        "LIMIT_REACHED",
    ]
    assert await DeletedSample.all().count() == 2


async def test_restored_annotations_follow_labels_that_were_deleted_or_merged_meanwhile(
    services: Services,
) -> None:
    function = await build.function(services, ("0", "1", "2"))
    gone, merged = await build.add(
        services, function, [make.picture(n) for n in range(2)], ["0", "1"]
    )
    rows = await trash.delete(services, [gone.id, merged.id])
    two = await build.label(function, "2")
    await labels.delete(services, (await build.label(function, "0")).id)
    await labels.delete(services, (await build.label(function, "1")).id, move_to=two.id)

    await trash.restore(services, [row.id for row in rows])

    found = {row.id: row for row in await Sample.all()}
    assert (found[gone.id].label_id, found[gone.id].annotated_at) == (None, None)
    assert found[merged.id].label_id == two.id


async def test_the_sweep_purges_samples_that_have_been_in_the_trash_for_thirty_days(
    services: Services,
) -> None:
    function = await build.function(services)
    rows = await build.add(services, function, [make.picture(n) for n in range(2)])
    old, new = await trash.delete(services, [row.id for row in rows])
    await DeletedSample.filter(id=old.id).update(deleted_at=LONG_AGO)

    assert await trash.sweep(services.settings.kept_deleted_days) == 1

    assert [row.id for row in await DeletedSample.all()] == [new.id]
    assert [orphan.sha256 for orphan in await Orphan.all()] == [old.sha256]
    with pytest.raises(NotFoundError):
        await trash.restore(services, [new.id, old.id])
    assert await Sample.all().count() == 0


async def test_the_trash_holds_as_many_as_a_function_may_have(services: Services) -> None:
    function = await build.function(services)
    rows = await build.add(services, function, [make.picture(n) for n in range(3)])
    services = with_settings(services, max_samples=2)

    for row in rows:
        await trash.delete(services, [row.id])

    kept = await DeletedSample.all().order_by("id")
    assert [row.sample_id for row in kept] == [row.id for row in rows[1:]]


async def test_a_deleted_function_takes_its_trash_with_it(services: Services) -> None:
    function = await build.function(services)
    [sample] = await build.add(services, function, [make.picture(1)])
    await trash.delete(services, [sample.id])

    await functions.delete(services, function.id)

    assert await DeletedSample.all().count() == 0
    assert [orphan.sha256 for orphan in await Orphan.all()] == [sample.sha256]


async def test_with_zero_days_nothing_is_kept(services: Services) -> None:
    function = await build.function(services)
    [sample] = await build.add(services, function, [make.picture(1)])
    services = with_settings(services, kept_deleted_days=0)

    assert await trash.delete(services, [sample.id]) == []

    assert await DeletedSample.all().count() == 0
    assert [orphan.sha256 for orphan in await Orphan.all()] == [sample.sha256]
