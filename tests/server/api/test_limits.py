"""Rate limits, introspection, GraphiQL and CORS, by the settings."""

from typing import Any

import pytest

from pigeonhole import tables
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from tests.client import Client

SLOWLY: dict[str, Any] = {
    "rate_points": 20,
    "rate_points_per_s": 0.001,
    "rate_invokes": 2,
    "rate_invokes_per_s": 0.001,
}
TYPENAME = "{ __typename }"
BATCH = """mutation ($input: InvokeBatchInput!) { invokeBatch(input: $input) {
  results { error { code } } } }"""
RAW = {"Content-Type": "image/png"}


@pytest.fixture
def changes() -> dict[str, Any]:
    """Settings that a test changes."""
    return {}


@pytest.fixture
def settings(settings: Settings, changes: dict[str, Any]) -> Settings:
    return settings.model_copy(update=changes)


async def test_every_response_has_its_cost_and_the_remaining_points(anonymous: Client) -> None:
    first = (await anonymous.answer(TYPENAME))["extensions"]["cost"]
    second = (await anonymous.answer(TYPENAME))["extensions"]["cost"]

    assert first.pop("resetAt").endswith("Z")
    assert first.pop("remaining") in (299_999, 300_000)  # a point is restored in a tenth of a ms
    assert first == {
        "limit": 300_000,
        "restoreRate": 10_000.0,
        "cost": 1,
    }
    assert second["cost"] == 1


@pytest.mark.parametrize("changes", [{**SLOWLY, "rate_points": 1_000}])
async def test_a_caller_can_query_its_rate_limit(anonymous: Client) -> None:
    query = "{ viewer { rateLimit { limit remaining restoreRate resetAt cost } } }"

    answer = await anonymous.answer(query)

    assert answer["data"]["viewer"]["rateLimit"] == answer["extensions"]["cost"]
    assert answer["extensions"]["cost"]["remaining"] == 1_000 - answer["extensions"]["cost"]["cost"]


@pytest.mark.parametrize("changes", [{"rate_points": 0}])
async def test_without_a_rate_limit_responses_have_no_remaining_points(anonymous: Client) -> None:
    answer = await anonymous.answer("{ viewer { rateLimit { limit } } }")

    assert answer["data"] == {"viewer": {"rateLimit": None}}
    assert "cost" not in answer.get("extensions", {})


@pytest.mark.parametrize("changes", [SLOWLY])
async def test_a_caller_beyond_the_rate_limit_is_refused_with_the_time_to_wait(
    anonymous: Client, client: Client
) -> None:
    for _ in range(20):
        assert "errors" not in await anonymous.answer(TYPENAME)

    refused = await anonymous.http.post("/graphql", json={"query": TYPENAME})
    by_key = await client.answer(TYPENAME)

    assert refused.status_code == 429
    wait = refused.headers["retry-after"]
    assert 900 < int(wait) <= 1_000  # points restored meanwhile shorten it
    [error] = refused.json()["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": wait}
    assert "data" not in refused.json()
    assert by_key["extensions"]["cost"]["remaining"] == 19


@pytest.mark.parametrize("changes", [{**SLOWLY, "rate_points": 10_000}])
async def test_pictures_over_graphql_and_rest_count_towards_the_same_limit(client: Client) -> None:
    function = await client.create_function()
    path = f"/v1/functions/{function['id']}/invoke"
    image = {"dataUri": "data:,x"}

    by_post = await client.http.post(path, content=b"x", headers={**RAW, **client.headers})
    many = await client.http.post(
        "/graphql",
        json={
            "query": BATCH,
            "variables": {"input": {"functionId": function["id"], "images": [image] * 2}},
        },
        headers=client.headers,
    )
    again = await client.http.post(path, content=b"x", headers={**RAW, **client.headers})
    beyond = await client.http.post(path, content=b"x", headers={**RAW, **client.headers})

    assert by_post.status_code == again.status_code == 409  # the function is not trained
    wait = many.headers["retry-after"]
    assert 900 < int(wait) <= 1_000
    [error] = many.json()["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": wait}
    assert error["path"] == ["invokeBatch"]
    assert beyond.status_code == 429
    wait = beyond.headers["retry-after"]
    assert 900 < int(wait) <= 1_000
    assert beyond.json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": f"Rate limit of invokes exceeded. Try again in {wait} s.",
        "code": "RATE_LIMITED",
        "retryAfter": wait,
    }
    assert await tables.Invocation.all().count() == 0


async def test_nothing_is_refused_while_redis_is_away(
    client: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.redis.connection_pool, "connection_kwargs", {"port": 1})
    await services.redis.connection_pool.disconnect()
    services.redis.connection_pool.reset()

    answer = await client.answer(TYPENAME)

    assert answer["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("changes", [{"introspection": False}])
async def test_introspection_needs_a_key_if_the_settings_say_so(
    anonymous: Client, client: Client
) -> None:
    query = "{ __schema { queryType { name } } }"

    refused = await anonymous.answer(query)
    answered = await client.ask(query)

    assert refused["errors"] == [
        {
            "message": "You may not ask about the schema.",
            "extensions": {"code": "FORBIDDEN"},
        }
    ]
    assert answered == {"__schema": {"queryType": {"name": "Query"}}}


async def test_introspection_is_public_by_default(anonymous: Client) -> None:
    assert await anonymous.ask("{ __schema { queryType { name } } }") == {
        "__schema": {"queryType": {"name": "Query"}}
    }


@pytest.mark.parametrize("changes", [{"graphiql": False}])
async def test_graphiql_can_be_turned_off(anonymous: Client) -> None:
    response = await anonymous.http.get("/graphql", headers={"Accept": "text/html"})

    assert response.status_code == 406


@pytest.mark.parametrize("changes", [{"cors_origins": "https://app.example"}])
async def test_pages_of_an_allowed_origin_may_send_requests_and_no_others(
    anonymous: Client,
) -> None:
    def preflight(origin: str) -> dict[str, str]:
        return {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }

    path = "/v1/functions/x/invoke"
    named = await anonymous.http.options(path, headers=preflight("https://app.example"))
    other = await anonymous.http.options(path, headers=preflight("https://evil.example"))
    answer = await anonymous.http.post(
        "/graphql", json={"query": TYPENAME}, headers={"Origin": "https://app.example"}
    )

    assert named.status_code == 200
    assert named.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-credentials" not in named.headers
    assert other.status_code == 400
    assert "access-control-allow-origin" not in other.headers
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert answer.headers["access-control-expose-headers"] == "Retry-After, X-Request-Id"


async def test_pages_of_other_origins_may_not_send_requests_by_default(anonymous: Client) -> None:
    answer = await anonymous.http.post(
        "/graphql", json={"query": TYPENAME}, headers={"Origin": "https://app.example"}
    )

    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("changes", [{**SLOWLY, "rate_points": 1_000}])
async def test_each_key_has_its_own_rate_limit(anonymous: Client) -> None:
    secrets = [
        (await keys.create(name=name, scopes={ApiKeyScope.INVOKE}))[1] for name in ("a", "b")
    ]
    function = "fn_" + "0" * 32
    for secret in secrets:
        asks = anonymous.by(secret)
        for _ in range(2):
            response = await asks.http.post(
                f"/v1/functions/{function}/invoke", content=b"x", headers={**RAW, **asks.headers}
            )
            assert response.status_code == 404

    left = [
        (await anonymous.by(secret).answer(TYPENAME))["extensions"]["cost"]["remaining"]
        for secret in secrets
    ]

    assert left == [997, 997]


@pytest.mark.parametrize("changes", [{"rate_points": 1_000, "rate_points_per_s": 8.0}])
async def test_a_document_is_not_checked_for_a_caller_who_cannot_pay_for_its_refusal(
    anonymous: Client,
) -> None:
    for _ in range(2):
        assert (await anonymous.answer("{"))["errors"][0]["extensions"]["code"] == (
            "GRAPHQL_PARSE_FAILED"
        )

    refused = await anonymous.http.post("/graphql", json={"query": "{"})

    assert refused.status_code == 429
    assert [error["extensions"]["code"] for error in refused.json()["errors"]] == ["RATE_LIMITED"]
    assert 0 < int(refused.headers["retry-after"]) <= 63
