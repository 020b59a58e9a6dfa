"""Search of samples by words, and by another sample."""

import pytest

from pigeonhole.samples import trash
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import Floats
from pigeonhole.tables import Function, Sample
from server import ids
from tests import build, make
from tests.client import Client, Json
from tests.conftest import RunJobs

SEARCH = """query ($id: ID!, $search: SampleSearch, $filter: SampleFilter, $first: Int,
  $after: String) { function(id: $id) { samples(search: $search, filter: $filter, first: $first,
  after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    """A function with 8 samples that have vectors."""
    made = await build.function(services, auto_train=False)
    await build.add_digits(services, made, 4)
    await run_jobs()
    return made


def of(row: Sample) -> str:
    return ids.encode(ids.Kind.SAMPLE, row.id)


async def found(client: Client, function: Function, **given: object) -> Json:
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    data = await client.ask(SEARCH, id=id, **given)
    samples: Json = data["function"]["samples"]
    return samples


async def expected(services: Services, function: Function, query: Floats) -> list[str]:
    """Every sample by the products of the stored vectors, the largest first."""
    rows = await Sample.filter(function_id=function.id, embedded=True)
    encoder = await services.encoding.load(function.encoder)
    known = await services.encoding.known(encoder, [row.sha256 for row in rows])
    products = {row.id: float(known[row.sha256].astype(query.dtype) @ query) for row in rows}
    return [of(row) for row in sorted(rows, key=lambda row: -products[row.id])]


async def test_words_list_every_embedded_sample_most_similar_first_page_by_page(
    client: Client, services: Services, function: Function
) -> None:
    await build.add(services, function, [make.picture(1)])  # has no vector yet
    encoder = await services.encoding.load(function.encoder)
    [query] = encoder.embed_texts(["a zero"])
    search = {"words": "  a   zero "}

    one = await found(client, function, search=search, first=5)
    two = await found(client, function, search=search, first=5, after=one["pageInfo"]["endCursor"])

    listed = [node["id"] for node in one["nodes"] + two["nodes"]]
    assert listed == await expected(services, function, query)
    assert (one["totalCount"], len(one["nodes"]), len(two["nodes"])) == (8, 5, 3)
    assert (one["pageInfo"]["hasNextPage"], two["pageInfo"]["hasNextPage"]) == (True, False)


async def test_more_like_a_sample_leaves_itself_and_the_trash_out_and_keeps_to_the_filter(
    client: Client, services: Services, function: Function
) -> None:
    zeros = await Sample.filter(label__name="0").order_by("id")
    label = ids.encode(ids.Kind.LABEL, (await build.label(function, "0")).id)
    search = {"likeSampleId": of(zeros[0])}
    everything = await found(client, function, search=search)
    await trash.delete(services, [zeros[1].id])

    left = await found(client, function, search=search, filter={"labelIds": [label]})

    assert everything["totalCount"] == 7
    assert of(zeros[0]) not in [node["id"] for node in everything["nodes"]]
    kept = {of(zeros[2]), of(zeros[3])}
    order = [node["id"] for node in everything["nodes"] if node["id"] in kept]
    assert [node["id"] for node in left["nodes"]] == order
    assert left["totalCount"] == 2
