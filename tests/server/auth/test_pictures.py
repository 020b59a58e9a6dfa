"""Pictures: served by signed URLs, and stored as long as a row refers to them."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pigeonhole.samples import annotations, trash, uploads
from pigeonhole.services import orphans
from pigeonhole.services.choices import signing_secret
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind, Storage
from pigeonhole.settings import Settings
from pigeonhole.tables import Embedding, Label, Orphan, Sample
from server import ids
from server.auth.picture_urls import PictureUrls
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs
from worker import tasks

URLS = """query ($id: ID!) { node(id: $id) { ... on Sample { image {
  full: url thumbnail: url(size: THUMBNAIL) } } } }"""
LONG_AGO = datetime.now(UTC) - timedelta(hours=1, minutes=1)


async def urls(client: Client, sample: Sample) -> dict[str, str]:
    data = await client.ask(URLS, id=ids.encode(ids.Kind.SAMPLE, sample.id))
    found: dict[str, str] = data["node"]["image"]
    return found


@pytest.fixture
def changes() -> dict[str, Any]:
    """Settings that a test changes."""
    return {}


@pytest.fixture
def settings(settings: Settings, changes: dict[str, Any]) -> Settings:
    return settings.model_copy(update=changes)


@pytest.fixture
async def sample(services: Services) -> Sample:
    function = await build.function(services)
    [added] = await build.add(services, function, [make.picture(1, side=400)])
    return added


async def test_a_signed_url_serves_the_picture_and_its_thumbnail(
    client: Client, sample: Sample
) -> None:
    signed = await urls(client, sample)

    full = await client.http.get(signed["full"])
    thumbnail = await client.http.get(signed["thumbnail"])

    assert (full.status_code, full.content) == (200, make.picture(1, side=400))
    assert full.headers["content-type"] == "image/png"
    assert full.headers["etag"] == f'"{sample.sha256}-full"'
    assert full.headers["x-content-type-options"] == "nosniff"
    assert full.headers["content-security-policy"] == "default-src 'none'; sandbox"
    private, age, immutable = full.headers["cache-control"].split(", ")
    assert (private, immutable) == ("private", "immutable")
    assert 3_600 < int(age.removeprefix("max-age=")) <= 7_200
    assert (thumbnail.status_code, thumbnail.content[8:12]) == (200, b"WEBP")
    assert thumbnail.headers["content-type"] == "image/webp"


async def test_a_picture_that_is_also_html_is_served_as_a_picture_without_scripts(
    client: Client, services: Services
) -> None:
    function = await build.function(services)
    polyglot = make.picture(2) + b"<html><script>alert(1)</script></html>PK\x03\x04"
    [added] = await build.add(services, function, [polyglot])

    full = await client.http.get((await urls(client, added))["full"])

    assert (full.status_code, full.content) == (200, polyglot)
    assert full.headers["content-type"] == "image/png"
    assert full.headers["x-content-type-options"] == "nosniff"
    assert full.headers["content-security-policy"] == "default-src 'none'; sandbox"


CHROMIUM = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
SAFARI = "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,*/*;q=0.8"


@pytest.mark.parametrize("kind", ["embedded"])
@pytest.mark.parametrize(("format", "media_type"), [("TIFF", "image/tiff"), ("HEIF", "image/heic")])
async def test_a_browser_gets_a_webp_of_formats_that_it_cannot_show(
    client: Client, services: Services, format: str, media_type: str
) -> None:
    function = await build.function(services)
    file = BytesIO()
    Image.new("RGB", (300, 200), (200, 60, 50)).save(file, format)
    [added] = await build.add(services, function, [file.getvalue()])
    url = (await urls(client, added))["full"]

    by_program = await client.http.get(url)
    by_browser = await client.http.get(url, headers={"Accept": CHROMIUM})
    by_safari = await client.http.get(url, headers={"Accept": SAFARI})
    tag = by_browser.headers["etag"]
    again = await client.http.get(url, headers={"Accept": CHROMIUM, "If-None-Match": tag})

    assert (by_program.content, by_program.headers["content-type"]) == (file.getvalue(), media_type)
    assert by_browser.headers["content-type"] == "image/webp"
    with Image.open(BytesIO(by_browser.content)) as seen:
        assert (seen.format, seen.size) == ("WEBP", (300, 200))
        color = np.array(seen.convert("RGB").getpixel((150, 100)))
    assert np.abs(color - (200, 60, 50)).max() <= 6
    assert again.status_code == 304
    assert tag != by_program.headers["etag"]
    assert {answer.headers["vary"] for answer in (by_program, by_browser)} == {"Accept"}
    assert (by_safari.content == file.getvalue()) is (media_type == "image/heic")


APP, OTHER = "https://app.example", "https://app.example.evil"
ONE, ALL = {"cors_origins": APP}, {"cors_origins": "*"}


@pytest.mark.parametrize(
    ("changes", "headers", "policy", "vary"),
    [
        ({}, {"Referer": f"{APP}/"}, "same-site", None),
        (ALL, {"Referer": f"{OTHER}/"}, "cross-origin", "Origin"),
        (ALL, {}, "cross-origin", "Origin"),
        (ONE, {"Referer": f"{APP}/"}, "cross-origin", "Referer, Origin"),
        (ONE, {"Referer": f"{APP}/a/page?of=it"}, "cross-origin", "Referer, Origin"),
        (ONE, {"Referer": f"{OTHER}/"}, "same-site", "Referer, Origin"),
        (ONE, {"Referer": "http://app.example/"}, "same-site", "Referer, Origin"),
        (ONE, {"Referer": "http://[/"}, "same-site", "Referer, Origin"),
        (ONE, {}, "same-site", "Referer, Origin"),
        (ONE, {"Referer": "http://test/", "Sec-Fetch-Site": "same-origin"}, "same-site", "Origin"),
    ],
)
async def test_pages_of_allowed_origins_may_show_a_picture_and_others_may_not(
    client: Client, sample: Sample, headers: dict[str, str], policy: str, vary: str | None
) -> None:
    signed = await urls(client, sample)

    answer = await client.http.get(signed["full"], headers=headers)

    assert answer.status_code == 200
    assert answer.headers["cross-origin-resource-policy"] == policy
    assert answer.headers.get("vary") == vary


async def test_a_cached_picture_is_not_sent_again(client: Client, sample: Sample) -> None:
    signed = await urls(client, sample)
    tag = {"If-None-Match": f'"{sample.sha256}-full"'}

    answer = await client.http.get(signed["full"], headers=tag)

    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_changed_or_expired_url_is_refused(
    client: Client, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = (await urls(client, sample))["full"]
    other = PictureUrls("http://test", "another secret")
    forged = other.sign(sample.sha256, Kind.FULL, "image/png")
    monkeypatch.setattr("server.auth.picture_urls.time.time", lambda: 0.0)
    expired = PictureUrls("http://test", await signing_secret("url_secret")).sign(
        sample.sha256, Kind.FULL, "image/png"
    )
    monkeypatch.undo()

    for url in (signed[:-1], signed + "a", forged, expired, "http://test/pictures/nonsense"):
        answer = await client.http.get(url)
        assert (answer.status_code, answer.text) == (
            403,
            "This link has expired; ask for a new one.",
        )


async def test_a_picture_that_was_deleted_is_not_found(
    client: Client, services: Services, sample: Sample
) -> None:
    signed = await urls(client, sample)
    await trash.delete(services, [sample.id], permanently=True)
    assert (await client.http.get(signed["full"])).status_code == 200  # for the grace period
    await Orphan.all().update(since=LONG_AGO)

    await tasks.tidy({"services": services})

    answers = [await client.http.get(url) for url in signed.values()]
    assert [(one.status_code, one.text) for one in answers] == [
        (404, "This picture was deleted.")
    ] * 2


async def test_the_sweep_deletes_only_unreferenced_pictures_and_only_after_the_grace_period(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    other = await build.function(services, name="Other")
    old, new, shared, kept = await build.add(
        services, function, [make.picture(seed) for seed in range(4)]
    )
    await build.add(services, other, [make.picture(2)])
    await run_jobs()
    await trash.delete(services, [old.id, new.id, shared.id], permanently=True)
    await Orphan.create(sha256=kept.sha256)  # as a crash can leave it
    await Orphan.exclude(sha256=new.sha256).update(since=LONG_AGO)

    assert await orphans.sweep(services) == 1

    for row, there in ((old, False), (new, True), (shared, True), (kept, True)):
        for kind in Kind:
            assert await services.storage.exists(row.sha256, kind) is there
    assert [row.sha256 for row in await Orphan.all()] == [new.sha256]
    assert await Embedding.filter(sha256=old.sha256).count() == 0


async def test_an_upload_during_a_sweep_keeps_its_picture(
    services: Services, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trash.delete(services, [sample.id], permanently=True)
    await Orphan.all().update(since=LONG_AGO)
    put = Storage.put

    async def sweep_first(
        storage: Storage, sha256: str, data: bytes, kind: Kind = Kind.FULL
    ) -> None:
        await put(storage, sha256, data, kind)
        await orphans.sweep(services)

    monkeypatch.setattr(Storage, "put", sweep_first)
    function = await build.function(services, name="Other")
    [again] = await build.add(services, function, [make.picture(1, side=400)])

    assert again.sha256 == sample.sha256
    assert await services.storage.get(again.sha256) == make.picture(1, side=400)
    assert await Orphan.all().count() == 0


async def test_the_picture_of_a_refused_upload_is_deleted_by_the_sweep(
    services: Services, sample: Sample
) -> None:
    entry = uploads.NewSample(make.picture(2), ("input",), external_id="dish")
    taken = uploads.NewSample(make.picture(3), ("input",), external_id="dish")

    added = await uploads.add(services, sample.function_id, [entry, taken])

    assert [one.error and one.error.code for one in added] == [None, "TAKEN"]
    assert await Orphan.all().count() == 1


@pytest.mark.parametrize("policy", [uploads.DuplicatePolicy.SKIP, uploads.DuplicatePolicy.REJECT])
async def test_a_refused_picture_creates_no_label(
    services: Services, sample: Sample, policy: uploads.DuplicatePolicy
) -> None:
    choice = annotations.LabelChoice(name="New")
    entry = uploads.NewSample(make.picture(1, side=400), ("input",), label=choice)

    [added] = await uploads.add(services, sample.function_id, [entry], duplicates=policy)

    assert added.duplicate
    assert await Label.filter(name="New").count() == 0
