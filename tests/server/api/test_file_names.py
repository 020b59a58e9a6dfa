"""File names of samples and invocations are stored, shown and searched."""

import base64
from typing import Any

import pytest

from pigeonhole.services.services import Services
from tests import make
from tests.client import Client
from tests.conftest import RunJobs

ADD = """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
  results { sample { id fileName } error { message } } } }"""
INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) {
  invocation { id fileName sample { fileName } } errors { message } } }"""
FEEDBACK = """mutation ($input: GiveFeedbackInput!) { giveFeedback(input: $input) {
  sample { fileName } } }"""


def data_uri(seed: int) -> dict[str, str]:
    return {"dataUri": "data:;base64," + base64.b64encode(make.picture(seed)).decode()}


async def add(client: Client, function: dict[str, Any], *samples: dict[str, Any]) -> list[Any]:
    said = await client.ask(ADD, input={"functionId": function["id"], "samples": list(samples)})
    results = said["addSamples"]["results"]
    assert [one["error"] for one in results] == [None] * len(samples)
    return [one["sample"] for one in results]


async def found(client: Client, function: dict[str, Any], text: str) -> list[str]:
    data = await client.ask(
        """query ($id: ID!, $text: String) { function(id: $id) {
          samples(filter: {fileName: $text}) { nodes { fileName } } } }""",
        id=function["id"],
        text=text,
    )
    return sorted(node["fileName"] for node in data["function"]["samples"]["nodes"])


async def test_an_uploaded_file_keeps_its_name_without_its_folder(client: Client) -> None:
    function = await client.create_function()
    names = ["soup.png", "dir/Späte Äpfel.png", "C:\\photos\\a.png", "\u202egnp.exe"]
    input = {
        "functionId": function["id"],
        "samples": [{"image": {"upload": None}} for _ in names],
    }

    said = await client.upload(
        ADD,
        [(name, make.picture(seed)) for seed, name in enumerate(names)],
        [f"variables.input.samples.{index}.image.upload" for index in range(4)],
        {"input": input},
    )

    kept = [one["sample"]["fileName"] for one in said["addSamples"]["results"]]
    assert kept == ["soup.png", "Späte Äpfel.png", "a.png", "gnp.exe"]


async def test_a_file_name_is_given_copied_or_absent_and_the_first_one_stays(
    client: Client,
) -> None:
    function = await client.create_function()
    other = await client.create_function(name="Other")

    [bare, named] = await add(
        client, function, {"image": data_uri(1)}, {"image": data_uri(2), "fileName": "b/two.png"}
    )
    [late, again] = await add(
        client,
        function,
        {"image": data_uri(1), "fileName": "one.png"},
        {"image": data_uri(2), "fileName": "other.png"},
    )
    [copied] = await add(client, other, {"image": {"sampleId": named["id"]}})

    uri = data_uri(3)["dataUri"].replace(";base64", ";name=three.png;base64")
    [in_uri, told, nameless] = await add(
        client,
        function,
        {"image": {"dataUri": uri}},
        {"image": {"dataUri": uri.replace(",", ",\n")}, "fileName": "other.png"},
        {"image": {"sampleId": named["id"]}, "fileName": ""},
    )

    assert (bare["fileName"], named["fileName"]) == (None, "two.png")
    assert [one["fileName"] for one in (in_uri, told, nameless)] == [
        "three.png",
        "three.png",  # the same image
        "two.png",
    ]
    assert (late["fileName"], again["fileName"]) == ("one.png", "two.png")
    assert copied["fileName"] == "two.png"


async def test_samples_are_found_by_a_part_of_their_file_name(client: Client) -> None:
    function = await client.create_function()
    names = ["100%_Soup.JPG", "Apfel ÄPFEL.png", "1000 soups.jpg", "straße.png"]
    samples = [{"image": data_uri(seed), "fileName": name} for seed, name in enumerate(names)]
    await add(client, function, *samples, {"image": data_uri(9)})

    assert await found(client, function, "soup") == ["100%_Soup.JPG", "1000 soups.jpg"]
    assert await found(client, function, "0%_s") == ["100%_Soup.JPG"]
    assert await found(client, function, "äpfel") == ["Apfel ÄPFEL.png"]
    assert await found(client, function, "STRASSE") == ["straße.png"]
    assert await found(client, function, "\\") == []
    assert await found(client, function, "none") == []


@pytest.fixture
async def taught(services: Services, run_jobs: RunJobs, client: Client) -> dict[str, Any]:
    function = await client.create_function(labels=["cat", "dog"])
    pictures = [make.picture(seed) for seed in range(4)]
    await client.add_samples(function["id"], pictures, ["cat", "dog"] * 2)
    await run_jobs()
    return function


async def test_an_invoked_file_keeps_its_name_when_it_becomes_a_sample(
    client: Client, taught: dict[str, Any]
) -> None:
    input = {"functionId": taught["id"], "image": {"upload": None}}
    said = await client.upload(
        INVOKE, [("asked.png", make.picture(8))], ["variables.input.image.upload"], {"input": input}
    )
    invocation = said["invoke"]["invocation"]
    label = {"labelName": "cat"}
    kept = await client.ask(FEEDBACK, input={"invocationId": invocation["id"], "label": label})
    rest = await client.http.post(
        f"/v1/functions/{taught['id']}/invoke",
        headers=client.headers,
        files={"image": ("by rest.png", make.picture(9))},
    )
    by_rest = rest.json()["invocationId"]
    kept_too = await client.ask(FEEDBACK, input={"invocationId": by_rest, "label": label})

    assert (invocation["fileName"], invocation["sample"]) == ("asked.png", None)
    assert kept["giveFeedback"]["sample"] == {"fileName": "asked.png"}
    assert kept_too["giveFeedback"]["sample"] == {"fileName": "by rest.png"}
