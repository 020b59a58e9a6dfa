"""The samples that each filter of a list finds."""

import pytest

from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label
from server import ids
from tests import build
from tests.client import Client, Json
from tests.server.api.lists import PAGE, names, page, rows


@pytest.fixture
async def function(services: Services) -> Function:
    return await build.function(services)


async def test_each_filter_finds_the_samples_that_it_describes(
    client: Client, function: Function
) -> None:
    zero, one = await Label.filter(function_id=function.id).order_by("id")
    made = await rows(
        function,
        {"label_id": zero.id, "predicted_id": zero.id, "confidence": 0.9},
        {"label_id": zero.id, "predicted_id": one.id, "confidence": 0.6, "mistake_score": 0.7},
        {"label_id": one.id, "annotation_source": "accepted"},
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
        ({"annotationSources": ["ACCEPTED"]}, "c"),
        ({"annotationSources": ["PERSON", "IMPORT"]}, ""),
        ({"createdAt": {"gte": middle}}, "cde"),
        ({"createdAt": {"lt": middle}}, "ab"),
        ({"annotated": True, "confidence": {"lt": 0.8}}, "b"),
        ({"annotated": None, "confidence": None}, "abcde"),
    ]

    for filter, expected in cases:
        found = await page(client, function, filter=filter, orderBy={"direction": "ASC"})
        assert ("".join(names(found)), found["totalCount"]) == (expected, len(expected)), filter


async def test_a_confirmed_annotation_is_not_listed_as_a_likely_mistake(
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


async def test_a_filter_by_an_unknown_label_is_refused(client: Client, function: Function) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    answer = await client.answer(PAGE, id=id, filter={"labelIds": ["nonsense"]})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]
