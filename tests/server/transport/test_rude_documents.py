"""Documents that no well-behaved client sends: nested, repeated, circular or endless."""

import pytest

from tests.server.transport.conftest import Json, Serve, Server
from tests.server.transport.refusals import limited


def doubling(levels: int, spread: str, last: str) -> str:
    return " ".join(
        ["{ item { ...F0 } }"]
        + [f"fragment F{i} on Item {{ {spread.format(next=i + 1)} }}" for i in range(levels)]
        + [f"fragment F{levels} on Item {{ {last} }}"]
    )


COUNTED = {
    "spreads": (doubling(80, "...F{next} ...F{next}", "id"), ["cost"]),
    "fields": (
        doubling(18, "a: parts {{ ...F{next} }} parts {{ ...F{next} }}", "id"),
        ["aliases", "cost"],
    ),
    "inline": (doubling(45, "... {{ ...F{next} }} ... {{ ...F{next} }}", "id"), ["cost"]),
    "directives": (
        doubling(45, "...F{next} @skip(if: true) ...F{next}", "id"),
        ["directives", "cost"],
    ),
    "pages": (
        doubling(18, "items(first: 100) {{ edges {{ node {{ ...F{next} }} }} }}", "id"),
        ["depth", "cost"],
    ),
    "introspection": (
        doubling(60, "...F{next} ...F{next}", "name")
        .replace("Item", "__Type")
        .replace("{ item { ...F0 } }", "{ __schema { types { ...F0 } } }"),
        ["introspection_cost"],
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_fragments_that_double_at_each_level_are_counted_without_being_expanded(
    server: Server, name: str
) -> None:
    query, limits = COUNTED[name]

    assert [limit for limit, *_ in limited(server.ask(query))] == limits


@pytest.mark.parametrize(
    "query",
    [
        "{ item { ...A } } fragment A on Item { id ...A }",
        "{ item { ...A } } fragment A on Item { parts { ...B } } fragment B on Item { ...A }",
    ],
)
def test_circular_fragments_are_invalid(server: Server, query: str) -> None:
    answer = server.ask(query)

    assert [error["extensions"] for error in answer["errors"]] == [
        {"code": "GRAPHQL_VALIDATION_FAILED"}
    ]
    assert answer["errors"][0]["message"].startswith("Cannot spread fragment 'A' within itself")


@pytest.mark.parametrize(
    "query",
    [
        "{ item " + "{ parts " * 900 + "{ id }" + " }" * 901,
        "{ " + "... { " * 900 + "hello" + " }" * 901,
        "{ echo(value: " + "[" * 900 + "]" * 900 + ") }",
        "query ($a: " + "[" * 900 + "Int" + "]" * 900 + ") { hello }",
        "{ item { ...F0 } } "
        + " ".join(f"fragment F{i} on Item {{ ...F{i + 1} }}" for i in range(280))
        + " fragment F280 on Item { id }",
        "{ hello " + "@skip(if: false) " * 390 + "}",
        "{ " + " ".join(f"a{i}: hello" for i in range(600)) + " }",
        "{ " + "hello " * 1_900 + " }",
        "# " + "\n#" * 50_000 + "\n{ hello }",
        "",
        " ",
        "\x00",
        "{ hello } \U0001f600",
        "type Query { a: Int }",
        "fragment A on Item { id }",
        "{ hello } extend type Query { a: Int }",
        "query A { hello } query A { hello }",
        '{ hello(name: """' + "a" * 1_000 + '""") }',
        "{ nope" + "x" * 5_000 + " }",
        "subscription { count(to: 1) hang }",
    ],
)
@pytest.mark.parametrize("tokens", [1_000, 100_000])
def test_a_rude_document_gets_an_error_and_never_breaks_the_server(
    serve: Serve, query: str, tokens: int
) -> None:
    response = serve(document_tokens=tokens).post({"query": query})

    assert response.status_code in (200, 400, 406)
    assert "INTERNAL" not in response.text


def test_inputs_nested_without_end_are_refused(server: Server) -> None:
    query = "query ($f: Filter!) { matching(filter: $f) }"
    deep: Json = {}
    for _ in range(60):
        deep = {"all": [deep]}
    fits: Json = {"size": 3}
    for _ in range(20):
        fits = {"size": 3, "all": [fits]}

    assert server.ask(query, {"f": fits}) == {"data": {"matching": 3}}
    assert server.ask(query, {"f": deep})["errors"][0]["message"] == (
        "The request is not valid JSON: it nests deeper than 64 levels."
    )


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("1e400", "The number 1e400 is too large."),
        ("-1e400", "The number -1e400 is too large."),
        ("1" * 5_000, "A number has more than 400 digits."),
    ],
)
def test_a_number_that_no_response_could_contain_is_refused(
    server: Server, number: str, message: str
) -> None:
    for query in ["{ echo(value: %s) }", "{ echo(value: {a: [%s]}) }", "{ item(id: %s) { id } }"]:
        answer = server.ask(query % number)
        assert message in [error["message"] for error in answer["errors"]]
        assert "data" not in answer
