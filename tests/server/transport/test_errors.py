"""Bugs are logged with their traceback and masked; errors for the caller are not."""

import re
from typing import Any

import pytest
from graphql import GraphQLError
from graphql.language import FieldNode, NameNode, VariableNode
from structlog.testing import capture_logs

from pigeonhole.errors import ForbiddenError, NotFoundError
from server.transport.errors import told
from tests.server.transport.conftest import Server


def test_a_bug_is_masked_with_an_id_that_is_in_the_log(server: Server) -> None:
    with capture_logs() as logs:
        response = server.post({"query": "{ hello broken }"})

    [error] = response.json()["errors"]
    id = error["extensions"]["id"]
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "Hello, world!", "broken": None}
    assert re.fullmatch(r"[0-9a-f]{8}", id)
    assert error == {
        "message": f"Internal server error. Report this ID to the operator: {id}",
        "locations": [{"line": 1, "column": 9}],
        "path": ["broken"],
        "extensions": {"code": "INTERNAL", "id": id},
    }
    [line] = [line for line in logs if line["event"] == "bug"]
    assert (line["error_id"], line["log_level"]) == (id, "error")
    assert repr(line["exc_info"]) == "RuntimeError('the secret is out')"
    assert line["exc_info"].__traceback__ is not None


def test_an_error_for_the_caller_is_returned_and_not_logged(server: Server) -> None:
    with capture_logs() as logs:
        answer = server.ask("{ missing }")

    assert answer == {
        "data": {"missing": None},
        "errors": [
            {
                "message": "There is no such thing.",
                "locations": [{"line": 1, "column": 3}],
                "path": ["missing"],
                "extensions": {"code": "NOT_FOUND"},
            }
        ],
    }
    assert logs == []


def test_a_refused_document_is_not_logged(server: Server) -> None:
    with capture_logs() as logs:
        server.ask("{ nope }")
        server.ask("{")
        server.ask("query ($n: Int!) { item(id: $n) { id } }", {"n": "x"})

    assert logs == []


def test_a_bug_before_execution_is_500_and_masked(server: Server) -> None:
    with capture_logs() as logs:
        response = server.post({"query": "{ hello }"}, Authorization="broken")

    [error] = response.json()["errors"]
    assert response.status_code == 500
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in response.text
    assert [line["error_id"] for line in logs] == [error["extensions"]["id"]]


OF_A_FIELD: dict[str, Any] = {"nodes": FieldNode(name=NameNode(value="item")), "path": ["item"]}
OF_A_VALUE: dict[str, Any] = {"nodes": VariableNode(name=NameNode(value="a")), "path": ["item"]}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GraphQLError("no"), "BAD_USER_INPUT"),
        (GraphQLError("no", **OF_A_VALUE), "BAD_USER_INPUT"),
        (GraphQLError("no", original_error=NotFoundError("no")), "NOT_FOUND"),
        (GraphQLError("no", original_error=ForbiddenError("no"), **OF_A_FIELD), "FORBIDDEN"),
        (GraphQLError("a result of a wrong type", **OF_A_FIELD), "INTERNAL"),
        (GraphQLError("no", original_error=GraphQLError("no"), **OF_A_FIELD), "INTERNAL"),
        (GraphQLError("no", original_error=ValueError("no"), **OF_A_VALUE), "INTERNAL"),
        (GraphQLError("no", original_error=KeyError("no")), "INTERNAL"),
    ],
)
def test_any_other_error_that_no_value_of_the_caller_caused_is_a_bug(
    error: GraphQLError, code: str
) -> None:
    assert (told(error).extensions or {})["code"] == code


def test_of_a_document_with_many_faults_the_first_ten_are_reported(server: Server) -> None:
    query = "{ " + " ".join(f"a{index}: zzzzzzzz{index}" for index in range(50)) + " }"

    errors = server.ask(query)["errors"]

    assert [error["message"] for error in errors[:10]] == [
        f"Cannot query field 'zzzzzzzz{index}' on type 'Query'." for index in range(10)
    ]
    assert errors[10:] == [
        {
            "message": "Too many validation errors, error limit reached. Validation aborted.",
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        }
    ]


def faulty(operation: str, fields: str) -> tuple[str, dict[str, int]]:
    """Return an operation with fifty variables, and a value of a wrong type for each."""
    variables = ", ".join(f"$a{index}: Boolean!" for index in range(50))
    aliases = " ".join(f"b{index}: id @include(if: $a{index})" for index in range(50))
    query = f"{operation} ({variables}) {{ {fields} {{ {aliases} }} }}"
    return query, {f"a{index}": 1 for index in range(50)}


TOO_MANY = "Too many errors processing variables, error limit reached. Execution aborted."


@pytest.mark.parametrize(("operation", "fields"), [("query", "item"), ("subscription", "watch")])
def test_the_first_ten_faults_of_variables_are_reported_over_a_websocket(
    server: Server, operation: str, fields: str
) -> None:
    query, variables = faulty(operation, fields)
    socket = server.sockets()
    socket.begin()

    socket.subscribe("1", query, variables=variables)

    message = socket.receive()
    found = message["payload"]
    errors = found if message["type"] == "error" else found["errors"]
    assert len(errors) == 11
    assert errors[10]["message"] == TOO_MANY
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}


def test_the_first_ten_faults_of_variables_are_reported_over_http(server: Server) -> None:
    errors = server.ask(*faulty("query", "item"))["errors"]

    assert len(errors) == 11
    assert errors[10]["message"] == TOO_MANY
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}


def test_a_cancellation_without_a_cause_is_a_bug(server: Server) -> None:
    with capture_logs() as logs:
        response = server.post({"query": "{ cancelled }"})

    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert [line["error_id"] for line in logs] == [error["extensions"]["id"]]
    assert server.ask("{ hello }") == {"data": {"hello": "Hello, world!"}}
