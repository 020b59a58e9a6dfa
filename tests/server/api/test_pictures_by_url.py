"""Pictures by URL in the API."""

from collections.abc import AsyncIterator

import pytest

from pigeonhole import tables
from pigeonhole.settings import Settings
from tests import make
from tests.client import Client
from tests.conftest import RunJobs
from tests.pigeonhole.hosts import Host, serving

ADD = """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
  createdCount
  results { sample { fileName image { byteSize mediaType } } error { code message path } } } }"""
INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) {
  invocation { prediction { label { name } } } errors { code message path } } }"""
BATCH = """mutation ($input: InvokeBatchInput!) { invokeBatch(input: $input) {
  results { invocation { id } error { code message path } } errors { code } } }"""


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with serving() as host:
        yield host


@pytest.fixture
def settings(settings: Settings, host: Host) -> Settings:
    return settings.model_copy(
        update={"fetch_allowed_hosts": "127.0.0.1", "fetch_ports": str(host.port)}
    )


async def test_samples_are_added_by_url_and_each_succeeds_or_fails_on_its_own(
    client: Client, host: Host
) -> None:
    host.gives("/a/the%20first.png?size=2", make.picture(1), content_type="image/png")
    host.gives("/text.png", b"not a picture", content_type="image/png")
    function = await client.create_function()
    urls = [
        host.url("/a/the%20first.png?size=2", "127.0.0.1"),
        host.url("/text.png", "127.0.0.1"),
        host.url("/1.png", "127.0.0.2"),
    ]

    data = await client.ask(
        ADD,
        input={"functionId": function["id"], "samples": [{"image": {"url": url}} for url in urls]},
    )

    first, unreadable, inside = data["addSamples"]["results"]
    assert data["addSamples"]["createdCount"] == await tables.Sample.all().count() == 1
    assert first == {
        "sample": {
            "fileName": "the first.png",
            "image": {"byteSize": len(make.picture(1)), "mediaType": "image/png"},
        },
        "error": None,
    }
    assert unreadable["error"]["code"] == "UNREADABLE_IMAGE"
    assert unreadable["error"]["path"] == ["input", "samples", "1", "image"]
    assert inside == {
        "sample": None,
        "error": {
            "code": "URL_NOT_FETCHED",
            "message": "The URL could not be fetched.",
            "path": ["input", "samples", "2", "image", "url"],
        },
    }
    assert len(host.heard) == 2


async def test_a_function_is_invoked_by_url(client: Client, host: Host, run_jobs: RunJobs) -> None:
    host.gives("/1.png", make.picture(1), content_type="image/png")
    function = await client.create_function(labels=["cat", "dog"])
    pictures = [make.picture(seed) for seed in range(8)]
    await client.add_samples(function["id"], pictures, ["cat", "dog"] * 4)
    await run_jobs()
    image = {"url": host.url("/1.png", "127.0.0.1")}
    inside = {"url": host.url("/1.png", "127.0.0.2")}

    one = await client.ask(INVOKE, input={"functionId": function["id"], "image": image})
    refused = await client.ask(INVOKE, input={"functionId": function["id"], "image": inside})
    many = await client.ask(
        BATCH, input={"functionId": function["id"], "images": [image, inside, image]}
    )

    assert one["invoke"]["errors"] == []
    assert one["invoke"]["invocation"]["prediction"]["label"]["name"] in ("cat", "dog")
    assert refused["invoke"] == {
        "invocation": None,
        "errors": [
            {
                "code": "URL_NOT_FETCHED",
                "message": "The URL could not be fetched.",
                "path": ["input", "image", "url"],
            }
        ],
    }
    assert [result["error"] for result in many["invokeBatch"]["results"]] == [
        None,
        {
            "code": "URL_NOT_FETCHED",
            "message": "The URL could not be fetched.",
            "path": ["input", "images", "1", "url"],
        },
        None,
    ]
    assert await tables.Invocation.all().count() == 3
