"""Lists of samples: pages, cursors and orders."""

import base64
import json
from typing import Any

import pytest

from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Sample
from server import ids
from tests import build
from tests.client import Client
from tests.server.api.lists import PAGE, names, page, rows


@pytest.fixture
async def function(services: Services) -> Function:
    return await build.function(services)


@pytest.mark.parametrize(("direction", "expected"), [("ASC", "abcde"), ("DESC", "edcba")])
async def test_pages_can_be_read_forwards_and_backwards(
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


async def test_a_page_can_be_reached_directly(client: Client, function: Function) -> None:
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


async def test_a_cursor_stays_valid_while_rows_are_added_and_deleted(
    client: Client, function: Function
) -> None:
    made = await rows(function, *[{"confidence": share / 10} for share in (1, 3, 5, 7)])
    order = {"field": "CONFIDENCE", "direction": "ASC"}
    first = await page(client, function, first=2, orderBy=order)

    await made[1].delete()  # the row of the cursor
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
async def test_arguments_that_describe_no_page_are_refused(
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
        for _ in range(5):  # one at a time, so that each row becomes a cursor
            one = await page(client, function, first=1, after=after, orderBy=order)
            found += names(one)
            after = one["pageInfo"]["endCursor"]
        assert "".join(found) == expected
