"""Groups of samples without an annotation that probably share a label."""

import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.samples import trash
from pigeonhole.services import sample_groups
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Sample
from server import ids
from tests import build
from tests.client import Client, Json
from tests.conftest import RunJobs

GROUPS = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  function(id: $id) { sampleGroups(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { count purity cohesion label { name } samples(first: 40) { totalCount nodes { id } } }
  } } }"""
SAMPLES = """query ($id: ID!, $first: Int, $after: String, $last: Int) {
  function(id: $id) { sampleGroups(first: 1) { nodes { count
    samples(first: $first, after: $after, last: $last) {
      nodes { id } pageInfo { hasNextPage endCursor } } } } } }"""


async def groups(client: Client, function: Function, **page: object) -> Json:
    data = await client.ask(GROUPS, id=ids.encode(ids.Kind.FUNCTION, function.id), **page)
    found: Json = data["function"]["sampleGroups"]
    return found


def members(group: Json) -> list[str]:
    return [node["id"] for node in group["samples"]["nodes"]]


@pytest.fixture
async def unlabelled(services: Services, run_jobs: RunJobs) -> Function:
    """A function with 24 samples without annotation, and no model."""
    made = await build.function(services, auto_train=False)
    await build.add_digits(services, made, 12, annotated=False)
    await run_jobs()
    return made


@pytest.fixture
async def taught(services: Services, run_jobs: RunJobs) -> Function:
    """A function that has learned from 30 samples, with 12 more and one that it cannot read yet."""
    made = await build.function(services)
    await build.add_digits(services, made, 15)
    await build.add_digits(services, made, 6, skip=15, annotated=False)
    await run_jobs()
    await made.refresh_from_db()
    return made


async def test_before_the_first_model_similar_samples_are_grouped_without_a_label(
    client: Client, unlabelled: Function
) -> None:
    found = await groups(client, unlabelled)

    samples = [ids.of_row(row) for row in await Sample.filter(function_id=unlabelled.id)]
    assert sorted(id for node in found["nodes"] for id in members(node)) == sorted(samples)
    assert {(node["label"], node["purity"]) for node in found["nodes"]} == {(None, None)}
    assert [node["count"] for node in found["nodes"]] == [
        node["samples"]["totalCount"] for node in found["nodes"]
    ]
    cohesions = [node["cohesion"] for node in found["nodes"]]
    assert cohesions == sorted(cohesions, reverse=True)
    assert found["totalCount"] == len(found["nodes"]) > 1


async def test_a_model_gives_groups_their_labels_and_the_purest_come_first(
    client: Client, services: Services, taught: Function
) -> None:
    [gone, kept] = (await Sample.filter(function_id=taught.id, label_id=None))[:2]
    await trash.delete(services, [gone.id])
    await build.annotate(services, (kept, "0"))

    found = await groups(client, taught)

    rows: dict[str, Sample] = {
        ids.of_row(row): row
        for row in await Sample.filter(function_id=taught.id, label_id=None).select_related(
            "predicted"
        )
    }
    assert sorted(id for node in found["nodes"] for id in members(node)) == sorted(rows)
    named = [node for node in found["nodes"] if node["label"] is not None]
    assert found["nodes"][: len(named)] == named
    assert {node["label"]["name"] for node in named} == {"0", "1"}
    purities = [node["purity"] for node in named]
    assert purities == sorted(purities, reverse=True)
    for node in named:
        inside = [rows[id] for id in members(node)]
        assert {row.predicted and row.predicted.name for row in inside} == {node["label"]["name"]}
        mean = sum(row.confidence or 0 for row in inside) / len(inside)
        assert node["purity"] == pytest.approx(mean, abs=1e-4)


async def test_groups_and_their_samples_are_paged_in_both_directions(
    client: Client, unlabelled: Function
) -> None:
    whole = (await groups(client, unlabelled))["nodes"]
    one = await groups(client, unlabelled, first=1)
    rest = await groups(client, unlabelled, after=one["pageInfo"]["endCursor"])
    end = await groups(client, unlabelled, last=1)
    start = await groups(client, unlabelled, last=100, before=end["pageInfo"]["startCursor"])
    id = ids.encode(ids.Kind.FUNCTION, unlabelled.id)
    [few] = (await client.ask(SAMPLES, id=id, first=2))["function"]["sampleGroups"]["nodes"]
    after = few["samples"]["pageInfo"]["endCursor"]
    [more] = (await client.ask(SAMPLES, id=id, first=40, after=after))["function"]["sampleGroups"][
        "nodes"
    ]

    assert one["nodes"] + rest["nodes"] == start["nodes"] + end["nodes"] == whole
    assert (one["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert start["pageInfo"]["hasPreviousPage"] is False
    assert members(few) + members(more) == members(whole[0])
    for page in ({"first": 101}, {"after": "nonsense"}, {"first": 1, "last": 1}):
        [error] = (await client.answer(GROUPS, id=id, **page))["errors"]
        assert error["extensions"]["code"] == "INVALID"


async def test_groups_are_computed_once_until_samples_change_and_are_paid_for(
    client: Client, services: Services, unlabelled: Function
) -> None:
    paid: list[int] = []

    async def spend(points: int) -> None:
        paid.append(points)

    first = await services.sample_groups.of(unlabelled, spend)
    again = await services.sample_groups.of(unlabelled, spend)
    [row] = await Sample.filter(id=first[0].sample_ids[0])
    await build.annotate(services, (row, "0"))
    after = await services.sample_groups.of(unlabelled, spend)

    assert again is first
    read, grouped = sample_groups.POINTS_A_THOUSAND, sample_groups.POINTS_A_THOUSAND_GROUPED
    expected = [read * 24, grouped * 24, read * 24, read * 23, grouped * 23]
    assert paid == [points // 1_000 for points in expected]
    assert row.id not in [id for group in after for id in group.sample_ids]


async def test_only_a_key_with_the_scope_to_read_sees_groups(
    client: Client, services: Services, unlabelled: Function
) -> None:
    _, secret = await keys.create(name="invokes", scopes=[ApiKeyScope.INVOKE])
    id = ids.encode(ids.Kind.FUNCTION, unlabelled.id)

    answer = await client.by(secret).answer(GROUPS, id=id)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
