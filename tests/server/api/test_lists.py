"""Lists: pages, filters and orders of samples, and what a page costs."""

import base64
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise import log

from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Sample
from server import ids
from tests import build, make
from tests.client import Client, Json
from tests.conftest import RunJobs

PAGE = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String,
                 $filter: SampleFilter, $orderBy: SampleOrder, $skip: Int! = 0) {
  function(id: $id) { samples(first: $first, after: $after, last: $last, before: $before,
                              filter: $filter, orderBy: $orderBy, skip: $skip) {
    totalCount nodes { id externalId } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def page(client: Client, function: Function, **variables: Any) -> Json:
    data = await client.ask(PAGE, id=ids.encode(ids.Kind.FUNCTION, function.id), **variables)
    found: Json = data["function"]["samples"]
    return found


def names(page: Json) -> list[str]:
    return [node["externalId"] for node in page["nodes"]]


async def rows(function: Function, *columns: dict[str, Any]) -> list[Sample]:
    """Samples without pictures, named by letters, with columns as given."""
    made = []
    for letter, given in zip("abcdefgh", columns, strict=False):
        sha256 = letter * 64
        made.append(
            await Sample.create(
                function_id=function.id, external_id=letter, sha256=sha256,
                media_type="image/png", width=1, height=1, byte_size=1, **given,
            )
        )  # fmt: skip
    return made


@pytest.fixture
async def function(services: Services) -> Function:
    return await build.function(services)


@pytest.mark.parametrize(("direction", "expected"), [("ASC", "abcde"), ("DESC", "edcba")])
async def test_pages_follow_each_other_forwards_and_backwards(
    client: Client, function: Function, direction: str, expected: str
) -> None:
    await rows(function, *[{}] * 5)
    order = {"direction": direction}

    first = await page(client, function, first=2, orderBy=order)
    second = await page(
        client, function, first=2, after=first["pageInfo"]["endCursor"], orderBy=order
    )
    third = await page(
        client, function, first=2, after=second["pageInfo"]["endCursor"], orderBy=order
    )
    back = await page(
        client, function, last=2, before=third["pageInfo"]["startCursor"], orderBy=order
    )
    end = await page(client, function, last=2, orderBy=order)

    pages = (first, second, third, back, end)
    assert ["".join(names(one)) for one in pages] == [
        expected[0:2], expected[2:4], expected[4:5], expected[2:4], expected[3:5],
    ]  # fmt: skip
    assert [one["pageInfo"]["hasNextPage"] for one in pages] == [True, True, False, True, False]
    assert [one["pageInfo"]["hasPreviousPage"] for one in pages] == [
        False, True, True, True, True,
    ]  # fmt: skip
    assert {one["totalCount"] for one in pages} == {5}
    assert first["edges"][1]["cursor"] == first["pageInfo"]["endCursor"]


async def test_a_page_can_be_jumped_to(client: Client, function: Function) -> None:
    await rows(function, *[{"confidence": share / 10} for share in (5, 3, 1, 2, 4)])
    order = {"field": "CONFIDENCE", "direction": "ASC"}

    middle = await page(client, function, first=2, skip=2, orderBy=order)
    after = await page(
        client, function, first=9, after=middle["pageInfo"]["endCursor"], orderBy=order
    )
    beyond = await page(client, function, first=2, skip=9, orderBy=order)

    assert [names(one) for one in (middle, after, beyond)] == [["b", "e"], ["a"], []]
    assert (middle["pageInfo"]["hasPreviousPage"], middle["pageInfo"]["hasNextPage"]) == (
        True,
        True,
    )
    assert beyond["totalCount"] == 5


async def test_a_cursor_stands_while_rows_come_and_go(client: Client, function: Function) -> None:
    made = await rows(function, *[{"confidence": share / 10} for share in (1, 3, 5, 7)])
    order = {"field": "CONFIDENCE", "direction": "ASC"}
    first = await page(client, function, first=2, orderBy=order)

    await made[1].delete()  # the row that the cursor names
    await Sample.filter(id=made[0].id).update(confidence=0.2)
    await Sample.create(
        function_id=function.id, external_id="e", sha256="e" * 64, confidence=0.25,
        media_type="image/png", width=1, height=1, byte_size=1,
    )  # fmt: skip
    rest = await page(
        client, function, first=9, after=first["pageInfo"]["endCursor"], orderBy=order
    )

    assert (names(first), names(rest)) == (["a", "b"], ["c", "d"])


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"first": 101}, "first"),
        ({"first": -1}, "first"),
        ({"last": 101}, "last"),
        ({"first": 1, "last": 1}, "last"),
        ({"skip": -1}, "skip"),
        ({"skip": 1, "last": 1}, "skip"),
        ({"after": "nonsense"}, "after"),
        ({"before": ""}, "before"),
        ({"after": "ü"}, "after"),
    ],
)
async def test_arguments_that_name_no_page_are_refused(
    client: Client, function: Function, arguments: dict[str, Any], path: str
) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    answer = await client.answer(PAGE, id=id, **arguments)

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert error["path"] == ["function", "samples"]


@pytest.mark.parametrize(
    "value",
    [
        [0.5], ["x", 5], [10**400, "0" * 32], [float("nan"), "0" * 32], [float("inf"), "0" * 32],
        [True, "0" * 32], [None, "0" * 32], ["0" * 32], {"a": 1}, [], 5, [[0.5], "0" * 32],
    ],
)  # fmt: skip
async def test_a_forged_cursor_is_refused(client: Client, function: Function, value: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    answer = await client.answer(PAGE, id=id, after=cursor, orderBy={"field": "CONFIDENCE"})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID"]


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("CONFIDENCE", "confidence"),
        ("MISTAKE_SCORE", "mistake_score"),
        ("INFORMATIVENESS", "informativeness"),
    ],
)
async def test_samples_without_a_value_come_last_in_both_directions(
    client: Client, function: Function, field: str, column: str
) -> None:
    await rows(function, *({column: value} for value in (0.0, None, 1.0, 0.5, None)))

    for direction, expected in (("ASC", "adcbe"), ("DESC", "cdaeb")):
        order = {"field": field, "direction": direction}
        found, after = [], None
        for _ in range(5):  # one at a time, so that each row is a cursor
            one = await page(client, function, first=1, after=after, orderBy=order)
            found += names(one)
            after = one["pageInfo"]["endCursor"]
        assert "".join(found) == expected


async def test_each_filter_finds_what_it_names(client: Client, function: Function) -> None:
    zero, one = await Label.filter(function_id=function.id).order_by("id")
    made = await rows(
        function,
        {"label_id": zero.id, "predicted_id": zero.id, "confidence": 0.9},
        {"label_id": zero.id, "predicted_id": one.id, "confidence": 0.6, "mistake_score": 0.7},
        {"label_id": one.id},
        {"predicted_id": one.id, "confidence": 0.8, "source": "capture"},
        {},
    )
    first, second = (ids.encode(ids.Kind.LABEL, label.id) for label in (zero, one))
    middle = made[2].created_at.isoformat()
    cases: list[tuple[Json, str]] = [
        ({"annotated": True}, "abc"),
        ({"annotated": False}, "de"),
        ({"disputed": True}, "b"),
        ({"disputed": False}, "acde"),
        ({"labelIds": [first]}, "ab"),
        ({"labelIds": []}, ""),
        ({"predictedLabelIds": [second]}, "bd"),
        ({"predictedLabelIds": [first, second]}, "abd"),
        ({"confidence": {"gte": 0.8}}, "ad"),
        ({"confidence": {"lt": 0.8}}, "b"),
        ({"confidence": {"gte": 0.6, "lt": 0.9}}, "bd"),
        ({"source": "CAPTURE"}, "d"),
        ({"createdAt": {"gte": middle}}, "cde"),
        ({"createdAt": {"lt": middle}}, "ab"),
        ({"annotated": True, "confidence": {"lt": 0.8}}, "b"),
        ({"annotated": None, "confidence": None}, "abcde"),
    ]

    for filter, expected in cases:
        found = await page(client, function, filter=filter, orderBy={"direction": "ASC"})
        assert ("".join(names(found)), found["totalCount"]) == (expected, len(expected)), filter


async def test_a_confirmed_annotation_is_no_likely_mistake(
    client: Client, function: Function
) -> None:
    zero, one = await Label.filter(function_id=function.id).order_by("id")
    slip = {"label_id": zero.id, "predicted_id": one.id}
    await rows(
        function,
        {**slip, "mistake_score": 0.9, "confirmed": True},
        {**slip, "mistake_score": 0.8},
        {"label_id": zero.id, "predicted_id": zero.id, "mistake_score": 0.1},
    )

    disputed = await page(client, function, filter={"disputed": True})
    rest = await page(client, function, filter={"disputed": False})
    ordered = [
        await page(client, function, orderBy={"field": "MISTAKE_SCORE", "direction": direction})
        for direction in ("DESC", "ASC")
    ]

    assert (names(disputed), names(rest)) == (["b"], ["c", "a"])
    assert [names(one) for one in ordered] == [["b", "c", "a"], ["c", "b", "a"]]


async def test_a_filter_by_a_label_that_is_none_is_refused(
    client: Client, function: Function
) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    answer = await client.answer(PAGE, id=id, filter={"labelIds": ["nonsense"]})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]


FULL = """query ($id: ID!, $first: Int) { function(id: $id) { samples(first: $first) {
  totalCount nodes { id disputed mistakeScore image { url }
    function { name } nearDuplicates { id }
    annotation { label { name sampleCount metrics { support } } }
    crossValidated { confidence label { name } ranking { label { name } } model { version }
      evidence(first: 1) { similarity } more: evidence { similarity } } }
  } } }"""


async def test_a_page_of_a_hundred_samples_costs_as_many_queries_as_one_of_two(
    client: Client, services: Services, function: Function, run_jobs: RunJobs
) -> None:
    await build.add(
        services,
        function,
        [make.picture(seed, side=16) for seed in range(100)],
        [build.TWO[seed % 2] for seed in range(100)],
    )
    await run_jobs()
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    await client.ask(FULL, id=id, first=100)  # what is read once for a process is read now

    with counted() as few:
        await client.ask(FULL, id=id, first=2)
    with counted() as many:
        found = await client.ask(FULL, id=id, first=100)

    nodes = found["function"]["samples"]["nodes"]
    assert len(nodes) == 100
    assert all(node["crossValidated"] and node["annotation"] for node in nodes)
    assert len(few) == len(many) <= 17, "\n".join(many)


@contextmanager
def counted() -> Iterator[Sequence[str]]:
    """The statements that are run within the block, apart from those about the caller."""

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if '"api_key"' not in record.getMessage():  # they follow the clock, not the page
                statements.append(record.getMessage())

    statements: list[str] = []
    handler, logger = Kept(), log.db_client_logger
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
