"""Pictures: served to who holds a signed URL, kept while a row names them, then swept."""

from datetime import UTC, datetime, timedelta

import pytest

from pigeonhole import pictures, samples, uploads
from pigeonhole.models import Embedding, Label, Orphan, Sample
from pigeonhole.services import Services
from pigeonhole.storage import Kind, Storage
from server import ids
from server.picture_urls import PictureUrls, url_secret
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


async def test_a_picture_that_is_a_page_too_is_served_as_a_picture_that_runs_nothing(
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


async def test_a_picture_that_the_caller_has_is_not_sent_again(
    client: Client, sample: Sample
) -> None:
    signed = await urls(client, sample)
    tag = {"If-None-Match": f'"{sample.sha256}-full"'}

    answer = await client.http.get(signed["full"], headers=tag)

    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_url_that_was_tampered_with_or_has_expired_is_refused(
    client: Client, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = (await urls(client, sample))["full"]
    other = PictureUrls("http://test", "another secret")
    forged = other.sign(sample.sha256, Kind.FULL, "image/png")
    monkeypatch.setattr("server.picture_urls.time.time", lambda: 0.0)
    expired = PictureUrls("http://test", await url_secret()).sign(
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
    await samples.delete(services, [sample.id])
    assert (await client.http.get(signed["full"])).status_code == 200  # for the grace
    await Orphan.all().update(since=LONG_AGO)

    await tasks.sweep({"services": services})

    answers = [await client.http.get(url) for url in signed.values()]
    assert [(one.status_code, one.text) for one in answers] == [
        (404, "This picture was deleted.")
    ] * 2


async def test_the_sweep_takes_what_nobody_names_after_the_grace_and_nothing_else(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    other = await build.function(services, name="Other")
    old, new, shared, kept = await build.add(
        services, function, [make.picture(seed) for seed in range(4)]
    )
    await build.add(services, other, [make.picture(2)])
    await run_jobs()
    await samples.delete(services, [old.id, new.id, shared.id])
    await Orphan.create(sha256=kept.sha256)  # as a crash may leave it
    await Orphan.exclude(sha256=new.sha256).update(since=LONG_AGO)

    assert await pictures.sweep(services) == 1

    for row, there in ((old, False), (new, True), (shared, True), (kept, True)):
        for kind in Kind:
            assert await services.storage.exists(row.sha256, kind) is there
    assert [row.sha256 for row in await Orphan.all()] == [new.sha256]
    assert await Embedding.filter(sha256=old.sha256).count() == 0


async def test_an_upload_that_meets_a_sweep_keeps_its_picture(
    services: Services, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    await samples.delete(services, [sample.id])
    await Orphan.all().update(since=LONG_AGO)
    put = Storage.put

    async def sweep_first(
        storage: Storage, sha256: str, data: bytes, kind: Kind = Kind.FULL
    ) -> None:
        await put(storage, sha256, data, kind)
        await pictures.sweep(services)

    monkeypatch.setattr(Storage, "put", sweep_first)
    function = await build.function(services, name="Other")
    [again] = await build.add(services, function, [make.picture(1, side=400)])

    assert again.sha256 == sample.sha256
    assert await services.storage.get(again.sha256) == make.picture(1, side=400)
    assert await Orphan.all().count() == 0


async def test_an_upload_that_is_refused_leaves_its_picture_to_the_sweep(
    services: Services, sample: Sample
) -> None:
    entry = uploads.NewSample(make.picture(2), ("input",), external_id="dish")
    taken = uploads.NewSample(make.picture(3), ("input",), external_id="dish")

    added = await uploads.add(services, sample.function_id, [entry, taken])

    assert [one.error and one.error.code for one in added] == [None, "TAKEN"]
    assert await Orphan.all().count() == 1


@pytest.mark.parametrize("policy", [uploads.DuplicatePolicy.SKIP, uploads.DuplicatePolicy.REJECT])
async def test_a_picture_that_is_not_added_makes_no_label(
    services: Services, sample: Sample, policy: uploads.DuplicatePolicy
) -> None:
    choice = samples.LabelChoice(name="New")
    entry = uploads.NewSample(make.picture(1, side=400), ("input",), label=choice)

    [added] = await uploads.add(services, sample.function_id, [entry], duplicates=policy)

    assert added.duplicate
    assert await Label.filter(name="New").count() == 0
