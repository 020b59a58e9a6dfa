"""Functions and labels in the API."""

import pytest

from pigeonhole.tables import Function, Label
from tests.client import Client

UPDATE = """mutation ($input: UpdateFunctionInput!) { updateFunction(input: $input) {
  function { name description maxErrorRate
    capture { enabled below strange rareBelow randomShare dailyLimit } }
  errors { code path } } }"""
CREATE = """mutation ($input: CreateFunctionInput!) { createFunction(input: $input) {
  function { id } errors { code message path } } }"""
CREATE_LABEL = """mutation ($input: CreateLabelInput!) { createLabel(input: $input) {
  label { id name metadata } errors { code path } } }"""


async def test_a_new_function_reports_what_it_still_needs(client: Client) -> None:
    function = await client.create_function(labels=["Soups"])

    data = await client.ask(
        """query ($id: ID!) { function(id: $id) { state visibility inputType outputType autoTrain
             maxErrorRate readiness { trainable missing } model { id }
             sampleCounts { total annotated unannotated inReview } } }""",
        id=function["id"],
    )

    assert data["function"] == {
        "state": "COLLECTING",
        "visibility": "PRIVATE",
        "inputType": "IMAGE",
        "outputType": "CLASSIFICATION",
        "autoTrain": True,
        "maxErrorRate": 0.05,
        "readiness": {"trainable": False, "missing": ["At least two labels are required."]},
        "model": None,
        "sampleCounts": {"total": 0, "annotated": 0, "unannotated": 0, "inReview": 0},
    }


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"name": "  "}, "REQUIRED", ["input", "name"]),
        ({"name": "a" * 101}, "TOO_LONG", ["input", "name"]),
        ({"name": "a\u0000b"}, "INVALID", ["input", "name"]),
        ({"name": "new", "labels": ["A", "a"]}, "TAKEN", ["input", "labels", "1"]),
        ({"name": "new", "labels": ["A", ""]}, "REQUIRED", ["input", "labels", "1"]),
        ({"name": "RECIPES"}, "TAKEN", ["input", "name"]),
        ({"name": "new", "description": "a" * 2_001}, "TOO_LONG", ["input", "description"]),
    ],
)
async def test_an_invalid_function_is_refused_and_not_created(
    client: Client, input: dict[str, object], code: str, path: list[str]
) -> None:
    await client.create_function()

    data = await client.ask(CREATE, input=input)

    assert data["createFunction"]["function"] is None
    assert [(error["code"], error["path"]) for error in data["createFunction"]["errors"]] == [
        (code, path)
    ]
    assert await Function.all().count() == 1


async def test_omitted_settings_stay_and_given_ones_change(client: Client) -> None:
    function = await client.create_function(description="Photos of dishes")

    data = await client.ask(
        UPDATE,
        input={
            "id": function["id"],
            "maxErrorRate": 0.01,
            "capture": {"enabled": True, "strange": True, "rareBelow": 3, "randomShare": 0.01},
        },
    )
    cleared = await client.ask(UPDATE, input={"id": function["id"], "description": None})

    assert data["updateFunction"] == {
        "function": {
            "name": "Recipes",
            "description": "Photos of dishes",
            "maxErrorRate": 0.01,
            "capture": {
                "enabled": True,
                "below": 0.8,
                "strange": True,
                "rareBelow": 3,
                "randomShare": 0.01,
                "dailyLimit": 100,
            },
        },
        "errors": [],
    }
    assert cleared["updateFunction"]["function"]["description"] is None


async def test_an_error_rate_above_one_is_refused_and_nothing_changes(client: Client) -> None:
    function = await client.create_function()

    data = await client.ask(
        UPDATE, input={"id": function["id"], "name": "Other", "maxErrorRate": 1.5}
    )
    share = {"id": function["id"], "name": "Other", "capture": {"randomShare": 1.5}}
    random = await client.ask(UPDATE, input=share)

    assert data["updateFunction"]["errors"] == [
        {"code": "INVALID", "path": ["input", "maxErrorRate"]}
    ]
    assert random["updateFunction"]["errors"] == [
        {"code": "INVALID", "path": ["input", "capture", "randomShare"]}
    ]
    assert (await Function.get()).name == "Recipes"


async def test_functions_are_found_by_id_by_name_and_by_part_of_their_name(
    client: Client,
) -> None:
    recipes = await client.create_function(name="Recipes")
    await client.create_function(name="Straße")

    data = await client.ask(
        """query ($id: ID!) {
             node(id: $id) { id ... on Function { name } }
             nodes(ids: [$id, "fn_nonsense", ""]) { id }
             function(id: $id) { name }
             missing: function(id: "fn_00000000000000000000000000000000") { name }
             functionByName(name: "STRASSE") { name }
             functions(nameContains: "cip") { totalCount nodes { name } } }""",
        id=recipes["id"],
    )

    assert data == {
        "node": {"id": recipes["id"], "name": "Recipes"},
        "nodes": [{"id": recipes["id"]}, None, None],
        "function": {"name": "Recipes"},
        "missing": None,
        "functionByName": {"name": "Straße"},
        "functions": {"totalCount": 1, "nodes": [{"name": "Recipes"}]},
    }


async def test_a_label_is_created_renamed_and_deleted(client: Client) -> None:
    function = await client.create_function(labels=["Soups"])

    made = await client.ask(
        CREATE_LABEL,
        input={"functionId": function["id"], "name": "Desserts", "metadata": {"shelf": [1, 2.5]}},
    )
    label = made["createLabel"]["label"]
    renamed = await client.ask(
        """mutation ($input: UpdateLabelInput!) { updateLabel(input: $input) {
             label { name metadata } errors { code } } }""",
        input={"id": label["id"], "name": "Puddings"},
    )
    deleted = await client.ask(
        """mutation ($input: DeleteLabelInput!) { deleteLabel(input: $input) {
             deletedLabelId errors { code } } }""",
        input={"id": label["id"]},
    )

    assert label == {"id": label["id"], "name": "Desserts", "metadata": {"shelf": [1, 2.5]}}
    assert renamed["updateLabel"]["label"] == {"name": "Puddings", "metadata": {"shelf": [1, 2.5]}}
    assert deleted["deleteLabel"] == {"deletedLabelId": label["id"], "errors": []}
    assert [row.name for row in await Label.all()] == ["Soups"]


async def test_a_label_name_is_unique_in_its_function_without_regard_to_case(
    client: Client,
) -> None:
    function = await client.create_function(labels=["Soups"])
    other = await client.create_function(name="Other")

    same = await client.ask(CREATE_LABEL, input={"functionId": function["id"], "name": "SOUPS"})
    elsewhere = await client.ask(CREATE_LABEL, input={"functionId": other["id"], "name": "Soups"})

    assert same["createLabel"]["errors"] == [{"code": "TAKEN", "path": ["input", "name"]}]
    assert elsewhere["createLabel"]["errors"] == []


async def test_missing_objects_are_not_found(client: Client) -> None:
    nowhere = "fn_00000000000000000000000000000000"

    data = await client.ask(CREATE_LABEL, input={"functionId": nowhere, "name": "Soups"})
    wrong_kind = await client.ask(
        CREATE_LABEL, input={"functionId": "lb" + nowhere[2:], "name": "Soups"}
    )

    expected = {"label": None, "errors": [{"code": "NOT_FOUND", "path": ["input", "functionId"]}]}
    assert data["createLabel"] == wrong_kind["createLabel"] == expected
