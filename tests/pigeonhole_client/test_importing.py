"""Imports into a real server, also of what it exported."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pigeonhole_client import (
    AsyncPigeonhole,
    NotFoundError,
    OnConflict,
    Outcome,
    Report,
    UnauthenticatedError,
    UnreachableError,
)
from pigeonhole_client.api.input_types import CaptureSettingsInput
from pigeonhole_client.present import images_of, label_names

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Sample
from tests import make
from tests.client import Client
from tests.server.auth.test_revocation import serving


@pytest.fixture(params=["embedded"])
def kind(request: pytest.FixtureRequest) -> str:
    """One kind of database: the client's results do not depend on it."""
    return str(request.param)


@pytest.fixture
async def remote(services: Services) -> AsyncIterator[AsyncPigeonhole]:
    """A real server over the network, and a key for it."""
    _, secret = await keys.create(name="import", scopes={ApiKeyScope.WRITE})
    async with (
        serving(services) as address,
        AsyncPigeonhole(f"http://{address}", secret) as opened,
    ):
        yield opened


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for seed, name in enumerate(("Soups/1.png", "Soups/2.png", "Desserts/3.png")):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make.picture(seed))
    return tmp_path / "photos"


async def imported(remote: AsyncPigeonhole, id: str, path: Path, **how: Any) -> Report:
    """Upload a file or folder."""
    return await (await remote.function(id)).upload(path, labels_from_folders=True, **how)


async def there(remote: AsyncPigeonhole, id: str) -> dict[str, str | None]:
    """Return the label of each image, by its SHA-256."""
    found = await images_of(remote.api, id)
    return {sha256: present.label for sha256, present in found.items()}


async def test_importing_a_folder_again_adds_nothing(
    client: Client, remote: AsyncPigeonhole, photos: Path
) -> None:
    id = (await client.create_function())["id"]

    first = await imported(remote, id, photos, create_labels=True)
    second = await imported(remote, id, photos, create_labels=True)

    assert first.outcomes == {Outcome.ADDED: 3}
    assert second.outcomes == {Outcome.UNCHANGED: 3}
    assert sorted(str(label) for label in (await there(remote, id)).values()) == [
        "Desserts",
        "Soups",
        "Soups",
    ]


async def test_an_unknown_label_is_refused_with_the_nearest_one(
    client: Client, remote: AsyncPigeonhole, photos: Path
) -> None:
    id = (await client.create_function(labels=["Soup", "Desserts"]))["id"]

    report = await imported(remote, id, photos)

    assert report.outcomes == {Outcome.ADDED: 1, Outcome.REFUSED: 2}
    assert {reason for _, _, reason in report.told} == {
        "Label 'Soups' does not exist. Did you mean 'Soup'? Create it, or pass --create-labels."
    }


async def test_a_dry_run_changes_nothing(
    client: Client, remote: AsyncPigeonhole, photos: Path
) -> None:
    id = (await client.create_function())["id"]

    report = await imported(remote, id, photos, create_labels=True, dry_run=True)

    assert report.outcomes == {Outcome.ADDED: 3}
    assert await there(remote, id) == {}
    assert await label_names(remote.api, id) == []


@pytest.mark.parametrize(
    ("how", "outcome", "label"),
    [
        (OnConflict.KEEP, Outcome.CONFLICT, "Soups"),
        (OnConflict.REPLACE, Outcome.REPLACED, "Broth"),
        (OnConflict.SKIP, Outcome.SKIPPED, "Soups"),
    ],
)
async def test_a_different_annotation_of_the_same_image_is_never_overwritten_silently(
    client: Client,
    remote: AsyncPigeonhole,
    photos: Path,
    how: OnConflict,
    outcome: Outcome,
    label: str,
) -> None:
    id = (await client.create_function())["id"]
    await imported(remote, id, photos / "Soups", create_labels=True)
    (photos / "Soups").rename(photos / "Broth")

    report = await imported(remote, id, photos / "Broth", create_labels=True, on_conflict=how)

    assert report.outcomes == {outcome: 2}
    assert set((await there(remote, id)).values()) == {label}


async def test_an_unannotated_image_gets_the_label_of_the_import(
    client: Client, remote: AsyncPigeonhole, photos: Path
) -> None:
    id = (await client.create_function(labels=["Soups"]))["id"]
    await client.add_samples(id, [make.picture(0)])

    report = await imported(remote, id, photos / "Soups")

    assert report.outcomes == {Outcome.ANNOTATED: 1, Outcome.ADDED: 1}


async def test_a_file_that_is_no_picture_is_refused_and_the_others_are_imported(
    client: Client, remote: AsyncPigeonhole, photos: Path, tmp_path: Path
) -> None:
    (photos / "Soups" / "text.jpg").write_text("no picture")
    (photos / "Desserts" / "new.jxl").write_bytes(b"\xff\x0a\xfa\x7f")
    id = (await client.create_function())["id"]

    report = await imported(remote, id, photos, create_labels=True)
    report.write(tmp_path / "report.csv")

    assert report.outcomes == {Outcome.ADDED: 3, Outcome.REFUSED: 2}
    [(xl, advice), (name, reason)] = report.refused
    assert xl.endswith("new.jxl")
    assert advice.startswith("This is a JPEG XL image, which is not accepted. Send a JPEG, PNG,")
    assert name.endswith("text.jpg")
    written = (tmp_path / "report.csv").read_text().splitlines()
    assert written[0] == "file,outcome,reason"
    assert written[2].startswith(f"{name},refused,")
    assert reason


async def test_importing_an_export_gives_an_equal_function(
    client: Client, remote: AsyncPigeonhole, photos: Path, tmp_path: Path
) -> None:
    first = (await client.create_function())["id"]
    function = await remote.function(first)
    await function.update(description="Food", maxErrorRate=0.1, autoTrain=False)
    await function.update(capture=CaptureSettingsInput(enabled=True, strange=True, dailyLimit=7))
    await function.create_label("Salads", "Leaves")
    await imported(remote, first, photos, create_labels=True)
    await function.add(make.picture(9), external_id="nine", metadata={"city": "Bern"})
    [soup, *_] = await Sample.filter(label__name="Soups")
    await Sample.filter(id=soup.id).update(confirmed=True)
    second = (await client.create_function(name="Copy"))["id"]

    file = tmp_path / "export.zip"
    exported = (await remote.function(first)).export()
    file.write_bytes(b"".join([chunk async for chunk in exported]))
    report = await imported(remote, second, file, create_labels=True, settings=True)

    assert report.outcomes == {Outcome.ADDED: 4}
    assert await there(remote, second) == await there(remote, first)
    names = ("Copy", "Recipes")
    columns: tuple[str, ...] = ("sha256", "file_name", "external_id", "metadata", "confirmed")
    copied, kept = [
        await Sample.filter(function__name=name).order_by("sha256").values(*columns)
        for name in names
    ]
    assert copied == kept
    assert sum(row["confirmed"] for row in kept) == 1
    assert [row["metadata"] for row in kept if row["external_id"]] == [{"city": "Bern"}]
    copied, kept = [
        await Label.filter(function__name=name).order_by("id").values("name", "description")
        for name in names
    ]
    assert copied == kept
    assert kept[0] == {"name": "Salads", "description": "Leaves"}
    settings = "description max_error_rate auto_train learns_from_unlabelled capture_enabled"
    columns = (*settings.split(), "capture_strange", "capture_daily_limit")
    [copied, kept] = [await Function.filter(name=name).values(*columns) for name in names]
    assert copied == kept
    assert (kept[0]["description"], kept[0]["capture_daily_limit"]) == ("Food", 7)


async def test_a_label_that_looks_like_another_is_the_same_label(
    client: Client, remote: AsyncPigeonhole, photos: Path
) -> None:
    id = (await client.create_function(labels=["Soups"]))["id"]
    (photos / "Soups").rename(photos / "S\u043eups")  # a Cyrillic letter

    report = await imported(remote, id, photos / "S\u043eups", create_labels=True)

    assert report.outcomes == {Outcome.ADDED: 2}
    assert await label_names(remote.api, id) == ["Soups"]
    assert set((await there(remote, id)).values()) == {"Soups"}


def test_a_url_without_a_scheme_is_refused_at_once() -> None:
    with pytest.raises(UnreachableError) as caught:
        AsyncPigeonhole("127.0.0.1:8000", "ph_a_b")

    assert str(caught.value).startswith("'127.0.0.1:8000' is not the URL of a server.")


async def test_an_unknown_function_and_a_wrong_key_are_reported(
    remote: AsyncPigeonhole,
) -> None:
    with pytest.raises(NotFoundError, match="Function 'Nothing' not found at http"):
        await remote.function("Nothing")

    async with AsyncPigeonhole(remote.api.base, "ph_wrong_key") as stranger:
        with pytest.raises(UnauthenticatedError) as caught:
            await stranger.function("fn_1")
    assert caught.value.code == "UNAUTHENTICATED"


async def test_a_second_external_id_of_an_image_is_reported(
    client: Client, remote: AsyncPigeonhole, tmp_path: Path
) -> None:
    id = (await client.create_function())["id"]
    for name, seed in (("a", 1), ("b", 2), ("again", 1)):
        (tmp_path / f"{name}.png").write_bytes(make.picture(seed))
    table = tmp_path / "table.csv"

    table.write_text("file,external_id\na.png,one\nb.png,\nagain.png,two\n")
    first = await imported(remote, id, table)
    table.write_text("file,external_id\na.png,one\nb.png,three\n")
    second = await imported(remote, id, table)

    assert first.outcomes == {Outcome.ADDED: 2, Outcome.CONFLICT: 1}
    assert first.told == [
        (
            "again.png",
            Outcome.CONFLICT,
            "The image was added with the external ID 'one'; the external ID 'two' is ignored.",
        )
    ]
    assert second.outcomes == {Outcome.UNCHANGED: 1, Outcome.CONFLICT: 1}
    assert second.told == [
        (
            "b.png",
            Outcome.CONFLICT,
            "The image was added with no external ID; the external ID 'three' is ignored.",
        )
    ]
    found = await images_of(remote.api, id)
    assert {present.external_id for present in found.values()} == {"one", None}
