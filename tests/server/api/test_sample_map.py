"""The map of a function's samples."""

import pytest

from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Sample
from server import ids
from tests import build, make
from tests.client import Client, Json
from tests.conftest import RunJobs

MAP = """query ($id: ID!, $first: Int! = 1000, $after: String) { function(id: $id) {
  sampleMap(first: $first, after: $after) { sampleIds x y labelIds predictedLabelIds confidences
  version endCursor } } }"""


async def read(client: Client, function: Function, **given: object) -> Json:
    data = await client.ask(MAP, id=ids.of_row(function), **given)
    page: Json = data["function"]["sampleMap"]
    return page


async def test_a_map_has_every_embedded_sample_in_pages_with_its_label_and_prediction(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 4)
    await build.add(services, function, [build.unseen_digit("0")])
    await run_jobs()
    await build.add(services, function, [make.picture(1)])  # it has no vector yet

    one = await read(client, function, first=6)
    two = await read(client, function, first=6, after=one["endCursor"])

    rows = await Sample.filter(function_id=function.id, embedded=True).order_by("-id")
    assert one["sampleIds"] + two["sampleIds"] == [ids.of_row(row) for row in rows]
    assert (len(one["x"]), len(two["y"]), two["endCursor"]) == (6, 3, None)
    assert (one["version"], two["version"]) == (1, 1)
    assert one["labelIds"][0] is None
    zero = ids.of_row(await build.label(function, "0"))
    assert one["predictedLabelIds"][0] == zero
    assert one["confidences"][0] == pytest.approx(rows[0].confidence)
    xs, labels = one["x"] + two["x"], one["labelIds"] + two["labelIds"]
    left = [x for x, label in zip(xs, labels, strict=True) if label == zero]
    right = [x for x, label in zip(xs, labels, strict=True) if label not in (zero, None)]
    assert max(left) < min(right) or max(right) < min(left)


async def test_a_map_without_a_model_has_places_and_no_version(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services, auto_train=False)
    empty = await read(client, function)
    await build.add_digits(services, function, 2)
    await run_jobs()

    page = await read(client, function)

    assert (empty["sampleIds"], empty["endCursor"]) == ([], None)
    assert (page["version"], len(page["sampleIds"])) == (None, 4)
    assert len({*zip(page["x"], page["y"], strict=True)}) == 4


async def test_a_page_of_the_map_has_bounds(client: Client, services: Services) -> None:
    function = await build.function(services)
    id = ids.of_row(function)

    for given in ({"first": 0}, {"first": 1001}, {"after": "here"}):
        [error] = (await client.answer(MAP, id=id, **given))["errors"]
        assert error["extensions"]["code"] == "INVALID"
