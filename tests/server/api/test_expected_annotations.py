"""Two people annotate at once: a write with an expected annotation overwrites nobody's."""

from typing import Any

import pytest

from pigeonhole.tables import AuditEntry, Function, Label
from tests import make
from tests.client import Client

RESULTS = (
    "results { sample { annotation { label { name } } } error { code path } } errors { code path }"
)
ANNOTATE = f"""mutation ($input: AnnotateSamplesInput!) {{ annotateSamples(input: $input) {{
  samples {{ id }} {RESULTS} }} }}"""
CLEAR = f"""mutation ($input: ClearAnnotationsInput!) {{ clearAnnotations(input: $input) {{
  samples {{ id }} {RESULTS} }} }}"""


def annotated(name: str | None) -> Any:
    return name and {"label": {"name": name}}


@pytest.fixture
async def given(client: Client) -> dict[str, str]:
    """Create a function with two labels, a soup and a sample without label; return IDs by name."""
    function = await client.create_function(labels=["Soups", "Desserts"])
    pictures = [make.picture(1), make.picture(2)]
    added = await client.add_samples(function["id"], pictures, ["Soups", None])
    found = {label["name"]: label["id"] for label in function["labels"]["nodes"]}
    first, second = (result["sample"]["id"] for result in added["results"])
    return {**found, "first": first, "second": second}


async def test_a_sample_that_is_not_as_expected_stays_as_it_is_and_others_are_annotated(
    client: Client, given: dict[str, str]
) -> None:
    desserts = {"labelId": given["Desserts"]}
    before = (await Function.get()).revision

    entries = [
        {"sampleId": given[name], "label": desserts, "expected": {"labelId": None}}
        for name in ("first", "second")
    ]
    answer = (await client.ask(ANNOTATE, input={"annotations": entries}))["annotateSamples"]

    error = {"code": "CONFLICT", "path": ["input", "annotations", "0"]}
    assert answer == {
        "samples": [{"id": given["first"]}, {"id": given["second"]}],
        "results": [
            {"sample": {"annotation": annotated("Soups")}, "error": error},
            {"sample": {"annotation": annotated("Desserts")}, "error": None},
        ],
        "errors": [],
    }
    assert (await Function.get()).revision == before + 1


async def test_a_sample_that_is_as_expected_is_annotated(
    client: Client, given: dict[str, str]
) -> None:
    entry = {
        "sampleId": given["first"],
        "label": {"labelId": given["Desserts"]},
        "expected": {"labelId": given["Soups"]},
    }
    answer = (await client.ask(ANNOTATE, input={"annotations": [entry]}))["annotateSamples"]

    assert answer["results"] == [{"sample": {"annotation": annotated("Desserts")}, "error": None}]


async def test_a_conflict_creates_no_label_and_no_audit_entry(
    client: Client, given: dict[str, str]
) -> None:
    logged = await AuditEntry.all().count()

    entry = {
        "sampleId": given["first"],
        "label": {"labelName": "New"},
        "expected": {"labelId": given["Desserts"]},
    }
    answer = (await client.ask(ANNOTATE, input={"annotations": [entry]}))["annotateSamples"]

    assert answer["results"][0]["error"]["code"] == "CONFLICT"
    assert await Label.filter(name="New").count() == 0
    assert await AuditEntry.all().count() == logged


async def test_an_annotation_is_cleared_only_if_it_is_the_expected_one(
    client: Client, given: dict[str, str]
) -> None:
    async def clear(label: str) -> Any:
        input = {"sampleIds": [given["first"]], "expectedLabelIds": [given[label]]}
        return (await client.ask(CLEAR, input=input))["clearAnnotations"]["results"]

    kept = await clear("Desserts")
    cleared = await clear("Soups")

    error = {"code": "CONFLICT", "path": ["input", "sampleIds", "0"]}
    assert kept == [{"sample": {"annotation": annotated("Soups")}, "error": error}]
    assert cleared == [{"sample": {"annotation": None}, "error": None}]


async def test_expectations_with_the_wrong_number_or_an_unknown_label_change_nothing(
    client: Client, given: dict[str, str]
) -> None:
    few = await client.ask(CLEAR, input={"sampleIds": [given["first"]], "expectedLabelIds": []})
    wrong = await client.ask(
        CLEAR, input={"sampleIds": [given["first"]], "expectedLabelIds": [given["second"]]}
    )

    path = ["input", "expectedLabelIds"]
    assert few["clearAnnotations"]["errors"] == [{"code": "INVALID", "path": path}]
    assert wrong["clearAnnotations"]["errors"] == [{"code": "NOT_FOUND", "path": [*path, "0"]}]
    assert await Label.filter(name="Soups", samples__id__isnull=False).count() == 1
