"""A deployment copied to another database and storage, and restored from a backup."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from pigeonhole import invocation
from pigeonhole.backup import archive, databases, rows
from pigeonhole.backup.copy import Place, copy
from pigeonhole.backup.rows import Content
from pigeonhole.services import database
from pigeonhole.services.services import open_services
from pigeonhole.services.storage import open_storage
from pigeonhole.settings import OperatorError, Settings
from pigeonhole.tables import Function, Sample
from tests import build, make
from tests.conftest import run_dry
from tests.postgres_databases import PostgresDatabases


@pytest.fixture(params=["sqlite", "postgres"])
async def target(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_databases: PostgresDatabases
) -> AsyncIterator[Place]:
    """An empty database and an empty folder."""
    storage = (tmp_path / "other" / "blobs").as_uri()
    if request.param == "sqlite":
        (tmp_path / "other").mkdir()
        yield Place(f"sqlite://{tmp_path / 'other' / 'pigeonhole.db'}", storage)
        return
    async with postgres_databases.lent() as url:
        yield Place(url, storage)


def source(settings: Settings) -> Place:
    return Place(settings.resolved_database_url, settings.resolved_storage_url)


async def taught(settings: Settings) -> tuple[Function, list[Sample]]:
    """Create a trained function with invocations and values that are hard to copy."""
    async with open_services(settings) as services:
        function = await build.function(services)
        await build.add_digits(services, function, 6)
        await build.add(services, function, [make.picture(1)])
        await run_dry(services)
        label = await build.label(function, "0")
        label.metadata = {"weights": [1.0, 0.5, 1e20], "name": "héron", "none": None}
        await label.save()
        await invocation.invoke(services, function.id, make.digits()[0][50])
        return function, await Sample.all().order_by("id")


async def contents(url: str, folder: Path) -> dict[str, Content]:
    async with rows.snapshot(url, folder):
        return {table._meta.db_table: await rows.content(table) for table in rows.all_tables()}


async def answers(settings: Settings, place: Place, function: Function) -> tuple[object, ...]:
    """Return the function's prediction for a digit, from a given deployment."""
    there = settings.model_copy(
        update={"database_url": place.database_url, "storage_url": place.storage_url}
    )
    async with open_services(there) as services:
        answered = await invocation.invoke(services, function.id, make.digits()[0][60])
    return answered.prediction.ranking


async def test_a_copy_has_every_row_and_picture_and_gives_the_same_answers(
    settings: Settings, target: Place, tmp_path: Path
) -> None:
    function, [sample, *_] = await taught(settings)
    before = await contents(settings.resolved_database_url, tmp_path)

    moved = await copy(source(settings), target, tmp_path)

    assert await contents(target.database_url, tmp_path) == before
    assert (moved.pictures, moved.missing, moved.damaged) == (14, [], [])
    assert moved.rows == sum(content.rows for content in before.values())
    async with database.connected(target.database_url):
        arrived = await Sample.get(id=sample.id)
        assert (arrived.updated_at, arrived.label_id) == (sample.updated_at, sample.label_id)
    here = await answers(settings, source(settings), function)
    assert await answers(settings, target, function) == here


async def test_a_copy_over_an_earlier_copy_needs_the_option_to_replace_it(
    settings: Settings, target: Place, tmp_path: Path
) -> None:
    function, _ = await taught(settings)
    await copy(source(settings), target, tmp_path)
    async with database.connected(settings.resolved_database_url):
        await Function.filter(id=function.id).update(name="Soups", name_key="soups")
    before = await contents(target.database_url, tmp_path)

    with pytest.raises(OperatorError, match="already has functions"):
        await copy(source(settings), target, tmp_path)

    assert await contents(target.database_url, tmp_path) == before
    await copy(source(settings), target, tmp_path, replace=True)
    assert await contents(target.database_url, tmp_path) == await contents(
        settings.resolved_database_url, tmp_path
    )


async def test_a_backup_is_restored_completely_with_the_admin_key_and_only_its_user_can_read_it(
    settings: Settings, target: Place, tmp_path: Path
) -> None:
    await taught(settings)
    before = await contents(settings.resolved_database_url, tmp_path)
    key, other_key = tmp_path / "admin.key", tmp_path / "other" / "admin.key"
    other_key.parent.mkdir(exist_ok=True)
    key.write_text("ph_secret")
    file = tmp_path / "backup.zip"

    await archive.back_up(source(settings), file, tmp_path, admin_key=key)
    moved = await archive.restore(file, target, tmp_path, admin_key=other_key)

    assert await contents(target.database_url, tmp_path) == before
    assert (moved.pictures, moved.missing, moved.damaged) == (14, [], [])
    assert other_key.read_text() == "ph_secret"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, other_key)] == [0o600, 0o600]


async def test_a_damaged_picture_is_reported_and_nothing_else_is_lost(
    settings: Settings, target: Place, tmp_path: Path
) -> None:
    _, [first, second, *_] = await taught(settings)
    storage = open_storage(settings.resolved_storage_url)
    await storage.put(first.sha256, b"damaged")
    await storage.delete(second.sha256)

    moved = await copy(source(settings), target, tmp_path)

    assert (moved.damaged, moved.missing) == ([first.sha256], [second.sha256])
    assert moved.pictures == 14


async def test_a_file_that_is_no_backup_or_is_of_another_release_is_refused(
    settings: Settings, target: Place, tmp_path: Path
) -> None:
    await taught(settings)
    key = tmp_path / "none.key"
    file, text = tmp_path / "backup.zip", tmp_path / "notes.txt"
    await archive.back_up(source(settings), file, tmp_path, admin_key=key)
    text.write_text("no backup")
    with ZipFile(tmp_path / "other.zip", "w") as zip:
        zip.writestr("photo.jpg", b"")
    newer = tmp_path / "newer.zip"
    with ZipFile(file) as old, ZipFile(newer, "w") as zip:
        for name in old.namelist():
            data = old.read(name)
            zip.writestr(name, data.replace(b'"seed"', b'"sown"') if name.endswith("l") else data)
    empty = await empty_contents(target, tmp_path)

    for path, words in (
        (text, "cannot be read as a backup"),
        (tmp_path / "missing.zip", "cannot be read as a backup"),
        (tmp_path / "other.zip", "is not a backup"),
        (newer, "by another release .*: seed, sown"),
    ):
        with pytest.raises(OperatorError, match=words):
            await archive.restore(path, target, tmp_path, admin_key=key)

    assert await contents(target.database_url, tmp_path) == empty


async def empty_contents(target: Place, folder: Path) -> dict[str, Content]:
    await databases.check_empty(target.database_url, replace=False)
    return await contents(target.database_url, folder)


async def test_each_table_comes_after_those_that_it_refers_to() -> None:
    async with database.connected("sqlite://:memory:"):  # which resolves what tables refer to
        names = [table._meta.db_table for table in rows.all_tables()]

    assert names.index("function") < names.index("label") < names.index("sample")
    assert names.index("model") < names.index("training_run")
    assert len(names) == len(set(names))
