"""The trash in the API: listed, restored, purged, and left out elsewhere."""

from typing import Any

from pigeonhole.tables import DeletedSample, Orphan
from tests import make
from tests.client import Client

DELETE = """mutation ($input: DeleteSamplesInput!) { deleteSamples(input: $input) {
  deletedSampleIds deletedSamples { id sampleId label { name } } errors { code path } } }"""
RESTORE = """mutation ($input: RestoreSamplesInput!) { restoreSamples(input: $input) {
  results { sample { id annotation { label { name } source } } error { code path } }
  errors { code path } } }"""
PURGE = """mutation ($input: PurgeSamplesInput!) { purgeSamples(input: $input) {
  purgedIds errors { code path } } }"""
LISTED = """query ($id: ID!) { function(id: $id) { sampleCounts { total annotated }
  samples { nodes { id } }
  deletedSamples { totalCount nodes { id sampleId deletedAt purgedAt label { name }
    image { url } } } } }"""


async def three(client: Client) -> tuple[str, list[str]]:
    """Create a function with three samples."""
    function = await client.create_function()
    pictures = [make.picture(n) for n in range(3)]
    added = await client.add_samples(function["id"], pictures, ["Soups", "Soups", "Desserts"])
    return function["id"], [result["sample"]["id"] for result in added["results"]]


async def listed(client: Client, id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.ask(LISTED, id=id))["function"]
    return found


async def test_deleted_samples_are_in_the_trash_and_nowhere_else(client: Client) -> None:
    id, [first, second, third] = await three(client)

    data = await client.ask(DELETE, input={"ids": [first]})
    await client.ask(DELETE, input={"ids": [third]})

    payload = data["deleteSamples"]
    assert (payload["deletedSampleIds"], payload["errors"]) == ([first], [])
    [deleted] = payload["deletedSamples"]
    assert (deleted["sampleId"], deleted["label"]) == (first, {"name": "Soups"})
    found = await listed(client, id)
    assert found["sampleCounts"] == {"total": 1, "annotated": 1}
    assert [node["id"] for node in found["samples"]["nodes"]] == [second]
    trash = found["deletedSamples"]
    assert trash["totalCount"] == 2
    assert [node["sampleId"] for node in trash["nodes"]] == [third, first]
    assert (await client.http.get(trash["nodes"][1]["image"]["url"])).content == make.picture(0)
    again = await client.ask("query ($id: ID!) { node(id: $id) { id } }", id=deleted["id"])
    assert again == {"node": {"id": deleted["id"]}}


async def test_each_sample_is_restored_with_its_annotation_or_has_an_error(client: Client) -> None:
    id, [first, second, _] = await three(client)
    data = await client.ask(DELETE, input={"ids": [first, second]})
    deleted = [one["id"] for one in data["deleteSamples"]["deletedSamples"]]
    await client.add_samples(id, [make.picture(1)])

    data = await client.ask(RESTORE, input={"ids": deleted})

    annotation = {"label": {"name": "Soups"}, "source": "IMPORT"}
    assert data["restoreSamples"] == {
        "results": [
            {"sample": {"id": first, "annotation": annotation}, "error": None},
            {"sample": None, "error": {"code": "CONFLICT", "path": ["input", "ids", "1"]}},
        ],
        "errors": [],
    }
    found = await listed(client, id)
    assert found["sampleCounts"] == {"total": 3, "annotated": 2}
    assert [node["id"] for node in found["deletedSamples"]["nodes"]] == [deleted[1]]


async def test_purged_and_permanently_deleted_samples_are_gone(client: Client) -> None:
    id, [first, second, _] = await three(client)
    data = await client.ask(DELETE, input={"ids": [first]})
    [deleted] = [one["id"] for one in data["deleteSamples"]["deletedSamples"]]

    purged = await client.ask(PURGE, input={"ids": [deleted]})
    data = await client.ask(DELETE, input={"ids": [second], "permanently": True})
    restored = await client.ask(RESTORE, input={"ids": [deleted]})

    assert purged["purgeSamples"] == {"purgedIds": [deleted], "errors": []}
    assert data["deleteSamples"]["deletedSamples"] == []
    assert restored["restoreSamples"] == {
        "results": [],
        "errors": [{"code": "NOT_FOUND", "path": ["input", "ids", "0"]}],
    }
    assert await DeletedSample.all().count() == 0
    assert await Orphan.all().count() == 2
    assert (await listed(client, id))["sampleCounts"]["total"] == 1
