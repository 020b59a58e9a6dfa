"""Annotations in the API: set, replaced, confirmed and cleared."""

from pigeonhole.tables import Function, Sample
from tests import make
from tests.client import Client, sample_ids

ANNOTATE = """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
  samples { annotation { label { name } source } } errors { code path } } }"""

CLEAR = """mutation ($input: ClearAnnotationsInput!) { clearAnnotations(input: $input) {
  samples { annotation { id } } errors { code path } } }"""

NOWHERE = "sm_" + "0" * 32


async def revision() -> int:
    return (await Function.get()).revision


async def test_annotations_are_set_replaced_and_cleared_and_each_change_is_one_revision(
    client: Client,
) -> None:
    function = await client.create_function(labels=["Soups"])
    label = function["labels"]["nodes"][0]["id"]
    first, second = sample_ids(
        await client.add_samples(function["id"], [make.picture(1), make.picture(2)])
    )
    before = await revision()

    both = await client.ask(
        ANNOTATE,
        input={
            "annotations": [
                {"sampleId": first, "label": {"labelId": label}},
                {"sampleId": second, "label": {"labelName": "Desserts"}},
            ]
        },
    )
    same = {"sampleId": first, "label": {"labelId": label}}
    await client.ask(ANNOTATE, input={"annotations": [same]})
    cleared = await client.ask(CLEAR, input={"sampleIds": [first]})
    await client.ask(CLEAR, input={"sampleIds": [first]})

    assert both["annotateSamples"]["samples"] == [
        {"annotation": {"label": {"name": "Soups"}, "source": "PERSON"}},
        {"annotation": {"label": {"name": "Desserts"}, "source": "PERSON"}},
    ]
    assert cleared["clearAnnotations"]["samples"] == [{"annotation": None}]
    assert await revision() == before + 2


async def test_an_annotation_is_confirmed_until_its_label_changes(client: Client) -> None:
    function = await client.create_function(labels=["Soups", "Broths"])
    soups, broths = (label["id"] for label in function["labels"]["nodes"])
    [sample] = sample_ids(await client.add_samples(function["id"], [make.picture(1)], ["Soups"]))
    before = await revision()

    async def annotated(label: str, **confirmed: bool | None) -> bool:
        said = {"sampleId": sample, "label": {"labelId": label}, **confirmed}
        data = await client.ask(
            """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
                 samples { annotation { confirmed } } } }""",
            input={"annotations": [said]},
        )
        [found] = data["annotateSamples"]["samples"]
        return bool(found["annotation"]["confirmed"])

    kept = [await annotated(soups, confirmed=True), await annotated(soups, confirmed=None)]
    withdrawn = await annotated(soups, confirmed=False)
    unchanged = await revision()
    other = [await annotated(broths, confirmed=True), await annotated(soups)]

    assert (kept, withdrawn, other) == ([True, True], False, [True, False])
    assert (unchanged - before, await revision() - before) == (0, 2)


async def test_a_cleared_or_changed_annotation_is_no_longer_confirmed(client: Client) -> None:
    function = await client.create_function(labels=["Soups", "Broths", "Desserts"])
    soups, broths, desserts = (label["id"] for label in function["labels"]["nodes"])
    pictures = [make.picture(n) for n in range(3)]
    found = sample_ids(
        await client.add_samples(function["id"], pictures, ["Soups", "Broths", "Desserts"])
    )
    await client.ask(
        ANNOTATE,
        input={
            "annotations": [
                {"sampleId": id, "label": {"labelId": label}, "confirmed": True}
                for id, label in zip(found, (soups, broths, desserts), strict=True)
            ]
        },
    )
    confirmed = await Sample.filter(confirmed=True).count()
    delete = """mutation ($input: DeleteLabelInput!) { deleteLabel(input: $input) {
      errors { code path } } }"""

    await client.ask(CLEAR, input={"sampleIds": [found[0]]})
    await client.ask(delete, input={"id": broths, "moveToLabelId": soups})
    await client.ask(delete, input={"id": desserts})

    assert (confirmed, await Sample.filter(confirmed=True).count()) == (3, 0)


async def test_one_invalid_annotation_refuses_all_of_them(client: Client) -> None:
    function = await client.create_function(labels=["Soups"])
    other = await client.create_function(name="Other", labels=["Soups"])
    [sample] = sample_ids(await client.add_samples(function["id"], [make.picture(1)]))
    label, foreign = (one["labels"]["nodes"][0]["id"] for one in (function, other))
    good = {"sampleId": sample, "label": {"labelId": label}}

    missing = await client.ask(
        ANNOTATE,
        input={"annotations": [good, {"sampleId": NOWHERE, "label": {"labelId": label}}]},
    )
    wrong = await client.ask(
        ANNOTATE,
        input={"annotations": [good, {"sampleId": sample, "label": {"labelId": foreign}}]},
    )

    path = ["input", "annotations", "1"]
    assert missing["annotateSamples"]["errors"] == [
        {"code": "NOT_FOUND", "path": [*path, "sampleId"]}
    ]
    assert wrong["annotateSamples"]["errors"] == [
        {"code": "CONFLICT", "path": [*path, "label", "labelId"]}
    ]
    assert await Sample.filter(label_id__isnull=False).count() == 0
