"""Points that are taken from a caller before its document is checked, over every transport."""

import pytest

from tests.server.transport.conftest import Serve, Server

HELD = ("hold", 500)


def test_a_new_document_needs_500_points_to_be_checked_and_a_known_one_its_cost(
    server: Server,
) -> None:
    for _ in range(2):
        assert server.ask("{ item { id } }") == {"data": {"item": {"id": 1}}}

    assert server.world.taken == [HELD, ("admit", 2), ("admit", 2)]


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ nothing }",
        "{ " + "hello " * 30 + "}",
        "{ item { parts { parts { id } } } }",
        "{ a: hello b: hello }",
        "{ items(first: 100) { edges { node { id } } } }",
        "query A { hello } query B { hello }",
        "fragment A on Item { id }",
    ],
)
def test_a_refused_document_costs_500_points_each_time(serve: Serve, query: str) -> None:
    server = serve(document_tokens=30, depth=3, aliases=1, cost=100)
    socket = server.sockets()
    socket.begin()

    for _ in range(2):
        assert list(server.ask(query)) == ["errors"]
    socket.subscribe("1", query)

    assert socket.receive()["type"] == "error"
    assert server.world.taken == [HELD] * 3


def test_a_known_document_costs_500_points_if_its_variables_exceed_the_limits(
    serve: Serve,
) -> None:
    server = serve(cost=100)
    query = "query ($n: Int) { items(first: $n) { edges { node { id } } } }"

    for n in (3, 100, 3):
        server.ask(query, {"n": n})

    assert server.world.taken == [HELD, ("admit", 11), HELD, ("admit", 11)]


def test_a_document_that_is_not_registered_costs_500_points(serve: Serve) -> None:
    server = serve({"registered_documents": ["{ hello }"]})

    server.ask("{ live }")

    assert server.world.taken == [HELD]


def test_a_caller_without_permission_for_introspection_pays_500_points(server: Server) -> None:
    for _ in range(2):
        server.ask("{ __schema { queryType { name } } }", Authorization="blind")

    assert server.world.taken == [HELD, HELD]
