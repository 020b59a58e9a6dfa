"""Metadata of samples is checked, stored and shown."""

from typing import Any

import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import Sample
from tests.client import Client
from tests.server.api.test_file_names import data_uri

ADD = """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
  results { sample { id metadata } error { code path } } } }"""
ANNOTATE = """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
  results { sample { annotation { createdBy } } } errors { message } } }"""


async def added(client: Client, function: dict[str, Any], seed: int, metadata: Any) -> Any:
    sample = {"image": data_uri(seed), "metadata": metadata}
    said = await client.ask(ADD, input={"functionId": function["id"], "samples": [sample]})
    [result] = said["addSamples"]["results"]
    return result


async def test_metadata_is_stored_and_the_first_one_stays(client: Client) -> None:
    function = await client.create_function()

    given = await added(client, function, 1, {"city": "Bern", " note ": "", "none": None})
    again = await added(client, function, 1, {"city": "Rome"})
    bare = await added(client, function, 2, {})
    late = await added(client, function, 2, {"city": "Rome"})

    assert given["sample"]["metadata"] == {"city": "Bern", "note": ""}
    assert again["sample"] == given["sample"]  # what is there stays
    assert bare["sample"]["metadata"] is None
    assert late["sample"]["metadata"] == {"city": "Rome"}


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("text", "INVALID"),
        ([], "INVALID"),
        ({"count": 3}, "INVALID"),
        ({"": "x"}, "INVALID"),
        ({str(n): "x" for n in range(51)}, "TOO_LONG"),
        ({"note": "x" * 9_997}, "TOO_LONG"),
    ],
)
async def test_metadata_that_is_no_small_object_of_strings_is_refused(
    client: Client, metadata: Any, code: str
) -> None:
    function = await client.create_function()

    refused = await added(client, function, 1, metadata)

    assert refused["sample"] is None
    path = ["input", "samples", "0", "metadata"]
    assert refused["error"] == {"code": code, "path": path}
    assert await Sample.all().count() == 0


async def test_an_annotation_has_the_name_of_the_key_that_made_it(client: Client) -> None:
    function = await client.create_function(labels=["Soups"])
    sample = (await added(client, function, 1, None))["sample"]
    _, secret = await keys.create(name="Anna", scopes={ApiKeyScope.WRITE})

    said = await client.by(secret).ask(
        ANNOTATE,
        input={"annotations": [{"sampleId": sample["id"], "label": {"labelName": "Soups"}}]},
    )

    [result] = said["annotateSamples"]["results"]
    assert result["sample"]["annotation"]["createdBy"] == "Anna"
