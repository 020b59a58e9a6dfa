"""GraphQL over HTTP, as well-behaved clients use it."""

from collections.abc import Iterator

import pytest

from tests.server.transport.conftest import RESPONSE, Serve, Server


def test_a_response_has_the_media_type_that_the_client_prefers(server: Server) -> None:
    body = {"query": "{ hello }"}

    for accept, media_type in [
        (RESPONSE, RESPONSE),
        ("application/json", "application/json"),
        ("application/json;q=0.5, application/graphql-response+json", RESPONSE),
        ("*/*", "application/json"),
        ("multipart/mixed;deferSpec=20220824,application/graphql-response+json", RESPONSE),
        ("application/graphql-response+json, text/event-stream, multipart/mixed", RESPONSE),
        (
            'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json',
            "application/json",
        ),
        ("text/html, application/graphql-response+json;q=oops", RESPONSE),
    ]:
        response = server.http.post("/", json=body, headers={"Accept": accept})
        assert (response.status_code, response.headers["content-type"], response.json()) == (
            200,
            f"{media_type}; charset=utf-8",
            {"data": {"hello": "Hello, world!"}},
        )


def test_variables_and_operation_names_are_accepted_by_get_and_post(server: Server) -> None:
    query = "query A($n: String!) { hello(name: $n) } query B { live }"
    by_get = {"query": query, "variables": '{"n": "Ada"}', "operationName": "A"}

    posted = server.post({"query": query, "variables": {"n": "Ada"}, "operationName": "A"})
    got = server.http.get("/", params=by_get, headers={"Accept": RESPONSE})

    assert posted.json() == got.json() == {"data": {"hello": "Hello, Ada!"}}


def test_an_empty_operation_name_means_no_name(server: Server) -> None:
    response = server.post({"query": "{ hello }", "operationName": ""})

    assert response.json() == {"data": {"hello": "Hello, world!"}}


def test_a_mutation_by_get_is_refused_and_changes_nothing(server: Server) -> None:
    response = server.http.get("/", params={"query": "mutation { change }"})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json() == {
        "errors": [
            {"message": "A mutation must be sent by POST.", "extensions": {"code": "BAD_REQUEST"}}
        ]
    }
    assert server.world.changes == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    response = server.http.request(method, "/", json={"query": "{ hello }"})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/json;q=0", "a/b/c;;"])
def test_a_client_that_accepts_none_of_the_media_types_gets_a_list_of_them(
    server: Server, accept: str
) -> None:
    response = server.http.post("/", json={"query": "{ hello }"}, headers={"Accept": accept})

    assert response.status_code == 406
    assert response.json() == {
        "errors": [
            {
                "message": "Accept one of: application/graphql-response+json, "
                "application/json, text/event-stream, multipart/mixed.",
                "extensions": {"code": "NOT_ACCEPTABLE"},
            }
        ]
    }


def test_a_subscription_without_a_stream_is_refused_with_the_media_types_to_accept(
    server: Server,
) -> None:
    response = server.post({"query": "subscription { count(to: 1) }"})

    assert response.status_code == 406
    assert response.json()["errors"][0]["message"] == (
        "For this operation, accept one of: text/event-stream, multipart/mixed."
    )


def test_an_invalid_document_is_400_without_data(server: Server) -> None:
    for query, variables, code, message in [
        ("{ hello", None, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        (
            "{ nope }",
            None,
            "GRAPHQL_VALIDATION_FAILED",
            "Cannot query field 'nope' on type 'Query'.",
        ),
        (
            "query ($n: String!) { hello(name: $n) }",
            {"n": 5},
            "BAD_USER_INPUT",
            "Variable '$n' has invalid value: String cannot represent a non string value: 5",
        ),
        (
            "query A { hello } query B { live }",
            None,
            "OPERATION_RESOLUTION_FAILURE",
            "The document has several operations; say which by `operationName`.",
        ),
    ]:
        response = server.post({"query": query, "variables": variables})
        [error] = response.json().pop("errors")
        assert (response.status_code, error["message"]) == (400, message)
        assert error["extensions"] == {"code": code}
        assert "data" not in response.json()


def test_clients_that_accept_only_json_get_200_for_a_refused_document(server: Server) -> None:
    response = server.http.post(
        "/", json={"query": "{ nope }"}, headers={"Accept": "application/json"}
    )

    assert response.status_code == 200
    assert list(response.json()) == ["errors"]


def test_an_unknown_operation_name_is_refused(server: Server) -> None:
    response = server.post({"query": "query A { hello }", "operationName": "B"})

    assert response.status_code == 400
    assert response.json() == {
        "errors": [
            {
                "message": 'Unknown operation named "B".',
                "extensions": {"code": "OPERATION_RESOLUTION_FAILURE"},
            }
        ]
    }


def test_browsers_without_a_query_get_the_page(serve: Serve) -> None:
    server = serve({"graphiql": "<p>page</p>"})
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    page = server.http.get("/", headers={"Accept": browser})
    answer = server.http.get("/", params={"query": "{ hello }"}, headers={"Accept": browser})
    curl = server.http.get("/", headers={"Accept": "*/*"})

    assert (page.status_code, page.text) == (200, "<p>page</p>")
    assert answer.json() == {"data": {"hello": "Hello, world!"}}
    assert curl.status_code == 400


def test_refusals_by_the_context_have_their_own_status(server: Server) -> None:
    forbidden = server.post({"query": "{ hello }"}, Authorization="bad")
    hasty = server.post({"query": "{ hello }"}, Authorization="hasty")
    thrifty = server.post({"query": "{ items(first: 3) { total } }"}, Authorization="thrifty")

    assert (forbidden.status_code, forbidden.json()) == (
        403,
        {"errors": [{"message": "That key is not valid.", "extensions": {"code": "FORBIDDEN"}}]},
    )
    assert (hasty.status_code, hasty.headers["retry-after"]) == (429, "8")
    assert hasty.json()["errors"][0]["extensions"] == {"code": "RATE_LIMITED"}
    assert thrifty.json() == {"data": {"items": {"total": 3}}, "extensions": {"cost": 2}}


def test_a_batch_is_accepted_only_if_the_limits_allow_it(serve: Serve) -> None:
    batch = [{"query": "{ hello }"}, {"query": "{ nope }"}]

    refused = serve().post(batch)
    answered = serve(batch_operations=2).post(batch)
    too_long = serve(batch_operations=1).post(batch)

    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
        400,
        "A body that is an array asks for several operations; send them one by one.",
    )
    assert [list(answer) for answer in answered.json()] == [["data"], ["errors"]]
    assert too_long.json()["errors"][0] == {
        "message": "The array has 2 operations; at most 1 are allowed.",
        "extensions": {
            "code": "LIMIT_EXCEEDED",
            "limit": "batch_operations",
            "most": 1,
            "found": 2,
        },
    }


def test_each_request_has_its_own_context(server: Server) -> None:
    first = server.ask("{ item { seen } again: item { seen } }")
    server.ask("mutation { change }")
    second = server.ask("{ item { seen } }")

    assert first == {"data": {"item": {"seen": 0}, "again": {"seen": 0}}}
    assert second == {"data": {"item": {"seen": 1}}}
    assert server.world.reads == 2


def test_a_client_that_disconnects_during_its_body_harms_nobody(server: Server) -> None:
    def half() -> Iterator[bytes]:
        yield b'{"query"'
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        server.http.post("/", content=half(), headers={"Content-Type": "application/json"})

    assert server.ask("{ hello }") == {"data": {"hello": "Hello, world!"}}


def test_a_revoked_key_is_refused_with_the_status_of_the_error(server: Server) -> None:
    server.world.revoked = True

    response = server.post({"query": "{ hello }"})

    assert (response.status_code, response.json()) == (
        403,
        {"errors": [{"message": "That key is revoked.", "extensions": {"code": "FORBIDDEN"}}]},
    )
