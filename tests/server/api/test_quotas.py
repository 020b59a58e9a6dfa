"""Limits on the functions of an installation and on the samples of a function."""

import base64
from typing import Any

import pytest

from pigeonhole import tables
from pigeonhole.settings import Settings
from tests import make
from tests.client import Client
from tests.conftest import RunJobs

CREATE = """mutation ($input: CreateFunctionInput!) { createFunction(input: $input) {
  function { id } errors { code message path } } }"""
INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) {
  invocation { sample { id } } errors { code message path } } }"""
FULL = {
    "code": "LIMIT_REACHED",
    "message": "Limit of samples of this function reached. Delete some first.",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"max_functions": 2, "max_samples": 3})


async def test_the_settings_limit_the_number_of_functions(client: Client) -> None:
    await client.create_function(name="One")
    await client.create_function(name="Two")

    refused = await client.ask(CREATE, input={"name": "Three", "labels": ["cat"]})

    assert refused["createFunction"] == {
        "function": None,
        "errors": [
            {
                "code": "LIMIT_REACHED",
                "message": "Limit of 2 functions reached. Delete one first.",
                "path": [],
            }
        ],
    }
    assert await tables.Function.all().count() == 2
    assert await tables.Label.all().count() == 0


async def test_the_settings_limit_the_samples_of_a_function(client: Client) -> None:
    function = await client.create_function()
    pictures = [make.picture(seed) for seed in range(4)]
    await client.add_samples(function["id"], pictures[:2])

    added = await client.add_samples(
        function["id"], [pictures[0], *pictures[2:]], ["old", "new", "beyond"]
    )

    merged, created, refused = added["results"]
    assert added["createdCount"] == 1
    assert (merged["duplicate"], merged["error"]) == (True, None)
    assert (created["duplicate"], created["error"]) == (False, None)
    assert refused == {
        "duplicate": False,
        "sample": None,
        "error": {**FULL, "path": ["input", "samples", "2", "image"]},
    }
    assert await tables.Sample.all().count() == 3
    assert [label.name for label in await tables.Label.all().order_by("name")] == ["new", "old"]


async def test_a_full_function_can_be_invoked_and_keeps_the_picture_only_on_request(
    client: Client, run_jobs: RunJobs
) -> None:
    function = await client.create_function(labels=["cat", "dog"])
    id: Any = function["id"]
    await client.add_samples(id, [make.picture(seed) for seed in range(3)], ["cat", "dog", "cat"])
    await run_jobs()
    await tables.Function.all().update(capture_enabled=True, capture_below=1.1)
    image = {"dataUri": "data:;base64," + base64.b64encode(make.picture(9)).decode()}

    answered = await client.ask(INVOKE, input={"functionId": id, "image": image})
    told = await client.ask(INVOKE, input={"functionId": id, "image": image, "capture": True})

    assert answered["invoke"] == {"invocation": {"sample": None}, "errors": []}
    assert told["invoke"] == {
        "invocation": None,
        "errors": [{**FULL, "path": ["input", "image"]}],
    }
    assert await tables.Sample.all().count() == 3
