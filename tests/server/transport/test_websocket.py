"""graphql-transport-ws: what is beside and beyond its conformance checks."""

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.pigeonhole.running import eventually
from tests.server.transport.conftest import Json, Serve, Server, Socket


def drain(socket: Socket) -> None:
    while True:
        socket.receive()


def closed(socket: Socket) -> tuple[int, str]:
    """Read until the server closes, and say with what."""
    with pytest.raises(ConnectionClosed) as caught:
        drain(socket)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


def results(socket: Socket, id: str) -> list[Json]:
    """The messages of an operation until it ends."""
    messages = []
    while True:
        message = socket.receive()
        if message.get("id") == id:
            messages.append(message)
            if message["type"] != "next":
                return messages


def next_of(id: str, **data: object) -> Json:
    return {"id": id, "type": "next", "payload": {"data": data}}


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
def test_a_rude_message_closes_the_socket_in_so_many_words(server: Server, name: str) -> None:
    message, reason = MESSAGES[name]
    socket = server.sockets()
    socket.begin()

    socket.connection.send(message)

    assert closed(socket) == (4400, reason)


def test_the_payload_of_connection_init_reaches_the_context(server: Server) -> None:
    socket = server.sockets()
    socket.begin(authorization="thrifty")

    socket.subscribe("1", "{ hello }")

    assert results(socket, "1")[0]["payload"] == {
        "data": {"hello": "Hello, world!"},
        "extensions": {"cost": 1},
    }


def test_a_refused_context_closes_the_socket_with_its_message(server: Server) -> None:
    socket = server.sockets()

    socket.send(type="connection_init", payload={"authorization": "bad"})

    assert closed(socket) == (4403, "That key is not valid.")


def test_a_bug_in_the_context_closes_the_socket_masked(server: Server) -> None:
    socket = server.sockets()

    socket.send(type="connection_init", payload={"authorization": "broken"})

    code, reason = closed(socket)
    assert code == 4500
    assert reason.startswith("Internal server error. Report this ID to the operator: ")


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
def test_what_is_refused_is_an_error_and_the_socket_goes_on(
    server: Server, query: str, variables: Json, code: str
) -> None:
    socket = server.sockets()
    socket.begin()

    socket.subscribe("1", query, variables=variables)
    [error, *more] = results(socket, "1")
    socket.subscribe("1", "{ hello }")

    if error["type"] == "next":  # the stream began, and failed in its resolver
        error = {"type": "error", "payload": error["payload"]["errors"]}
        assert [message["type"] for message in more] == ["complete"]
    assert error["type"] == "error"
    assert [told["extensions"]["code"] for told in error["payload"]] == [code]
    assert results(socket, "1") == [
        next_of("1", hello="Hello, world!"),
        {"id": "1", "type": "complete"},
    ]


def test_a_mutation_and_a_query_over_one_socket_see_each_other(server: Server) -> None:
    socket = server.sockets()
    socket.begin()

    seen = []
    for id, query in enumerate(["{ item { seen } }", "mutation { change }", "{ item { seen } }"]):
        socket.subscribe(str(id), query)
        seen.append(results(socket, str(id))[0]["payload"]["data"])

    assert seen == [{"item": {"seen": 0}}, {"change": 1}, {"item": {"seen": 1}}]


def test_each_event_has_loaders_of_its_own(server: Server) -> None:
    socket = server.sockets()
    socket.begin()

    socket.subscribe("1", "subscription { watch { seen again: seen } }")

    assert results(socket, "1") == [
        *(next_of("1", watch={"seen": n, "again": n}) for n in (1, 2, 3)),
        {"id": "1", "type": "complete"},
    ]
    assert server.world.reads == 3


def test_a_revoked_key_ends_what_it_opened(server: Server) -> None:
    socket = server.sockets()
    socket.begin()
    socket.subscribe("1", "subscription { count(to: 1000000, delayMs: 1) }")
    assert socket.receive() == next_of("1", count=1)

    server.world.revoked = True
    *_, last, complete = results(socket, "1")
    socket.subscribe("2", "mutation { change }")
    [refused] = results(socket, "2")

    told = {"message": "That key is revoked.", "extensions": {"code": "FORBIDDEN"}}
    assert last["payload"] == {"data": None, "errors": [told]}
    assert complete == {"id": "1", "type": "complete"}
    assert refused == {"id": "2", "type": "error", "payload": [told]}
    assert (server.world.changes, server.world.live) == (0, 0)


def test_a_generator_that_never_waits_leaves_room_for_others(server: Server) -> None:
    socket = server.sockets()
    socket.begin()
    socket.subscribe("1", "subscription { busy }")
    assert socket.receive()["type"] == "next"

    assert server.ask("{ live }") == {"data": {"live": 1}}
    socket.send(type="complete", id="1")
    eventually(lambda: not server.world.live)

    socket.subscribe("2", "{ hello }")
    assert results(socket, "2")[0] == next_of("2", hello="Hello, world!")


@pytest.mark.parametrize("field", ["hang", "busy", "count(to: 1000000, delayMs: 1)"])
def test_complete_ends_the_generator_at_once(server: Server, field: str) -> None:
    socket = server.sockets()
    socket.begin()
    socket.subscribe("1", f"subscription {{ {field} }}")
    eventually(lambda: server.world.live)

    socket.send(type="complete", id="1")

    eventually(lambda: not server.world.live)
    assert server.ask("{ live }") == {"data": {"live": 0}}


def test_a_client_that_does_not_read_is_let_go_and_harms_nobody(serve: Serve) -> None:
    server = serve(socket_send_s=0.5)
    rude = server.sockets(max_queue=1, compression=None)
    rude.begin()

    rude.subscribe("1", "subscription { busy(size: 100000) }")
    eventually(lambda: server.world.live)
    polite = server.sockets()
    polite.begin()
    polite.subscribe("1", "{ hello }")

    assert results(polite, "1")[0] == next_of("1", hello="Hello, world!")
    eventually(lambda: not server.world.live)


def test_a_socket_that_does_not_answer_pings_is_closed(serve: Serve) -> None:
    socket = serve(socket_ping_s=0.05).sockets()
    socket.begin()

    assert socket.receive() == {"type": "ping"}

    assert closed(socket) == (4499, "Pings are not answered")


def test_a_socket_that_answers_pings_stays_open(serve: Serve) -> None:
    socket = serve(socket_ping_s=0.3).sockets()
    socket.begin()

    for _ in range(4):
        assert socket.receive() == {"type": "ping"}
        socket.send(type="pong")


def test_a_socket_that_never_begins_is_closed(serve: Serve) -> None:
    socket = serve(socket_init_s=0.05).sockets()

    assert closed(socket) == (4408, "Connection initialisation timeout")


def test_a_message_that_is_too_long_closes_the_socket(serve: Serve) -> None:
    socket = serve(socket_message_bytes=1_000).sockets()
    socket.begin()

    socket.send(type="ping", payload={"a": "é" * 600})

    assert closed(socket) == (1009, "A message may have at most 1000 bytes")


def test_too_many_operations_are_refused_by_number(serve: Serve) -> None:
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


def test_a_page_of_another_site_opens_no_socket_unless_it_is_allowed(serve: Serve) -> None:
    origin = "https://friend.example"

    with pytest.raises(InvalidStatus, match="403"):
        serve().sockets(origin=origin)
    serve({"allowed_origins": [origin]}).sockets(origin=origin).begin()


def test_many_sockets_that_vanish_leave_nothing_behind(server: Server) -> None:
    sockets = [server.sockets() for _ in range(20)]
    for socket in sockets:
        socket.begin()
        for i, field in enumerate(["hang", "busy", "count(to: 1000000, delayMs: 1)"]):
            socket.subscribe(str(i), f"subscription {{ {field} }}")
    eventually(lambda: server.world.live == 60)

    for socket in sockets:
        socket.connection.socket.close()

    eventually(lambda: not server.world.live)
