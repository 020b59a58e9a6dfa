"""Invalid credentials are refused and charged at every endpoint."""

import base64
from typing import Any

import pytest

from pigeonhole.settings import Settings
from tests.client import Client

WRONG = "ph_" + "0" * 40


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"rate_points": 250, "rate_points_per_s": 0.001})


def _door(name: str) -> tuple[str, dict[str, Any]]:
    basic = base64.b64encode(f"x:{WRONG}".encode()).decode()
    doors: dict[str, tuple[str, dict[str, Any]]] = {
        "key": (
            "/graphql",
            {"json": {"query": "{ __typename }"}, "headers": {"Authorization": f"Bearer {WRONG}"}},
        ),
        "access token": (
            "/graphql",
            {"json": {"query": "{ __typename }"}, "headers": {"Authorization": "Bearer a.b.c"}},
        ),
        "invoke": (
            "/v1/functions/x/invoke",
            {"content": b"x", "headers": {"Authorization": f"Bearer {WRONG}"}},
        ),
        "login by key": ("/login", {"json": {"key": WRONG}}),
        "login by code": ("/login", {"json": {"code": "x"}}),
        "oauth": (
            "/oauth/token",
            {
                "data": {"grant_type": "client_credentials"},
                "headers": {"Authorization": f"Basic {basic}"},
            },
        ),
    }
    return doors[name]


@pytest.mark.parametrize(
    "name", ["key", "access token", "invoke", "login by key", "login by code", "oauth"]
)
async def test_an_invalid_credential_costs_a_hundred_points_at_every_endpoint(
    anonymous: Client, client: Client, name: str
) -> None:
    path, request = _door(name)

    statuses = [(await anonymous.http.post(path, **request)).status_code for _ in range(4)]

    assert statuses == [401, 401, 429, 429]
    assert (await client.answer("{ __typename }"))["data"] == {"__typename": "Query"}
