"""Documents by their hash, and servers that answer registered documents only."""

import hashlib
from typing import Any

import pytest

from server.transport.kept import Kept
from tests.server.transport.conftest import Serve, Server
from tests.server.transport.test_rude_bodies import refusal

QUERY = "{ hello }"
HELLO = {"data": {"hello": "Hello, world!"}}


def named(text: str, **more: object) -> dict[str, Any]:
    name = hashlib.sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}}, **more}


def test_a_document_that_was_sent_with_its_hash_is_answered_by_its_hash(server: Server) -> None:
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
def test_a_rude_hash_is_refused_in_so_many_words(
    server: Server, asked: object, message: str
) -> None:
    response = server.post({"extensions": {"persistedQuery": asked}})

    assert (response.status_code, response.json()) == (400, refusal(message))


def test_a_server_of_registered_documents_answers_no_other(serve: Serve) -> None:
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


def test_what_is_kept_is_bounded_in_number_and_weight() -> None:
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
