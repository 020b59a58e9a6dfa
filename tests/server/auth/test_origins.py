"""A session is accepted from the server's own page, and from no other scheme, host or port."""

import json
from collections.abc import Mapping

import httpx
import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.settings import Settings
from pigeonhole.tables import Function, Session
from tests import make
from tests.client import Client

MUTATION = 'mutation { createFunction(input: { name: "Theirs" }) { function { id } } }'
FOREIGN = {
    "another port": "http://test:8080",
    "another scheme": "https://test",
    "another host": "http://test.example",
    "a file or a sandbox": "null",
    "no URL": "http://[",
    "nobody": None,
}


async def send(client: Client, door: str, headers: Mapping[str, str]) -> httpx.Response:
    """Change something, authenticated by the cookie."""
    http = client.http
    match door:
        case "GraphQL":
            return await http.post("/graphql", json={"query": MUTATION}, headers=headers)
        case "multipart":
            form = {"operations": json.dumps({"query": MUTATION}), "map": "{}"}
            more = {"Apollo-Require-Preflight": "1"}
            files = {name: (None, value) for name, value in form.items()}
            return await http.post("/graphql", files=files, headers={**headers, **more})
        case "REST":
            raw = {"Content-Type": "image/png"}
            path = f"/v1/functions/fn_{'0' * 32}/invoke"
            return await http.post(path, content=make.picture(1), headers={**headers, **raw})
        case _:
            return await http.delete("/login", headers=headers)


DOORS = ("GraphQL", "multipart", "REST", "log-out")


@pytest.fixture
async def logged_in(anonymous: Client) -> Client:
    """A browser with a session of an admin key."""
    _, secret = await keys.create(name="mine", scopes={ApiKeyScope.ADMIN})
    await anonymous.http.post("/login", json={"key": secret})
    return anonymous


@pytest.mark.parametrize("whose", FOREIGN)
@pytest.mark.parametrize("door", DOORS)
async def test_a_page_of_another_origin_cannot_use_the_cookie(
    logged_in: Client, door: str, whose: str
) -> None:
    origin = FOREIGN[whose]

    response = await send(logged_in, door, {} if origin is None else {"Origin": origin})

    told = response.json()
    code = told["code"] if door == "REST" else told["errors"][0]["extensions"]["code"]
    assert (response.status_code, code) == (403, "FORBIDDEN")
    assert "set-cookie" not in response.headers
    assert await Function.all().count() == 0
    assert await Session.all().count() == 1


@pytest.mark.parametrize("origin", ["http://test", "http://TEST:80"])
async def test_the_page_of_the_server_can_use_the_cookie(logged_in: Client, origin: str) -> None:
    responses = [await send(logged_in, door, {"Origin": origin}) for door in DOORS]

    assert [response.status_code for response in responses] == [200, 200, 404, 204]
    assert await Function.all().count() == 1  # the second was refused for its name
    assert await Session.all().count() == 0


async def test_a_key_in_the_header_needs_no_origin(client: Client) -> None:
    response = await send(client, "GraphQL", {**client.headers, "Origin": "http://test:8080"})

    assert response.status_code == 200
    assert await Function.all().count() == 1


class TestBehindAProxy:
    """The headers of a trusted proxy are used."""

    @pytest.fixture
    def settings(self, settings: Settings, request: pytest.FixtureRequest) -> Settings:
        return settings.model_copy(update={"trusted_proxies": getattr(request, "param", "")})

    @pytest.mark.parametrize(
        ("settings", "headers", "status"),
        [
            ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 200),
            ("127.0.0.1", {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "test:444"}, 403),
            ("127.0.0.1", {}, 403),
            ("10.0.0.1", {"X-Forwarded-Proto": "https"}, 403),
            ("", {"X-Forwarded-Proto": "https"}, 403),
        ],
        indirect=["settings"],
    )
    async def test_the_scheme_of_the_proxy_is_that_of_the_server(
        self, logged_in: Client, headers: dict[str, str], status: int
    ) -> None:
        given = {"Origin": "https://test", **headers}

        response = await send(logged_in, "GraphQL", given)

        assert response.status_code == status

    @pytest.mark.parametrize(
        ("settings", "status"), [("127.0.0.0/8", 200), ("10.0.0.1", 403)], indirect=["settings"]
    )
    async def test_the_host_and_port_of_the_proxy_are_those_of_the_server(
        self, logged_in: Client, status: int
    ) -> None:
        given = {
            "Origin": "https://pigeonhole.example:8443",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "pigeonhole.example:8443, inner",
        }

        response = await send(logged_in, "GraphQL", given)

        assert response.status_code == status
