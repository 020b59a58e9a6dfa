"""Text that no database can store, and text that databases take for patterns."""

from typing import Any

import pytest

from pigeonhole.tables import Function, Label
from tests.client import Client

UNSTORABLE = ["\0", "a\0b"]
FIND = """query ($id: ID!, $text: String!) { functionByName(name: $text) { id }
  function(id: $id) { sampleByExternalId(externalId: $text) { id } } }"""
CONTAINS = """query ($text: String) { functions(nameContains: $text) { nodes { name } } }"""


@pytest.mark.parametrize("text", [*UNSTORABLE, "", " ", "a" * 1_000, "👩\u200d🍳"])
async def test_nothing_is_found_by_a_text_that_is_no_name(client: Client, text: str) -> None:
    function = await client.create_function()

    answer = await client.answer(FIND, id=function["id"], text=text)

    assert answer["data"] == {"functionByName": None, "function": {"sampleByExternalId": None}}
    assert "errors" not in answer


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("%", ["100 %"]),
        ("_", ["a_b"]),
        ("\\", ["back\\slash"]),
        ("'", ["chef's"]),
        ("\0", []),
        ("a" * 1_000, []),
        ("", ["100 %", "a_b", "back\\slash", "chef's"]),
    ],
)
async def test_names_are_searched_literally_and_not_by_patterns(
    client: Client, text: str, found: list[str]
) -> None:
    for name in ("100 %", "a_b", "back\\slash", "chef's"):
        await client.create_function(name=name)

    data = await client.ask(CONTAINS, text=text)

    assert [node["name"] for node in data["functions"]["nodes"]] == found


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize(
    "wrap", [lambda text: text, lambda text: [{"a": text}], lambda text: {text: 1}]
)
async def test_metadata_that_no_database_can_store_is_refused(
    client: Client, text: str, wrap: Any
) -> None:
    function = await client.create_function(labels=["Soups"])
    label = function["labels"]["nodes"][0]["id"]

    answers = [
        await client.answer(
            """mutation ($input: CreateLabelInput!) { createLabel(input: $input) {
                 errors { code path } } }""",
            input={"functionId": function["id"], "name": "New", "metadata": wrap(text)},
        ),
        await client.answer(
            """mutation ($input: UpdateLabelInput!) { updateLabel(input: $input) {
                 errors { code path } } }""",
            input={"id": label, "metadata": wrap(text)},
        ),
    ]

    assert [[error["extensions"]["code"] for error in one["errors"]] for one in answers] == [
        ["BAD_USER_INPUT"]
    ] * 2
    assert await Label.all().count() == 1


@pytest.mark.parametrize("metadata", ["one", "", "1", "null", '{"a": 1}', 0, False, [], {}, ["1"]])
async def test_metadata_is_returned_as_it_was_given(client: Client, metadata: Any) -> None:
    function = await client.create_function()
    created = await client.ask(
        """mutation ($input: CreateLabelInput!) { createLabel(input: $input) {
             label { id metadata } errors { code } } }""",
        input={"functionId": function["id"], "name": "New", "metadata": metadata},
    )
    label = created["createLabel"]["label"]
    updated = await client.ask(
        """mutation ($input: UpdateLabelInput!) { updateLabel(input: $input) {
             label { metadata } errors { code } } }""",
        input={"id": label["id"], "metadata": [metadata]},
    )
    again = await client.ask(
        """mutation ($input: UpdateLabelInput!) { updateLabel(input: $input) {
             label { metadata } errors { code } } }""",
        input={"id": label["id"], "metadata": metadata},
    )
    read = await client.ask(
        "query ($id: ID!) { node(id: $id) { ... on Label { metadata } } }", id=label["id"]
    )

    assert label["metadata"] == metadata
    assert updated["updateLabel"]["label"] == {"metadata": [metadata]}
    assert again["updateLabel"]["label"] == {"metadata": metadata}
    assert read["node"] == {"metadata": metadata}


@pytest.mark.parametrize(
    "twist",
    [
        str.upper,
        lambda id: id + " ",
        lambda id: id + "\0",
        lambda id: id.replace("fn_", "../fn_"),
        lambda id: id.replace("fn_", "lb_"),
        lambda id: "fn_" + "\uff11" * 32,
        lambda id: f"{id[:11]}-{id[11:]}",
        lambda id: id[:-1],
        lambda id: id * 1_000,
        lambda id: "\u202e" + id,
    ],
)
async def test_an_id_that_is_not_exact_names_nothing(client: Client, twist: Any) -> None:
    id = twist((await client.create_function())["id"])
    query = """query ($id: ID!) { function(id: $id) { id } node(id: $id) { id }
      nodes(ids: [$id]) { id } }"""

    answer = await client.answer(query, id=id)
    deleted = await client.ask(
        """mutation ($id: ID!) { deleteFunction(input: {id: $id}) {
             deletedFunctionId errors { code message } } }""",
        id=id,
    )

    assert answer["data"] == {"function": None, "node": None, "nodes": [None]}
    assert deleted["deleteFunction"] == {
        "deletedFunctionId": None,
        "errors": [{"code": "NOT_FOUND", "message": "Function not found."}],
    }
    assert await Function.all().count() == 1
