"""Subscriptions over HTTP, and clients that list streams in Accept without preferring them."""

import json

import pytest

from tests.pigeonhole.running import eventually
from tests.server.transport.conftest import RESPONSE, Json, Server

EVENTS = {"Accept": "text/event-stream"}
MULTIPART = {"Accept": 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'}
COUNT = {"query": "subscription { count(to: 2) }"}


def payloads(body: str) -> list[Json]:
    """Return the JSON of each part of a multipart body, without heartbeats."""
    parts = [part.partition("\r\n\r\n")[2] for part in body.split("--graphql")]
    return [json.loads(part) for part in parts if part.strip() not in ("", "{}")]


def wait_until_nothing_lives(server: Server) -> None:
    """Return when every generator is closed."""
    eventually(lambda: not server.world.live)


def test_a_subscription_streams_as_server_sent_events(server: Server) -> None:
    response = server.http.post("/", json=COUNT, headers=EVENTS)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream"
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.text == (
        'event: next\ndata: {"data":{"count":1}}\n\n'
        'event: next\ndata: {"data":{"count":2}}\n\n'
        "event: complete\ndata: \n\n"
    )


def test_an_event_source_can_subscribe_by_get(server: Server) -> None:
    response = server.http.get("/", params=COUNT, headers=EVENTS)

    assert response.text.count("event: next\n") == 2


def test_a_query_is_one_event(server: Server) -> None:
    response = server.http.post("/", json={"query": "{ hello }"}, headers=EVENTS)

    assert response.text == (
        'event: next\ndata: {"data":{"hello":"Hello, world!"}}\n\nevent: complete\ndata: \n\n'
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ hello", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($n: Int!) { count(to: $n) }", "BAD_USER_INPUT"),
        ("subscription { refuse }", "NOT_FOUND"),
    ],
)
def test_a_refused_operation_is_one_event_with_errors(
    server: Server, query: str, code: str
) -> None:
    response = server.http.post("/", json={"query": query}, headers=EVENTS)

    first, complete, end = response.text.split("\n\n")
    answer = json.loads(first.removeprefix("event: next\ndata: "))
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert (complete, end) == ("event: complete\ndata: ", "")


def test_a_mutation_by_get_is_refused_also_as_an_event_stream(server: Server) -> None:
    response = server.http.get("/", params={"query": "mutation { change }"}, headers=EVENTS)

    assert response.status_code == 405
    assert server.world.changes == 0


def test_a_subscription_streams_as_multipart(server: Server) -> None:
    response = server.http.post("/", json=COUNT, headers=MULTIPART)

    assert response.status_code == 200
    assert response.headers["content-type"] == (
        'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"'
    )
    assert payloads(response.text) == [
        {"payload": {"data": {"count": 1}}},
        {"payload": {"data": {"count": 2}}},
    ]
    assert response.text.endswith("--graphql--\r\n")


def test_a_client_that_lists_streams_after_json_gets_json(server: Server) -> None:
    accept = "application/graphql-response+json, application/json, text/event-stream"

    response = server.http.post("/", json={"query": "{ hello }"}, headers={"Accept": accept})

    assert response.headers["content-type"] == f"{RESPONSE}; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json, text/event-stream, " + MULTIPART["Accept"], "text/event-stream"),
        (MULTIPART["Accept"] + ", text/event-stream", "multipart/mixed"),
        ("text/event-stream;q=0.5, " + MULTIPART["Accept"], "multipart/mixed"),
        ("text/event-stream, multipart/mixed", "text/event-stream"),
    ],
)
def test_the_order_of_accept_chooses_the_stream(
    server: Server, accept: str, media_type: str
) -> None:
    response = server.http.post("/", json=COUNT, headers={"Accept": accept})

    assert response.headers["content-type"].startswith(media_type)


@pytest.mark.parametrize("accept", [EVENTS, MULTIPART])
@pytest.mark.parametrize("field", ["hang", "busy", "count(to: 1000000, delayMs: 1)"])
def test_a_client_that_disconnects_ends_its_generators(
    server: Server, accept: dict[str, str], field: str
) -> None:
    query = {"query": f"subscription {{ {field} }}"}
    with server.http.stream("POST", "/", json=query, headers=accept) as response:
        assert response.status_code == 200
        eventually(lambda: server.world.live)

    wait_until_nothing_lives(server)

    assert server.ask("{ live }") == {"data": {"live": 0}}


def test_a_bug_in_a_stream_is_masked_and_ends_it(server: Server) -> None:
    response = server.http.post(
        "/", json={"query": "subscription { fail(after: 1) }"}, headers=EVENTS
    )

    first, second, complete, _ = response.text.split("\n\n")
    [error] = json.loads(second.removeprefix("event: next\ndata: "))["errors"]
    assert first == 'event: next\ndata: {"data":{"fail":0}}'
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in response.text
    assert complete == "event: complete\ndata: "


def test_each_event_has_the_state_at_the_time_when_it_is_resolved(server: Server) -> None:
    query = {"query": "subscription { watch { seen again: seen } }"}

    response = server.http.post("/", json=query, headers=MULTIPART)

    seen = [part["payload"]["data"]["watch"] for part in payloads(response.text)]
    assert seen == [{"seen": n, "again": n} for n in (1, 2, 3)]
    assert server.world.reads == 3
