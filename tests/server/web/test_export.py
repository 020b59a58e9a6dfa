"""The export of a function as a zip file that other tools can open."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from pigeonhole.access import keys
from pigeonhole.function_export import folder_of
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.tables import Sample
from tests import make
from tests.client import Client
from tests.conftest import RunJobs


async def exported(client: Client, id: str, query: str = "") -> zipfile.ZipFile:
    """Return the zip file of a function."""
    answer = await client.http.get(f"/v1/functions/{id}/export{query}", headers=client.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def lines(file: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return the table in a zip file."""
    return [json.loads(line) for line in file.read("metadata.jsonl").decode().splitlines()]


async def test_a_zip_has_every_image_in_the_folder_of_its_label_and_a_line_for_each(
    client: Client,
) -> None:
    function = await client.create_function(labels=["Soups", "Sweet/sour"])
    pictures = [make.picture(seed) for seed in range(3)]
    added = await client.add_samples(function["id"], pictures, ["Soups", "Sweet/sour", None])
    ids = [result["sample"]["id"] for result in added["results"]]

    file = await exported(client, function["id"])

    assert file.testzip() is None
    table = lines(file)
    assert [line["sample_id"] for line in table] == ids
    assert [line["label"] for line in table] == ["Soups", "Sweet/sour", None]
    assert [line["file_name"].split("/")[0] for line in table] == [
        "Soups",
        "Sweet%2Fsour",
        "_unannotated",
    ]
    assert [file.read(line["file_name"]) for line in table] == pictures
    assert {line["annotation_source"] for line in table} == {"IMPORT", None}
    about = json.loads(file.read("function.json"))
    assert (about["format"], about["name"]) == (1, "Recipes")
    assert [label["name"] for label in about["labels"]] == ["Soups", "Sweet/sour"]


async def test_the_table_can_be_exported_without_the_images(client: Client) -> None:
    function = await client.create_function(labels=["Soups"])
    await client.add_samples(function["id"], [make.picture()], ["Soups"])

    file = await exported(client, function["id"], "?images=false")

    assert file.namelist() == ["function.json", "metadata.jsonl"]
    assert len(lines(file)) == 1


async def test_the_table_has_predictions_folds_and_metadata_in_every_format(
    client: Client, run_jobs: RunJobs, services: Services
) -> None:
    function = await client.create_function(labels=["cat", "dog"])
    await client.add_samples(
        function["id"], [make.picture(seed) for seed in range(6)], ["cat", "dog"] * 2 + [None] * 2
    )
    await Sample.filter(label_id=None).update(metadata={"city": "Bern"}, external_id=None)
    await run_jobs()
    services.encoding._vectors.clear()
    path = f"/v1/functions/{function['id']}/export?format="

    rows = lines(await exported(client, function["id"]))
    as_lines = await client.http.get(f"{path}jsonl", headers=client.headers)
    as_csv = await client.http.get(f"{path}csv", headers=client.headers)

    assert [row["fold"] is not None for row in rows] == [True] * 4 + [False] * 2
    assert {row["model_version"] for row in rows} == {1}
    assert {row["decision"] for row in rows} <= {"ACCEPT", "REVIEW", "NONE_OF_THESE"}
    assert {row["annotated_by"] for row in rows} == {"tests", None}
    assert [row["metadata"] for row in rows] == [None] * 4 + ['{"city": "Bern"}'] * 2
    assert [json.loads(line) for line in as_lines.text.splitlines()] == rows
    cells = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    assert list(cells[0]) == list(rows[0])
    assert [row["confidence"] for row in cells] == [str(row["confidence"]) for row in rows]
    assert cells[-1]["metadata"] == '{"city": "Bern"}'
    assert not services.encoding._vectors  # an export of any size keeps none in memory


async def test_an_export_needs_the_permission_to_read_the_function(
    client: Client, anonymous: Client
) -> None:
    function = await client.create_function()
    _, invoke = await keys.create(name="invoker", scopes={ApiKeyScope.INVOKE})
    path = f"/v1/functions/{function['id']}/export"

    stranger = await anonymous.http.get(path)
    invoker = await anonymous.http.get(path, headers=anonymous.by(invoke).headers)
    missing = await client.http.get(f"/v1/functions/fn_{'0' * 32}/export", headers=client.headers)
    unclear = await client.http.get(f"{path}?images=maybe", headers=client.headers)
    unknown = await client.http.get(f"{path}?format=xls", headers=client.headers)

    assert [a.status_code for a in (stranger, invoker, unclear, unknown)] == [401, 403, 400, 400]
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("label", "folder"),
    [
        ("Main courses", "Main courses"),
        ("a/b\\c", "a%2Fb%5Cc"),
        ("..", "%2E%2E"),
        ("_unannotated", "%5Funannotated"),
        ("50%", "50%25"),
        ("Süßes", "Süßes"),
    ],
)
def test_the_folder_of_a_label_has_a_name_that_any_file_system_accepts(
    label: str, folder: str
) -> None:
    assert folder_of(label) == folder
