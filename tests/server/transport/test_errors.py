"""Bugs are logged whole and masked; what is written for the caller is not."""

import re

import pytest
from graphql import GraphQLError
from structlog.testing import capture_logs

from pigeonhole.errors import NotFoundError
from server.transport.errors import is_bug
from tests.server.transport.conftest import Server


def test_a_bug_is_masked_with_an_id_that_stands_in_the_log(server: Server) -> None:
    with capture_logs() as logs:
        response = server.post({"query": "{ hello broken }"})

    [error] = response.json()["errors"]
    id = error["extensions"]["id"]
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "Hello, world!", "broken": None}
    assert re.fullmatch(r"[0-9a-f]{8}", id)
    assert error == {
        "message": f"Something went wrong here. Tell the operator this id: {id}",
        "locations": [{"line": 1, "column": 9}],
        "path": ["broken"],
        "extensions": {"code": "INTERNAL", "id": id},
    }
    [line] = [line for line in logs if line["event"] == "bug"]
    assert (line["error_id"], line["log_level"]) == (id, "error")
    assert repr(line["exc_info"]) == "RuntimeError('the secret is out')"
    assert line["exc_info"].__traceback__ is not None


def test_an_error_of_the_tree_is_told_and_not_logged(server: Server) -> None:
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


@pytest.mark.parametrize(
    ("cause", "bug"),
    [
        (None, False),
        (NotFoundError("no"), False),
        (GraphQLError("no"), False),
        (GraphQLError("no", original_error=NotFoundError("no")), False),
        (GraphQLError("no", original_error=ValueError("no")), True),
        (ValueError("no"), True),
        (KeyError("no"), True),
    ],
)
def test_a_bug_is_an_error_whose_cause_is_not_of_the_tree(
    cause: Exception | None, bug: bool
) -> None:
    assert is_bug(GraphQLError("no", original_error=cause)) is bug


def test_a_document_with_many_faults_is_told_of_the_first_ten(server: Server) -> None:
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
