"""Near-duplicates of a sample, and groups of near-duplicates in a function."""

from uuid import UUID

import pytest
from broadcaster import Broadcast

from pigeonhole import grouping
from pigeonhole.services import events
from pigeonhole.services.services import Services
from pigeonhole.tables import Function
from pigeonhole.training.embed import embed_samples
from pigeonhole.training.near_duplicates import group_function
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


GROUPS = """query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String,
  $skip: Int! = 0) { function(id: $id) {
  nearDuplicates(first: $first, last: $last, after: $after, before: $before, skip: $skip) {
    totalCount pageInfo { hasNextPage endCursor startCursor }
    nodes { size contradictory samples { id } } } } }"""


async def test_groups_with_different_annotations_come_first(
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
    found = whole["function"]["nearDuplicates"]
    assert (found["totalCount"], found["nodes"]) == (2, [contradictory, larger])
    found = second["function"]["nearDuplicates"]
    assert (found["totalCount"], found["nodes"]) == (2, [larger])


async def test_groups_are_paged_from_either_end_and_follow_changes_of_annotations(
    client: Client, services: Services, function: Function, run_jobs: RunJobs
) -> None:
    zero, one = build.TWO
    pictures = [
        make.picture(seed, format=format) for seed in (1, 2, 3) for format in ("PNG", "WEBP")
    ]
    rows = await build.add(services, function, pictures, [zero] * 6)
    await run_jobs()
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    samples = [ids.encode(ids.Kind.SAMPLE, row.id) for row in rows]

    async def page(**window: object) -> tuple[list[tuple[bool, list[str]]], dict[str, object]]:
        found = (await client.ask(GROUPS, id=id, **window))["function"]["nearDuplicates"]
        nodes = [
            (node["contradictory"], [sample["id"] for sample in node["samples"]])
            for node in found["nodes"]
        ]
        return nodes, found["pageInfo"]

    pairs = [samples[0:2], samples[2:4], samples[4:6]]
    first, info = await page(first=2)
    rest, end = await page(first=2, after=info["endCursor"])
    back, _ = await page(last=1, before=end["startCursor"])
    await build.annotate(services, (rows[4], one))
    contradicted, _ = await page(first=3)
    await build.annotate(services, (rows[4], zero))
    agreed, _ = await page(first=3)

    assert (first, info["hasNextPage"]) == ([(False, pairs[0]), (False, pairs[1])], True)
    assert (rest, end["hasNextPage"]) == ([(False, pairs[2])], False)
    assert back == [(False, pairs[1])]
    assert contradicted == [(True, pairs[2]), (False, pairs[0]), (False, pairs[1])]
    assert agreed == first + rest


@pytest.mark.parametrize("page", [{"first": -1}, {"first": 101}, {"skip": -1}])
async def test_an_invalid_page_of_groups_is_refused(
    client: Client, function: Function, page: dict[str, int]
) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    answer = await client.answer(GROUPS, id=id, **page)

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert error["message"].startswith(f"`{next(iter(page))}` must be")


async def test_groups_are_complete_once_all_embedded_samples_are_compared(
    client: Client, services: Services, function: Function, run_jobs: RunJobs
) -> None:
    async def standing() -> tuple[int, bool, int]:
        answer = await client.ask(
            """query ($id: ID!) { function(id: $id) { sampleCounts { embedded }
                 nearDuplicatesComplete nearDuplicates { totalCount } } }""",
            id=ids.encode(ids.Kind.FUNCTION, function.id),
        )
        said = answer["function"]
        groups = said["nearDuplicates"]["totalCount"]
        return said["sampleCounts"]["embedded"], said["nearDuplicatesComplete"], groups

    await run_jobs()
    before = await standing()
    rows = await build.add(services, function, [make.picture(1), make.picture(1, format="WEBP")])
    await embed_samples(services, await services.encoding.load(function.encoder), rows)
    embedded = await standing()
    await group_function(services, function.id)

    assert (before, embedded, await standing()) == ((0, True, 0), (2, False, 0), (2, True, 1))


async def test_a_job_without_samples_to_compare_reports_that_groups_are_complete(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[UUID] = []

    async def note(broadcast: Broadcast, function_id: UUID) -> None:
        told.append(function_id)

    monkeypatch.setattr(events, "publish", note)
    await grouping.owe(function.id)
    await group_function(services, function.id)
    await group_function(services, function.id)

    assert told == [function.id]
