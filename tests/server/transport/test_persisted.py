"""Documents by their hash, and servers that run only registered documents."""

import hashlib
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from server.transport.kept import Kept
from tests.server.transport.conftest import Serve, Server
from tests.server.transport.refusals import refusal

QUERY = "{ hello }"
HELLO = {"data": {"hello": "Hello, world!"}}


def named(text: str, **more: object) -> dict[str, Any]:
    name = hashlib.sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}}, **more}


def test_a_document_that_was_sent_with_its_hash_can_be_requested_by_its_hash(
    server: Server,
) -> None:
    unknown = server.post(named(QUERY))
    registered = server.post(named(QUERY, query=QUERY))
    known = server.post(named(QUERY))

    assert (unknown.status_code, unknown.json()) == (
        200,
        refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"),
    )
    assert registered.json() == known.json() == HELLO


def test_a_hash_of_another_document_is_refused_and_registers_nothing(server: Server) -> None:
    refused = server.post(named(QUERY, query="{ live }"))

    assert (refused.status_code, refused.json()) == (
        400,
        refusal("`sha256Hash` is not the hash of `query`."),
    )
    assert server.post(named(QUERY)).json()["errors"][0]["message"] == "PersistedQueryNotFound"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "`persistedQuery` must be an object of version 1."),
        ({}, "`persistedQuery` must be an object of version 1."),
        ({"version": 2, "sha256Hash": "a"}, "`persistedQuery` must be an object of version 1."),
        ({"version": 1}, "`sha256Hash` must be a string."),
        ({"version": 1, "sha256Hash": ["a"]}, "`sha256Hash` must be a string."),
    ],
)
def test_an_invalid_hash_is_refused_with_an_exact_message(
    server: Server, asked: object, message: str
) -> None:
    response = server.post({"extensions": {"persistedQuery": asked}})

    assert (response.status_code, response.json()) == (400, refusal(message))


def test_a_server_with_registered_documents_runs_no_others(serve: Serve) -> None:
    server = serve({"registered_documents": [QUERY]})
    socket = server.sockets()
    socket.begin()

    by_text = server.post({"query": QUERY})
    by_hash = server.post(named(QUERY))
    other = server.post({"query": "{ live }"})
    added = server.post(named("{ live }", query="{ live }"))
    socket.subscribe("1", "{ live }")

    assert by_text.json() == by_hash.json() == HELLO
    told = refusal("This server answers registered documents only.", "DOCUMENT_NOT_REGISTERED")
    assert (other.status_code, other.json()) == (400, told)
    assert added.json() == told
    assert socket.receive() == {"id": "1", "type": "error", "payload": told["errors"]}


def test_a_document_can_be_requested_by_its_hash_over_a_websocket(server: Server) -> None:
    query = "subscription { count(to: 1) }"
    counted = {"type": "next", "payload": {"data": {"count": 1}}}
    socket = server.sockets()
    socket.begin()

    def subscribe(id: str, **payload: object) -> None:
        socket.send(type="subscribe", id=id, payload=payload)

    subscribe("1", **named(query, query=""))
    unknown = socket.receive()
    subscribe("2", **named(query, query=query))
    sent = [socket.receive(), socket.receive()]
    subscribe("3", **named(query))
    by_hash = [socket.receive(), socket.receive()]
    subscribe("4", **named(query, query="{ hello }"))
    other = socket.receive()
    server.post(named(QUERY, query=QUERY))
    subscribe("5", **named(QUERY, query=None))
    by_http = socket.receive()

    told = refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")["errors"]
    assert unknown == {"id": "1", "type": "error", "payload": told}
    assert sent == [{"id": "2", **counted}, {"id": "2", "type": "complete"}]
    assert by_hash == [{"id": "3", **counted}, {"id": "3", "type": "complete"}]
    told = refusal("`sha256Hash` is not the hash of `query`.")["errors"]
    assert other == {"id": "4", "type": "error", "payload": told}
    assert by_http == {"id": "5", "type": "next", "payload": HELLO}


def test_a_hash_registers_nothing_before_the_socket_is_acknowledged(server: Server) -> None:
    socket = server.sockets()

    socket.send(type="subscribe", id="1", payload=named(QUERY, query=QUERY))
    with pytest.raises(ConnectionClosed) as closed:
        socket.receive()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    assert server.post(named(QUERY)).json()["errors"][0]["message"] == "PersistedQueryNotFound"


def test_a_server_with_registered_documents_accepts_their_hashes_over_a_websocket(
    serve: Serve,
) -> None:
    server = serve({"registered_documents": [QUERY]})
    socket = server.sockets()
    socket.begin()

    socket.send(type="subscribe", id="1", payload=named(QUERY))
    by_hash = [socket.receive(), socket.receive()]
    socket.send(type="subscribe", id="2", payload=named("{ live }", query="{ live }"))
    added = socket.receive()
    socket.send(type="subscribe", id="3", payload=named("{ live }"))
    still_unknown = socket.receive()

    assert by_hash == [
        {"id": "1", "type": "next", "payload": HELLO},
        {"id": "1", "type": "complete"},
    ]
    told = refusal("This server answers registered documents only.", "DOCUMENT_NOT_REGISTERED")
    assert added == {"id": "2", "type": "error", "payload": told["errors"]}
    told = refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    assert still_unknown == {"id": "3", "type": "error", "payload": told["errors"]}


def test_stored_documents_are_limited_in_number_and_total_size() -> None:
    kept: Kept[str] = Kept(3, 10)

    for name in "abcd":
        kept.put(name, name, 1)
    assert [kept.get(name) for name in "abcd"] == [None, "b", "c", "d"]
    kept.get("b")
    kept.put("e", "e", 8)
    assert [kept.get(name) for name in "bcde"] == ["b", None, "d", "e"]
    kept.put("e", "E", 1)
    kept.put("f", "f", 11)
    assert [kept.get(name) for name in "bdef"] == [None, None, None, None]
