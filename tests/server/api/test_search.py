"""Search for samples by words, and by another sample."""

import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.samples import trash
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import Floats
from pigeonhole.tables import Function, Sample
from server import ids
from tests import build, make
from tests.client import Client, Json
from tests.conftest import RunJobs

SEARCH = """query ($id: ID!, $search: SampleSearch, $filter: SampleFilter, $first: Int,
  $after: String, $last: Int, $before: String, $skip: Int! = 0, $orderBy: SampleOrder) {
  function(id: $id) { samples(search: $search, filter: $filter, first: $first, after: $after,
  last: $last, before: $before, skip: $skip, orderBy: $orderBy) { totalCount nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
WORDS = {"words": "a zero"}


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    """A function with 8 samples that have vectors."""
    made = await build.function(services, auto_train=False)
    await build.add_digits(services, made, 4)
    await run_jobs()
    return made


async def found(client: Client, function: Function, **given: object) -> Json:
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    data = await client.ask(SEARCH, id=id, **given)
    samples: Json = data["function"]["samples"]
    return samples


async def refused(client: Client, function: Function, **given: object) -> str:
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    [error] = (await client.answer(SEARCH, id=id, **given))["errors"]
    code: str = error["extensions"]["code"]
    return code


def listed(page: Json) -> list[str]:
    return [node["id"] for node in page["nodes"]]


async def expected(services: Services, function: Function, query: Floats) -> list[str]:
    """Return the IDs of samples by the products of the stored vectors, the largest first."""
    rows = await Sample.filter(function_id=function.id, embedded=True)
    encoder = await services.encoding.load(function.encoder)
    known = await services.encoding.known(encoder, [row.sha256 for row in rows])
    products = {row.id: float(known[row.sha256].astype(query.dtype) @ query) for row in rows}
    return [ids.of_row(row) for row in sorted(rows, key=lambda row: -products[row.id])]


async def test_a_search_by_words_lists_every_embedded_sample_by_similarity_in_pages(
    client: Client, services: Services, function: Function
) -> None:
    await build.add(services, function, [make.picture(1)])  # it has no vector yet
    encoder = await services.encoding.load(function.encoder)
    [query] = encoder.embed_texts(["a zero"])
    search = {"words": "  a   zero "}

    one = await found(client, function, search=search, first=5)
    two = await found(client, function, search=search, first=5, after=one["pageInfo"]["endCursor"])

    listed = [node["id"] for node in one["nodes"] + two["nodes"]]
    assert listed == await expected(services, function, query)
    assert (one["totalCount"], len(one["nodes"]), len(two["nodes"])) == (8, 5, 3)
    assert (one["pageInfo"]["hasNextPage"], two["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_search_by_sample_excludes_itself_and_the_trash_and_respects_the_filter(
    client: Client, services: Services, function: Function
) -> None:
    zeros = await Sample.filter(label__name="0").order_by("id")
    label = ids.encode(ids.Kind.LABEL, (await build.label(function, "0")).id)
    search = {"likeSampleId": ids.of_row(zeros[0])}
    everything = await found(client, function, search=search)
    await trash.delete(services, [zeros[1].id])

    left = await found(client, function, search=search, filter={"labelIds": [label]})

    assert everything["totalCount"] == 7
    assert ids.of_row(zeros[0]) not in [node["id"] for node in everything["nodes"]]
    kept = {ids.of_row(zeros[2]), ids.of_row(zeros[3])}
    order = [node["id"] for node in everything["nodes"] if node["id"] in kept]
    assert [node["id"] for node in left["nodes"]] == order
    assert left["totalCount"] == 2


async def test_pages_can_be_read_backwards_and_reached_directly(
    client: Client, function: Function
) -> None:
    everything = listed(await found(client, function, search=WORDS))
    end = await found(client, function, search=WORDS, last=3)
    cursor = end["pageInfo"]["startCursor"]

    back = await found(client, function, search=WORDS, last=3, before=cursor)
    middle = await found(client, function, search=WORDS, first=2, skip=3)
    beyond = await found(client, function, search=WORDS, first=2, skip=9)

    pages = (end, back, middle, beyond)
    assert [listed(page) for page in pages] == [
        everything[5:], everything[2:5], everything[3:5], [],
    ]  # fmt: skip
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [False, True, True, False]
    assert all(page["pageInfo"]["hasPreviousPage"] for page in pages)
    assert {page["totalCount"] for page in pages} == {8}


async def test_a_cursor_stays_valid_when_its_sample_is_deleted(
    client: Client, services: Services, function: Function
) -> None:
    everything = listed(await found(client, function, search=WORDS))
    cursor = (await found(client, function, search=WORDS, first=3))["pageInfo"]["endCursor"]
    await trash.delete(services, [ids.decode(ids.Kind.SAMPLE, everything[2], ())])

    after = await found(client, function, search=WORDS, first=100, after=cursor)
    before = await found(client, function, search=WORDS, last=100, before=cursor)

    assert (listed(after), listed(before)) == (everything[3:], everything[:2])
    assert after["totalCount"] == 7


async def test_invalid_searches_are_refused(
    client: Client, services: Services, function: Function
) -> None:
    [waiting] = await build.add(services, function, [make.picture(1)])
    other = await build.function(services, name="Other", auto_train=False)
    [elsewhere] = await build.add(services, other, [make.picture(2)])

    given: dict[str, dict[str, object]] = {
        "order": {"search": WORDS, "orderBy": {"direction": "ASC"}},
        "empty": {"search": {"words": " "}},
        "long": {"search": {"words": "a" * 201}},
        "waiting": {"search": {"likeSampleId": ids.of_row(waiting)}},
        "elsewhere": {"search": {"likeSampleId": ids.of_row(elsewhere)}},
        "cursor": {"search": WORDS, "after": "nonsense"},
        "page": {"search": WORDS, "first": 101},
    }
    codes = {name: await refused(client, function, **one) for name, one in given.items()}
    services.galleries.most_bytes = 1_000
    services.galleries.close()
    codes["many"] = await refused(client, function, search=WORDS)

    assert codes == {
        "order": "INVALID",
        "empty": "REQUIRED",
        "long": "TOO_LONG",
        "waiting": "INVALID",
        "elsewhere": "NOT_FOUND",
        "cursor": "INVALID",
        "page": "INVALID",
        "many": "LIMIT_REACHED",
    }


async def test_a_restricted_key_cannot_search_by_a_sample_that_it_may_not_see(
    client: Client, services: Services, function: Function
) -> None:
    own = await build.function(services, name="Own", auto_train=False)
    _, secret = await keys.create(name="own", scopes=[ApiKeyScope.READ], function_ids=[own.id])
    sample = await Sample.filter(function_id=function.id).first()
    assert sample is not None

    code = await refused(client.by(secret), own, search={"likeSampleId": ids.of_row(sample)})

    assert code == "NOT_FOUND"
