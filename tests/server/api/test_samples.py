"""Samples in the API: added, found and deleted."""

import base64
from typing import Any

from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind
from pigeonhole.tables import Function, Label, Orphan, Sample
from tests import make
from tests.client import Client, sample_ids

DELETE = """mutation ($input: DeleteSamplesInput!) { deleteSamples(input: $input) {
  deletedSampleIds errors { code path } } }"""
NOWHERE = "sm_00000000000000000000000000000000"


async def test_one_bad_picture_does_not_stop_the_others(client: Client) -> None:
    function = await client.create_function()

    payload = await client.add_samples(
        function["id"], [make.picture(1), b"not a picture", make.picture(2)]
    )

    assert payload["createdCount"] == 2
    assert payload["errors"] == []
    assert [result["error"] and result["error"]["code"] for result in payload["results"]] == [
        None,
        "UNREADABLE_IMAGE",
        None,
    ]
    assert payload["results"][1]["error"]["path"] == ["input", "samples", "1", "image"]
    assert await Sample.all().count() == 2


async def test_a_picture_is_stored_with_its_thumbnail_before_its_row(
    client: Client, services: Services
) -> None:
    function = await client.create_function()
    data = make.picture(1, side=600)

    payload = await client.add_samples(function["id"], [data])

    sha256 = payload["results"][0]["sample"]["image"]["sha256"]
    assert await services.storage.get(sha256) == data
    assert (await services.storage.get(sha256, Kind.THUMBNAIL))[8:12] == b"WEBP"


async def test_the_same_picture_uploaded_twice_is_one_sample(client: Client) -> None:
    function = await client.create_function()

    first = await client.add_samples(function["id"], [make.picture(1), make.picture(1)])
    again = await client.add_samples(function["id"], [make.picture(1)])

    assert [result["duplicate"] for result in first["results"]] == [False, True]
    assert again["results"][0]["duplicate"] is True
    assert len({*sample_ids(first), *sample_ids(again)}) == 1
    assert await Sample.all().count() == 1


async def test_the_duplicate_policy_decides_about_a_new_annotation(
    client: Client,
) -> None:
    function = await client.create_function()
    await client.add_samples(function["id"], [make.picture(1)], ["Soups"])

    for policy, name, code in (
        ("SKIP", "Soups", None),
        ("REJECT", "Soups", "TAKEN"),
        ("MERGE", "Desserts", None),
    ):
        payload = await client.add_samples(
            function["id"], [make.picture(1)], ["Desserts"], duplicates=policy
        )
        error = payload["results"][0]["error"]
        label = await Label.get(samples__function__name="Recipes")
        assert (label.name, error and error["code"]) == (name, code)


async def test_a_picture_can_be_a_data_uri_or_a_sample_of_another_function(
    client: Client,
) -> None:
    recipes = await client.create_function()
    other = await client.create_function(name="Other")
    [sample] = sample_ids(await client.add_samples(recipes["id"], [make.picture(1)]))
    uri = make.data_uri(make.picture(2))

    data = await client.ask(
        """mutation ($input: AddSamplesInput!) { addSamples(input: $input) { createdCount
             results { error { code path } } } }""",
        input={
            "functionId": other["id"],
            "samples": [
                {"image": {"dataUri": uri}, "externalId": "dish-2"},
                {"image": {"sampleId": sample}},
                {"image": {"dataUri": "data:image/png;base64,%%%"}},
                {"image": {"sampleId": NOWHERE}},
            ],
        },
    )
    found = await client.ask(
        """query ($id: ID!) { function(id: $id) { sampleByExternalId(externalId: "dish-2") {
             externalId source image { width height mediaType byteSize } } } }""",
        id=other["id"],
    )

    path = ["input", "samples"]
    assert data["addSamples"] == {
        "createdCount": 2,
        "results": [
            {"error": None},
            {"error": None},
            {"error": {"code": "INVALID", "path": [*path, "2", "image", "dataUri"]}},
            {"error": {"code": "NOT_FOUND", "path": [*path, "3", "image", "sampleId"]}},
        ],
    }
    assert found["function"]["sampleByExternalId"] == {
        "externalId": "dish-2",
        "source": "UPLOAD",
        "image": {
            "width": 48,
            "height": 48,
            "mediaType": "image/png",
            "byteSize": len(make.picture(2)),
        },
    }


SAME_IMAGE = """mutation ($input: AddSamplesInput!) { addSamples(input: $input) { createdCount
  results { duplicate sample { externalId annotation { label { name } } }
    error { code message path } } } }"""


async def test_a_second_external_id_of_an_image_is_a_conflict_and_changes_nothing(
    client: Client,
) -> None:
    function = await client.create_function(labels=["Soups", "Desserts"])
    image = {"dataUri": "data:;base64," + base64.b64encode(make.picture(1)).decode()}

    async def add(policy: str, *entries: dict[str, Any]) -> list[Any]:
        input = {"functionId": function["id"], "duplicates": policy}
        samples = [{"image": image, **entry} for entry in entries]
        answer = await client.ask(SAME_IMAGE, input={**input, "samples": samples})
        return list(answer["addSamples"]["results"])

    soups, desserts = {"labelName": "Soups"}, {"labelName": "Desserts"}
    [bare, named, same, other] = await add(
        "MERGE",
        {},
        {"externalId": "one", "annotation": soups},
        {"externalId": "one"},
        {"externalId": "two", "annotation": desserts},
    )
    [skipped] = await add("SKIP", {"externalId": "two", "annotation": desserts})

    kept = {"externalId": "one", "annotation": {"label": {"name": "Soups"}}}
    assert (bare["duplicate"], bare["error"]) == (False, None)
    assert (named["duplicate"], named["sample"]) == (True, kept)
    assert (same["duplicate"], same["sample"]) == (True, kept)
    assert other == {
        "duplicate": True,
        "sample": None,
        "error": {
            "code": "CONFLICT",
            "message": "The function already has this image, with the external ID 'one', and "
            "nothing was changed. Omit `externalId` to use that sample.",
            "path": ["input", "samples", "3", "externalId"],
        },
    }
    assert skipped == {"duplicate": True, "sample": kept, "error": None}


async def test_deleting_samples_keeps_pictures_that_other_samples_have(client: Client) -> None:
    function = await client.create_function()
    other = await client.create_function(name="Other")
    shared, own = sample_ids(
        await client.add_samples(function["id"], [make.picture(1), make.picture(2)])
    )
    await client.add_samples(other["id"], [make.picture(1)])
    own_sha256 = (await Sample.all().order_by("id"))[1].sha256

    data = await client.ask(DELETE, input={"ids": [shared, own], "permanently": True})

    assert data["deleteSamples"] == {"deletedSampleIds": [shared, own], "errors": []}
    assert await Sample.all().count() == 1
    assert [orphan.sha256 for orphan in await Orphan.all()] == [own_sha256]


async def test_deleting_a_label_moves_its_annotations_or_removes_them(client: Client) -> None:
    function = await client.create_function(labels=["Soups", "Broths", "Desserts"])
    soups, broths, desserts = (label["id"] for label in function["labels"]["nodes"])
    await client.add_samples(
        function["id"], [make.picture(n) for n in range(3)], ["Broths", "Desserts", "Soups"]
    )
    delete = """mutation ($input: DeleteLabelInput!) { deleteLabel(input: $input) {
      errors { code path } } }"""

    merged = await client.ask(delete, input={"id": broths, "moveToLabelId": soups})
    removed = await client.ask(delete, input={"id": desserts})
    itself = await client.ask(delete, input={"id": soups, "moveToLabelId": soups})

    assert merged["deleteLabel"]["errors"] == removed["deleteLabel"]["errors"] == []
    assert itself["deleteLabel"]["errors"] == [
        {"code": "CONFLICT", "path": ["input", "moveToLabelId"]}
    ]
    assert await Sample.filter(label__name="Soups").count() == 2
    assert await Sample.filter(label_id=None, annotated_at=None).count() == 1


async def test_deleting_a_function_deletes_its_rows_and_pictures(
    client: Client,
) -> None:
    function = await client.create_function(labels=["Soups"])
    await client.add_samples(function["id"], [make.picture(1)], ["Soups"])

    data = await client.ask(
        """mutation ($input: DeleteFunctionInput!) { deleteFunction(input: $input) {
             deletedFunctionId errors { code } } }""",
        input={"id": function["id"]},
    )

    assert data["deleteFunction"] == {"deletedFunctionId": function["id"], "errors": []}
    assert [await row.all().count() for row in (Function, Label, Sample)] == [0, 0, 0]
    assert await Orphan.all().count() == 1


async def test_an_empty_batch_and_one_of_more_than_a_hundred_are_refused(client: Client) -> None:
    empty = await client.ask(DELETE, input={"ids": []})
    long = await client.ask(DELETE, input={"ids": [NOWHERE] * 101})

    assert empty["deleteSamples"]["errors"] == [{"code": "REQUIRED", "path": ["input", "ids"]}]
    assert long["deleteSamples"]["errors"] == [{"code": "TOO_LONG", "path": ["input", "ids"]}]
