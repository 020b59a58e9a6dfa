"""Log-in to the page, and access tokens."""

import base64
import time
from datetime import UTC, datetime

import httpx
import jwt
import pytest

from pigeonhole.access import keys, sessions
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.tables import ApiKey, Session
from server.app import create_app
from server.web import page
from tests.client import Client

JSON = {"Content-Type": "application/json"}
WHO = {"query": "{ viewer { apiKey { name } scopes } }"}


OWN = {"Origin": "http://test"}
"""Headers that a browser sends from the server's own page."""


async def scopes(client: Client, **headers: str) -> list[str]:
    given = {**OWN, **headers}
    answer = (await client.http.post("/graphql", json=WHO, headers=given)).json()
    found: list[str] = answer["data"]["viewer"]["scopes"]
    return found


async def log_in(client: Client, **given: str) -> httpx.Response:
    return await client.http.post("/login", json=given)


async def test_a_key_begins_a_session_that_scripts_and_other_sites_cannot_use(
    anonymous: Client,
) -> None:
    _, secret = await keys.create(name="mine", scopes={ApiKeyScope.WRITE})

    response = await log_in(anonymous, key=secret)

    assert response.status_code == 204
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert secret not in cookie
    assert await scopes(anonymous) == ["READ", "WRITE"]
    for site in ("cross-site", "same-site"):
        assert await scopes(anonymous, **{"Sec-Fetch-Site": site}) == []


async def test_a_login_code_works_once(client: Client) -> None:
    made = await client.http.post("/login/codes", headers=client.headers)
    code = made.json()["code"]

    first = await log_in(client, code=code)
    session = await scopes(client)
    client.http.cookies.clear()
    second = await log_in(client, code=code)

    assert (first.status_code, second.status_code) == (204, 401)
    assert session == ["INVOKE", "READ", "WRITE", "ADMIN"]
    assert "set-cookie" not in second.headers
    assert await scopes(client) == []


async def test_login_codes_are_given_only_to_keys(client: Client) -> None:
    await log_in(client, key=client.headers["Authorization"].removeprefix("Bearer "))

    by_session = await client.http.post("/login/codes", headers=OWN)

    assert by_session.status_code == 401


@pytest.mark.parametrize("given", [{}, {"key": "ph_0_0"}, {"code": "made up"}, {"key": None}])
async def test_an_invalid_key_begins_no_session(anonymous: Client, given: dict[str, str]) -> None:
    response = await log_in(anonymous, **given)

    assert response.status_code == 401
    assert "set-cookie" not in response.headers


async def test_a_form_of_another_site_cannot_log_in(anonymous: Client) -> None:
    _, secret = await keys.create(name="theirs", scopes={ApiKeyScope.READ})

    response = await anonymous.http.post("/login", data={"key": secret})

    assert response.status_code == 415
    assert "set-cookie" not in response.headers


async def test_a_cookie_restored_after_log_out_is_refused_on_every_server(
    anonymous: Client, services: Services
) -> None:
    _, secret = await keys.create(name="mine", scopes={ApiKeyScope.READ})
    app = create_app(services.settings, services)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            other_server = Client(http)
            await log_in(anonymous, key=secret)
            cookies = dict(anonymous.http.cookies)
            other_server.http.cookies.update(cookies)
            before = [await scopes(anonymous), await scopes(other_server)]

            out = await anonymous.http.delete("/login", headers=OWN)
            forgotten = await scopes(anonymous)
            anonymous.http.cookies.update(cookies)
            put_back = await scopes(anonymous)
            await app.state.viewers.look()
            elsewhere = await scopes(other_server)
            await services.redis.flushdb()
            emptied = await scopes(anonymous)
            anonymous.http.cookies.clear()
            await log_in(anonymous, key=secret)

            assert before == 2 * [["READ"]]
            assert out.status_code == 204
            assert (forgotten, put_back, elsewhere, emptied) == ([], [], [], [])
            assert await scopes(anonymous) == ["READ"]


@pytest.mark.parametrize("end", ["revoked", "deleted", "expired"])
async def test_a_session_ends_with_its_key(anonymous: Client, end: str) -> None:
    key, secret = await keys.create(name="mine", scopes={ApiKeyScope.READ})
    await log_in(anonymous, key=secret)
    assert await scopes(anonymous) == ["READ"]

    if end == "revoked":
        await keys.revoke(key.id)
    elif end == "deleted":
        await key.delete()
    else:
        await ApiKey.filter(id=key.id).update(expires_at=datetime.now(UTC))
    await anonymous.http._transport.app.state.viewers.look()  # type: ignore[attr-defined]

    assert await scopes(anonymous) == []


async def test_a_session_that_ended_is_not_revived_by_its_cookie(anonymous: Client) -> None:
    _, secret = await keys.create(name="mine", scopes={ApiKeyScope.READ})
    await log_in(anonymous, key=secret)

    await Session.all().update(ends_at=datetime.now(UTC))

    assert await scopes(anonymous) == []
    await log_in(anonymous, key=secret)
    assert await Session.all().count() == 1


async def test_a_key_has_at_most_a_hundred_sessions_and_one_more_ends_the_oldest(
    services: Services,
) -> None:
    key, _ = await keys.create(name="mine", scopes={ApiKeyScope.READ})

    begun = [(await sessions.begin(key)).id for _ in range(102)]

    assert [row.id for row in await Session.all().order_by("id")] == begun[2:]


async def test_the_page_needs_a_session(anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.built() is None:
        pytest.skip("the page is not built")
    _, secret = await keys.create(name="mine", scopes={ApiKeyScope.READ})

    before = await anonymous.http.get("/")
    form = await anonymous.http.get("/login")
    await log_in(anonymous, key=secret)
    after = await anonymous.http.get("/")

    assert (before.status_code, before.headers["location"]) == (303, "login")
    assert '<script src="login/login.js" defer>' in form.text
    assert after.status_code == 200


async def token(client: Client, auth: httpx.BasicAuth | None = None, **form: str) -> httpx.Response:
    return await client.http.post(
        "/oauth/token", data={"grant_type": "client_credentials", **form}, auth=auth or httpx.Auth()
    )


async def test_a_key_is_exchanged_for_a_token_with_some_of_its_scopes(anonymous: Client) -> None:
    key, secret = await keys.create(name="shop", scopes={ApiKeyScope.WRITE, ApiKeyScope.INVOKE})

    by_form = await token(anonymous, client_id=key.prefix, client_secret=secret, scope="write")
    by_basic = await token(anonymous, auth=httpx.BasicAuth(keys.public_id(key), secret))

    answer = by_form.json()
    assert by_form.headers["cache-control"] == "no-store"
    assert {name: answer[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "write",
    }
    assert by_basic.json()["scope"] == "invoke read write"
    assert await scopes(anonymous.by(None), Authorization=f"Bearer {answer['access_token']}") == [
        "READ",
        "WRITE",
    ]


async def test_tokens_end_with_their_key_and_cannot_be_changed(anonymous: Client) -> None:
    key, secret = await keys.create(name="shop", scopes={ApiKeyScope.READ})
    given = (await token(anonymous, auth=httpx.BasicAuth(key.prefix, secret))).json()[
        "access_token"
    ]
    head, body, signature = given.split(".")
    forged = base64.urlsafe_b64encode(b'{"sub":"' + key.id.hex.encode() + b'"}').decode()

    wrong = [f"{head}.{forged}.{signature}", f"{head}.{body}.", f"{head}.{body}"]
    statuses = [
        (
            await anonymous.http.post(
                "/graphql", json=WHO, headers={"Authorization": f"Bearer {one}"}
            )
        ).status_code
        for one in wrong
    ]
    await ApiKey.filter(id=key.id).delete()
    await anonymous.http._transport.app.state.viewers.look()  # type: ignore[attr-defined]
    after = await anonymous.http.post(
        "/graphql", json=WHO, headers={"Authorization": f"Bearer {given}"}
    )

    assert statuses == [401, 401, 401]
    assert after.status_code == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "ph_0_0"}, 401, "invalid_client"),
        ({"client_id": "ph_0"}, 401, "invalid_client"),
        ({"scope": "read admin"}, 400, "invalid_scope"),
        ({"scope": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_token_request_gets_the_error_of_the_standard(
    anonymous: Client, form: dict[str, str], status: int, error: str
) -> None:
    key, secret = await keys.create(name="shop", scopes={ApiKeyScope.READ})
    right = {"client_id": key.prefix, "client_secret": secret}
    if form == {"scope": ""}:
        right = {}

    response = await token(anonymous, None, **{**right, **form})

    assert (response.status_code, response.json()["error"]) == (status, error)


async def test_a_token_of_a_server_whose_clock_is_a_second_ahead_is_accepted(
    anonymous: Client,
) -> None:
    key, secret = await keys.create(name="shop", scopes={ApiKeyScope.READ})
    given = (await token(anonymous, auth=httpx.BasicAuth(key.prefix, secret))).json()
    app_secret = anonymous.http._transport.app.state.tokens._secret  # type: ignore[attr-defined]
    claims = jwt.decode(given["access_token"], app_secret, ["HS256"], issuer="pigeonhole")

    ahead = jwt.encode({**claims, "iat": int(time.time()) + 2}, app_secret, "HS256")

    assert await scopes(anonymous.by(None), Authorization=f"Bearer {ahead}") == ["READ"]
