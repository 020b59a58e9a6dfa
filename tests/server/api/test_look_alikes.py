"""Labels that look alike are one label, wherever a label is named."""

import base64
from typing import Any

import pytest

from pigeonhole import look_alikes
from pigeonhole.tables import Function, Label, Sample
from server import ids
from tests import make
from tests.client import Client

CYRILLIC = "S\u043eup"  # its second letter is Cyrillic
HIDDEN = "So\u200bup"
ADD = """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
  results { sample { annotation { label { id name } } } error { code } } } }"""
CREATE = """mutation ($input: CreateLabelInput!) { createLabel(input: $input) {
  label { id name } errors { code message path } } }"""
UPDATE = """mutation ($input: UpdateLabelInput!) { updateLabel(input: $input) {
  label { name } errors { code message } } }"""
FUNCTION = """mutation ($input: CreateFunctionInput!) { createFunction(input: $input) {
  function { name } errors { code message path } } }"""


def sample(seed: int, label: str) -> dict[str, Any]:
    uri = "data:;base64," + base64.b64encode(make.picture(seed)).decode()
    return {"image": {"dataUri": uri}, "annotation": {"labelName": label}}


@pytest.mark.parametrize(
    "name", ["SOUP", CYRILLIC, HIDDEN, "\u202eSoup", "\uff33\uff4f\uff55\uff50"]
)
async def test_a_label_that_looks_like_another_is_not_created(client: Client, name: str) -> None:
    function = await client.create_function(labels=["Soup", "Dessert"])
    soup, dessert = function["labels"]["nodes"]

    created = await client.ask(CREATE, input={"functionId": function["id"], "name": name})
    renamed = await client.ask(UPDATE, input={"id": dessert["id"], "name": name})
    kept = await client.ask(UPDATE, input={"id": soup["id"], "name": name})
    twice = await client.ask(FUNCTION, input={"name": "Other", "labels": ["Soup", name]})
    added = await client.ask(
        ADD, input={"functionId": function["id"], "samples": [sample(1, name)]}
    )

    assert [error["code"] for error in created["createLabel"]["errors"]] == ["TAKEN"]
    assert [error["code"] for error in renamed["updateLabel"]["errors"]] == ["TAKEN"]
    assert kept["updateLabel"]["errors"] == []
    [error] = twice["createFunction"]["errors"]
    assert (error["code"], error["path"]) == ("TAKEN", ["input", "labels", "1"])
    [result] = added["addSamples"]["results"]
    assert result["sample"]["annotation"]["label"]["id"] == soup["id"]
    assert await Label.all().count() == 2
    assert await Function.all().count() == 1


async def test_a_name_is_shown_as_it_was_entered(client: Client) -> None:
    function = await client.create_function()

    created = await client.ask(CREATE, input={"functionId": function["id"], "name": CYRILLIC})
    refused = await client.ask(CREATE, input={"functionId": function["id"], "name": "Soup"})

    assert created["createLabel"]["label"]["name"] == CYRILLIC
    assert refused["createLabel"]["errors"] == [
        {
            "code": "TAKEN",
            "message": f"The label {CYRILLIC}, which looks like Soup, already exists in this "
            "function.",
            "path": ["input", "name"],
        }
    ]


@pytest.mark.parametrize("name", ["\u200b", "\u00ad\u202e", "\u3164"])
async def test_an_invisible_name_is_refused(client: Client, name: str) -> None:
    function = await client.create_function()

    label = await client.ask(CREATE, input={"functionId": function["id"], "name": name})
    other = await client.ask(FUNCTION, input={"name": name})

    assert [error["code"] for error in label["createLabel"]["errors"]] == ["REQUIRED"]
    assert [error["code"] for error in other["createFunction"]["errors"]] == ["REQUIRED"]


async def test_older_labels_that_look_alike_stay_and_each_is_found_by_its_name(
    client: Client,
) -> None:
    function = await client.create_function(labels=["Soup"])
    row = await Function.get()
    old = [
        await Label.create(function_id=row.id, name=name, name_key=look_alikes.folded(name))
        for name in (CYRILLIC, HIDDEN)
    ]

    added = await client.ask(
        ADD,
        input={
            "functionId": function["id"],
            "samples": [sample(1, "soup"), sample(2, CYRILLIC), sample(3, "Dessert")],
        },
    )
    renamed = await client.ask(
        UPDATE, input={"id": ids.encode(ids.Kind.LABEL, old[1].id), "name": "Broth"}
    )

    found = [one["sample"]["annotation"]["label"] for one in added["addSamples"]["results"]]
    assert [label["name"] for label in found] == ["Soup", CYRILLIC, "Dessert"]
    assert renamed["updateLabel"] == {"label": {"name": "Broth"}, "errors": []}
    assert await Label.all().count() == 4
    assert await Sample.filter(label_id=old[0].id).count() == 1


async def test_an_older_function_is_found_by_a_name_with_hidden_characters(
    client: Client,
) -> None:
    await client.create_function(name="Recipes")
    await Function.all().update(name=HIDDEN, name_key=look_alikes.folded(HIDDEN))

    data = await client.ask(
        "query ($name: String!) { functionByName(name: $name) { name } }", name=HIDDEN
    )

    assert data["functionByName"] == {"name": HIDDEN}
