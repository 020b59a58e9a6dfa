"""Limits on documents, and estimates of their cost."""

import pytest
from graphql import get_introspection_query

from tests.server.transport.conftest import Json, Serve, Server
from tests.server.transport.refusals import limited


def nested(depth: int) -> str:
    return "{ item " + "{ parts " * (depth - 2) + "{ id }" + " }" * (depth - 1)


def test_depth_is_limited(serve: Serve) -> None:
    server = serve(depth=4, cost=10**9)

    assert "data" in server.ask(nested(4))
    assert limited(server.ask(nested(5))) == [
        ("depth", 4, 5, "The document nests fields 5 deep; at most 4 is allowed.")
    ]


def test_depth_counts_through_fragments(serve: Serve) -> None:
    server = serve(depth=4)
    query = "{ item { ...A } } fragment A on Item { ... on Item { parts { ...B } } } "

    assert "data" in server.ask(query + "fragment B on Item { parts { id } }")
    assert limited(server.ask(query + "fragment B on Item { parts { parts { id } } }")) == [
        ("depth", 4, 5, "The document nests fields 5 deep; at most 4 is allowed.")
    ]


def test_aliases_are_limited_and_counted_each_time_a_fragment_is_spread(serve: Serve) -> None:
    server = serve(aliases=4)
    query = "{ a: item { ...A } b: item { ...A %s } } fragment A on Item { x: id }"

    assert "data" in server.ask(query % "")
    assert limited(server.ask(query % "...B" + " fragment B on Item { y: id }")) == [
        ("aliases", 4, 5, "The document has 5 aliases; at most 4 is allowed.")
    ]


def test_directives_are_limited_wherever_they_are(serve: Serve) -> None:
    server = serve(directives=3)
    query = (
        "query { item @skip(if: false) { ...A @skip(if: false) ... @skip(if: false) { id%s } } }"
    )
    fragment = " fragment A on Item { id }"

    assert "data" in server.ask(query % "" + fragment)
    assert limited(server.ask(query % " @skip(if: false)" + fragment)) == [
        ("directives", 3, 4, "The document has 4 directives; at most 3 is allowed.")
    ]


def test_repeated_fields_are_limited(serve: Serve) -> None:
    server = serve(repeats=2)
    query = "{ item { id id parts { id } } b: item { ...A } ...B } fragment A on Item { id id%s } "
    query += "fragment B on Query { item { id } hello }"

    assert "data" in server.ask(query % "")
    assert limited(server.ask(query % " id")) == [
        ("repeats", 2, 3, "The document repeats 3 fields; at most 2 is allowed.")
    ]


def test_tokens_are_limited(serve: Serve) -> None:
    answer = serve(document_tokens=10).ask("{ " + "hello " * 20 + "}")

    assert answer["errors"][0]["message"] == (
        "Syntax Error: Document contains more than 10 tokens. Parsing aborted."
    )
    assert answer["errors"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


def test_the_length_of_a_document_is_limited(serve: Serve) -> None:
    answer = serve(document_characters=20).ask("{ hello }" + " " * 12)

    assert answer["errors"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize(
    ("cost", "query"),
    [
        (1, "{ hello }"),
        (2, "{ item { id } }"),
        (2, "{ items(first: 100) { total } }"),
        (1 + 1 + 3 * (1 + 1 + 1), "{ items(first: 3) { edges { node { id } } } }"),
        (1 + 1 + 3 * (1 + 1 + 1), "{ items(last: 3) { edges { node { id } } } }"),
        (1 + 1 + 25 * (1 + 1 + 1), "{ items { edges { node { id } } } }"),
        (1 + 1 + 25 * (1 + 1 + 1), "{ items(first: null) { edges { node { id } } } }"),
        (1 + 1, "{ items(first: 0) { edges { node { id } } } }"),
        (
            1 + 1 + 3 * (1 + 1 + (1 + 1 + 2 * (1 + 1 + 1))),
            "{ items(first: 3) { edges { node { items(last: 2) { edges { node { id } } } } } } }",
        ),
        (1 + (1 + 10 * (1 + 10 * 1)), "{ item { parts { parts { id } } } }"),
        (2, "{ hello __schema { types { name } } }"),
        (
            (1 + 1 + 3 * 3) + (1 + 1 + 4 * 3),
            "{ items(first: 3) { ...E } b: items(first: 4) { ...E } } "
            "fragment E on Items { edges { node { id } } }",
        ),
    ],
)
def test_the_cost_of_a_document_is_estimated(server: Server, cost: int, query: str) -> None:
    answer = server.ask(query, Authorization="thrifty")

    assert answer["extensions"] == {"cost": cost}


def test_page_sizes_in_variables_count_with_the_values_of_each_request(serve: Serve) -> None:
    server = serve(cost=311)
    query = "query ($n: Int) { items(first: $n) { edges { node { id } } } }"
    default = query.replace("Int", "Int = 101")

    def cost(query: str, variables: Json) -> Json:
        return server.ask(query, variables, Authorization="thrifty").get("extensions")

    assert cost(query, {"n": 3}) == {"cost": 11}
    assert cost(query, {"n": 100}) == {"cost": 302}
    assert cost(query, {}) == {"cost": 77}
    assert cost(default, {}) == {"cost": 305}
    for n, found in [(104, 314), (10**30, 10**12)]:
        [(limit, most, value, _)] = limited(server.ask(query, {"n": n}))
        assert (limit, most, value) == ("cost", 311, found)
    assert cost(query, {"n": 3}) == {"cost": 11}


def test_the_introspection_query_of_every_tool_is_accepted(server: Server) -> None:
    answer = server.ask(
        get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    )

    assert "errors" not in answer


def test_deep_and_repeated_introspection_is_refused(server: Server) -> None:
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    twice = get_introspection_query().replace("{", "{ again: __schema { types { ...FullType } }", 1)
    by_type = '{ __type(name: "Query") { fields { type { fields { args { name type { name } '
    by_type += "ofType { fields { args { name } } } } } } } } } }"

    [error] = server.ask(deep)["errors"]
    [refused] = limited(server.ask(twice))

    assert error["message"] == "Maximum introspection depth exceeded"
    assert refused[0:2] == ("introspection_cost", 60_000)
    assert "errors" in server.ask(by_type)


def test_a_caller_without_permission_for_introspection_still_gets_type_names(
    server: Server,
) -> None:
    refused = server.ask(
        "{ hello ...A } fragment A on Query { __schema { types { name } } }", Authorization="blind"
    )
    by_type = server.ask('{ __type(name: "Item") { name } }', Authorization="blind")
    named = server.ask("{ __typename }", Authorization="blind")

    assert (
        refused
        == by_type
        == {
            "errors": [
                {
                    "message": "You may not ask about the schema.",
                    "extensions": {"code": "FORBIDDEN"},
                }
            ]
        }
    )
    assert named == {"data": {"__typename": "Query"}}


def test_numbers_within_the_range_of_int_are_returned_unchanged(server: Server) -> None:
    numbers = [0, -1, 10**399, 1.5, 1e308, 5e-324]

    by_literal = server.ask(f"{{ echo(value: {numbers}) }}")
    by_variable = server.ask("query ($v: JSON!) { echo(value: $v) }", {"v": numbers})

    assert by_literal == by_variable == {"data": {"echo": numbers}}


def test_many_documents_evict_the_oldest_and_all_are_answered(serve: Serve) -> None:
    server = serve(cached_documents=3)

    for _ in range(2):
        for i in range(8):
            answer = server.ask(f'{{ hello(name: "{i}") }}')
            assert answer == {"data": {"hello": f"Hello, {i}!"}}


def test_a_document_that_was_refused_is_refused_again(server: Server) -> None:
    first = server.ask("{ nope }")
    second = server.ask("{ nope }")

    assert first == second
    assert first["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
