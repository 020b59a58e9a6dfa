"""The cost of a refused document, and the requests of callers who cannot pay it."""

from typing import Any

import pytest

from pigeonhole.settings import Settings
from tests.client import Client

KNOWN = "{ __typename }"
NEW = "{ viewer { scopes } }"
INVALID = "{ nothing }"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"rate_points": 1_200, "rate_points_per_s": 0.001})


def code(answer: dict[str, Any]) -> object:
    """Return the only error of a response."""
    [error] = answer["errors"]
    return error["extensions"]["code"]


async def test_a_refused_document_costs_500_points_and_an_accepted_one_its_own_cost(
    anonymous: Client,
) -> None:
    answered = await anonymous.answer(KNOWN)
    refused = await anonymous.answer(INVALID)
    after = await anonymous.answer(KNOWN)

    assert answered["extensions"]["cost"]["remaining"] == 1_199
    assert code(refused) == "GRAPHQL_VALIDATION_FAILED"
    assert after["extensions"]["cost"]["remaining"] == 698


async def test_a_caller_who_cannot_pay_for_a_refusal_may_send_known_documents_only(
    anonymous: Client,
) -> None:
    await anonymous.answer(KNOWN)
    for _ in range(2):
        assert code(await anonymous.answer(INVALID)) == "GRAPHQL_VALIDATION_FAILED"

    again = await anonymous.http.post("/graphql", json={"query": INVALID})
    new = await anonymous.answer(NEW)
    known = await anonymous.answer(KNOWN)

    assert again.status_code == 429
    # Points restored meanwhile shorten the wait.
    assert 300_000 < int(again.headers["retry-after"]) <= 301_000
    assert code(again.json()) == code(new) == "RATE_LIMITED"
    assert known["extensions"]["cost"]["remaining"] == 198


async def test_a_document_that_costs_more_than_the_points_left_takes_500_points_once(
    anonymous: Client, client: Client
) -> None:
    dear = "{ functions(first: 100) { nodes { id name } } }"
    dearer = "{ functions(first: 100) { nodes { id name state autoTrain encoder createdAt } } }"
    left = [(await client.answer(query))["extensions"]["cost"] for query in (KNOWN, dear, dear)]

    first = await client.answer(dearer)
    after_first = await client.answer(KNOWN)
    second = await client.answer(dearer)
    after_second = await client.answer(KNOWN)

    assert [(cost["cost"], cost["remaining"]) for cost in left] == [
        (1, 1_199),
        (316, 883),
        (316, 567),
    ]
    assert code(first) == code(second) == "RATE_LIMITED"
    assert after_first["extensions"]["cost"]["remaining"] == 66
    assert after_second["extensions"]["cost"]["remaining"] == 65
