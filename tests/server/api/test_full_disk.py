"""Deleting on a full disk (a small real one) uses the reserve of the data folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from tortoise.transactions import in_transaction

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import database, orphans, reserve
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import ApiKey, Function, Sample
from server import ids
from tests import backends, build, make
from tests.client import Client, Json
from tests.faults.disk import Disk, small_disk

RENAME = """mutation ($id: ID!) { updateFunction(input: {id: $id, name: "Other"}) {
  errors { code } } }"""
DELETE_SAMPLES = "mutation ($id: ID!) { deleteSamples(input: {ids: [$id]}) { errors { code } } }"
DELETE_LABEL = "mutation ($id: ID!) { deleteLabel(input: {id: $id}) { errors { code } } }"
DELETE_FUNCTION = "mutation ($id: ID!) { deleteFunction(input: {id: $id}) { errors { code } } }"
REVOKE = "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { errors { code } } }"


@pytest.fixture
def kind() -> str:
    """Only SQLite keeps rows in the data folder."""
    return "embedded"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path, size_mb=64) as disk:
        if not disk.own:
            pytest.skip("No file system can be mounted here.")
        yield disk


@pytest.fixture
def database_url(sqlite_template: str, disk: Disk) -> str:
    return backends.copy_database(sqlite_template, disk.path)


@pytest.fixture
def settings(settings: Settings, disk: Disk) -> Settings:
    """Put the data folder on the small disk, with a reserve."""
    reserve.Reserve(disk.path).keep()
    return settings.model_copy(update={"data_dir": disk.path})


async def fill(disk: Disk) -> None:
    """Fill the disk; first empty the database's log, in which a small change might fit."""
    await database.connection().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
    disk.fill()


async def test_deleting_works_on_a_full_disk_and_other_changes_do_not(
    disk: Disk, services: Services, client: Client
) -> None:
    function = await build.function(services, auto_train=False)
    [sample] = await build.add(services, function, [make.picture(1)], ["0"])
    key, _ = await keys.create(name="leaked", scopes={ApiKeyScope.READ})
    function_id = ids.encode(ids.Kind.FUNCTION, function.id)
    await fill(disk)

    renamed = await client.answer(RENAME, id=function_id)
    answers: list[Json] = []
    with structlog.testing.capture_logs() as logs:
        for query, kind, row in (
            (DELETE_SAMPLES, ids.Kind.SAMPLE, sample),
            (DELETE_LABEL, ids.Kind.LABEL, await build.label(function, "0")),
            (REVOKE, ids.Kind.API_KEY, key),
            (DELETE_FUNCTION, ids.Kind.FUNCTION, function),
        ):
            await fill(disk)
            answers.append(await client.ask(query, id=ids.encode(kind, row.id)))

    assert renamed["errors"][0]["extensions"]["code"] == "INSUFFICIENT_STORAGE"
    assert [next(iter(answer.values())) for answer in answers] == 4 * [{"errors": []}]
    assert (await Function.all().count(), await Sample.all().count()) == (0, 0)
    assert (await ApiKey.get(id=key.id)).revoked_at is not None
    assert sum(entry["event"] == "reserve_released" for entry in logs) == 4
    assert services.reserve.path.stat().st_size > reserve.SIZE / 2


async def test_images_are_refused_until_the_reserve_is_complete_again(
    disk: Disk, services: Services, client: Client
) -> None:
    function = await client.create_function(labels=["0", "1"])
    await client.add_samples(function["id"], [make.picture(1)])
    await fill(disk)
    services.reserve.release()  # as a killed process leaves it

    [refused] = (await client.add_samples(function["id"], [make.picture(2)]))["results"]
    in_reserve = services.reserve.path.stat().st_size
    disk.free()
    [added] = (await client.add_samples(function["id"], [make.picture(2)]))["results"]

    assert refused["error"]["code"] == "INSUFFICIENT_STORAGE"
    assert reserve.SIZE / 2 < in_reserve < reserve.SIZE
    assert added["error"] is None
    assert services.reserve.is_whole


async def test_stored_images_without_a_row_are_deleted_on_a_full_disk(
    disk: Disk, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "GRACE", -orphans.GRACE)
    async with in_transaction():
        await orphans.hold([f"{number:064x}" for number in range(500)])
    await fill(disk)

    assert await orphans.sweep(services) == 500
