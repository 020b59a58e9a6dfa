"""Messages and payloads that a websocket refuses, each with its exact answer."""

import json

import pytest

from tests.server.transport.conftest import Json, Serve, Server
from tests.server.transport.messages import closed, next_of, results

NOT_JSON = "WebSocket message must be valid JSON"

NO_TYPE = "A message must be an object with a type"

NO_QUERY = "The payload of subscribe must be an object with a query"


def subscribe(**payload: object) -> str:
    return json.dumps({"type": "subscribe", "id": "1", "payload": payload})


MESSAGES: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("{nope", NOT_JSON),
    "NaN": ('{"type": "ping", "payload": {"n": NaN}}', NOT_JSON),
    "nested 100,000 deep": ("[" * 100_000, NOT_JSON),
    "half a surrogate pair": (r'{"type": "ping", "payload": {"a": "\ud800"}}', NOT_JSON),
    "binary": (b'{"type": "ping"}', "WebSocket message type must be text"),
    "null": ("null", NO_TYPE),
    "a list": ("[]", NO_TYPE),
    "no type": ("{}", NO_TYPE),
    "a type that is a list": ('{"type": []}', NO_TYPE),
    "an unknown type": ('{"type": "start"}', "Unknown message type: start"),
    "an unknown type that is long": (
        json.dumps({"type": "é" * 500}),
        "Unknown message type: " + "é" * 50,
    ),
    "a payload of ping that is a list": (
        '{"type": "ping", "payload": []}',
        "The payload of ping must be an object",
    ),
    "a payload of pong that is a number": (
        '{"type": "pong", "payload": 1}',
        "The payload of pong must be an object",
    ),
    "complete without an id": (
        '{"type": "complete"}',
        "The id of complete must be a string, and not empty",
    ),
    "an id that is null": (
        '{"type": "subscribe", "id": null}',
        "The id of subscribe must be a string, and not empty",
    ),
    "a query that is null": (subscribe(query=None), NO_QUERY),
    "variables that are a string": (
        subscribe(query="", variables="x"),
        "The variables of subscribe must be an object",
    ),
    "extensions that are a list": (
        subscribe(query="", extensions=[]),
        "The extensions of subscribe must be an object",
    ),
    "an operation name that is an object": (
        subscribe(query="", operationName={}),
        "The operationName of subscribe must be a string",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_rude_message_closes_the_socket_with_an_exact_reason(server: Server, name: str) -> None:
    message, reason = MESSAGES[name]
    socket = server.sockets()
    socket.begin()

    socket.connection.send(message)

    assert closed(socket) == (4400, reason)


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("", None, "BAD_REQUEST"),
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { live }", None, "OPERATION_RESOLUTION_FAILURE"),
        ("fragment A on Item { id }", None, "OPERATION_RESOLUTION_FAILURE"),
        (" ", None, "GRAPHQL_PARSE_FAILED"),
        ("subscription ($n: Int!) { count(to: $n) }", {"n": "x"}, "BAD_USER_INPUT"),
        ("subscription { refuse }", None, "NOT_FOUND"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(101)) + " }", None, "LIMIT_EXCEEDED"),
    ],
)
def test_a_refused_operation_is_an_error_and_the_socket_stays_open(
    server: Server, query: str, variables: Json, code: str
) -> None:
    socket = server.sockets()
    socket.begin()

    socket.subscribe("1", query, variables=variables)
    [error, *more] = results(socket, "1")
    socket.subscribe("1", "{ hello }")

    if error["type"] == "next":  # the stream started, and its resolver failed
        error = {"type": "error", "payload": error["payload"]["errors"]}
        assert [message["type"] for message in more] == ["complete"]
    assert error["type"] == "error"
    assert [told["extensions"]["code"] for told in error["payload"]] == [code]
    assert results(socket, "1") == [
        next_of("1", hello="Hello, world!"),
        {"id": "1", "type": "complete"},
    ]


def test_a_message_that_is_too_long_closes_the_socket(serve: Serve) -> None:
    socket = serve(socket_message_bytes=1_000).sockets()
    socket.begin()

    socket.send(type="ping", payload={"a": "é" * 600})

    assert closed(socket) == (1009, "A message may have at most 1000 bytes")


def test_too_many_operations_are_refused_with_their_number(serve: Serve) -> None:
    socket = serve(socket_operations=2).sockets()
    socket.begin()

    for id in ("1", "2", "3"):
        socket.subscribe(id, "subscription { hang }")

    assert socket.receive() == {
        "id": "3",
        "type": "error",
        "payload": [
            {
                "message": "The socket has 2 operations under way, and no more are allowed.",
                "extensions": {
                    "code": "LIMIT_EXCEEDED",
                    "limit": "socket_operations",
                    "most": 2,
                    "found": 3,
                },
            }
        ],
    }
    socket.send(type="complete", id="1")
    socket.subscribe("4", "{ hello }")
    assert results(socket, "4")[0] == next_of("4", hello="Hello, world!")
