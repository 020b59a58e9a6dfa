"""Near-duplicates: those of one sample, and all of a function in groups."""

import pytest

from pigeonhole.models import Function
from pigeonhole.services import Services
from server import ids
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs


@pytest.fixture
async def function(services: Services) -> Function:
    return await build.function(services)


async def test_near_duplicates_are_found_and_are_never_the_sample_itself(
    client: Client, services: Services, function: Function, run_jobs: RunJobs
) -> None:
    one, copy, other = await build.add(
        services, function, [make.picture(1), make.picture(1, format="WEBP"), make.picture(2)]
    )
    await run_jobs()

    data = await client.ask(
        """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Sample {
             nearDuplicates { id } } } }""",
        ids=[ids.encode(ids.Kind.SAMPLE, row.id) for row in (one, copy, other)],
    )

    expected = [[copy], [one], []]
    assert [[close["id"] for close in node["nearDuplicates"]] for node in data["nodes"]] == [
        [ids.encode(ids.Kind.SAMPLE, row.id) for row in rows] for rows in expected
    ]


GROUPS = """query ($id: ID!, $first: Int! = 20, $skip: Int! = 0) { function(id: $id) {
  nearDuplicates(first: $first, skip: $skip) {
    totalCount groups { size contradictory samples { id } } } } }"""


async def test_groups_of_near_duplicates_start_with_those_annotated_differently(
    client: Client, services: Services, function: Function, run_jobs: RunJobs
) -> None:
    pictures = [
        make.picture(seed, format=format)
        for seed, format in ((1, "PNG"), (1, "WEBP"), (1, "GIF"), (2, "PNG"), (2, "WEBP"))
    ]
    zero, one = build.TWO
    rows = await build.add(
        services, function, [*pictures, make.picture(3)], [zero, zero, None, zero, one, one]
    )
    await run_jobs()
    samples = [ids.encode(ids.Kind.SAMPLE, row.id) for row in rows]

    whole, second = [
        (await client.ask(GROUPS, id=ids.encode(ids.Kind.FUNCTION, function.id), **page))
        for page in ({}, {"first": 1, "skip": 1})
    ]

    contradictory, larger = (
        {"size": len(part), "contradictory": said, "samples": [{"id": id} for id in part]}
        for part, said in ((samples[3:5], True), (samples[:3], False))
    )
    assert whole["function"]["nearDuplicates"] == {
        "totalCount": 2,
        "groups": [contradictory, larger],
    }
    assert second["function"]["nearDuplicates"] == {"totalCount": 2, "groups": [larger]}


@pytest.mark.parametrize("page", [{"first": 0}, {"first": 101}, {"skip": -1}])
async def test_a_page_of_groups_that_cannot_be_is_refused(
    client: Client, function: Function, page: dict[str, int]
) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    answer = await client.answer(GROUPS, id=id, **page)

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert error["message"].startswith(f"`{next(iter(page))}` is")
