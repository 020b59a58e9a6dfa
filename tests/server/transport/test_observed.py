"""Each request has an ID, and one log line with its outcome."""

import pytest
import structlog
from structlog.testing import capture_logs

from tests.client import Client

HEADER = "X-Request-Id"


async def test_a_request_keeps_the_id_that_its_caller_sent(anonymous: Client) -> None:
    answer = await anonymous.http.get("/healthz", headers={HEADER: "abc-1/2:3"})

    assert answer.headers[HEADER] == "abc-1/2:3"


@pytest.mark.parametrize(
    "given", ["", "two words", "a" * 129, 'quote"', "umlaut-ä".encode().decode("latin1")]
)
async def test_an_id_that_could_confuse_a_log_is_replaced(anonymous: Client, given: str) -> None:
    first = await anonymous.http.get("/healthz", headers={HEADER.encode(): given.encode("latin1")})
    second = await anonymous.http.get("/healthz")

    assert len(first.headers[HEADER]) == 32
    assert first.headers[HEADER] != given
    assert first.headers[HEADER] != second.headers[HEADER]


async def test_refused_and_unknown_requests_have_ids_too(anonymous: Client) -> None:
    answers = [
        await anonymous.http.get("/nothing/here"),
        await anonymous.http.post("/graphql", content=b"{"),
        await anonymous.http.get("/metrics"),
    ]

    assert all(len(answer.headers[HEADER]) == 32 for answer in answers)


async def test_a_request_has_one_log_line_with_its_route_caller_and_operation(
    client: Client,
) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await client.http.post(
            "/graphql",
            json={"query": "{ viewer { __typename } }"},
            headers={**client.headers, HEADER: "mine"},
        )

    [line] = [line for line in lines if line["event"] == "request"]
    assert {key: line[key] for key in ("method", "route", "status", "operation", "request_id")} == {
        "method": "POST",
        "route": "/graphql",
        "status": 200,
        "operation": "query viewer",
        "request_id": "mine",
    }
    assert line["caller"].startswith("key:ph_")
    assert line["duration_ms"] >= line["first_byte_ms"] >= 0


async def test_undeclared_paths_count_as_one_route(anonymous: Client) -> None:
    with capture_logs() as lines:
        await anonymous.http.get("/nobody/declared/this")
        await anonymous.http.get("/nor/this")

    routes = {line["route"] for line in lines if line["event"] == "request"}
    assert routes in ({"/{path}"}, {"unmatched"})  # with and without the built page


async def test_the_name_of_a_route_has_no_values_of_its_parameters(anonymous: Client) -> None:
    with capture_logs() as lines:
        await anonymous.http.get("/pictures/a-token-that-nobody-should-read")

    [line] = [line for line in lines if line["event"] == "request"]
    assert line["route"] == "/pictures/{token}"
