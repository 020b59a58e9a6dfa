"""API keys in the API: created, shown once, restricted, used, revoked, and audited."""

from datetime import UTC, datetime, timedelta

import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import ApiKey, AuditEntry
from tests.client import Client

CREATE = """mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  secret apiKey { id name prefix scopes functions { name } expiresAt lastUsedAt revokedAt }
  errors { code path } } }"""
REVOKE = """mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) {
  apiKey { prefix revokedAt } errors { code path } } }"""
NOWHERE = "fn_00000000000000000000000000000000"


async def test_a_secret_is_shown_once_and_kept_as_a_hash(client: Client) -> None:
    made = (await client.ask(CREATE, input={"name": "shop", "scopes": ["WRITE"]}))["createApiKey"]

    secret, key = made["secret"], made["apiKey"]
    row = await ApiKey.get(name="shop")
    listed = await client.ask("{ apiKeys { totalCount nodes { name prefix } } }")
    assert secret.startswith(key["prefix"] + "_")
    assert len(secret) == len("ph_") + 10 + 1 + 64
    assert secret not in str(await ApiKey.filter(name="shop").values())
    assert row.secret_hash == keys.hash_of(secret)
    assert key == {
        "id": f"ak_{row.id.hex}",
        "name": "shop",
        "prefix": row.prefix,
        "scopes": ["WRITE"],
        "functions": None,
        "expiresAt": None,
        "lastUsedAt": None,
        "revokedAt": None,
    }
    assert [node["name"] for node in listed["apiKeys"]["nodes"]] == ["tests", "shop"]


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"name": " ", "scopes": ["READ"]}, "REQUIRED", ["input", "name"]),
        ({"name": "a", "scopes": []}, "REQUIRED", ["input", "scopes"]),
        (
            {"name": "a", "scopes": ["READ"], "functionIds": []},
            "REQUIRED",
            ["input", "functionIds"],
        ),
        (
            {"name": "a", "scopes": ["READ"], "functionIds": [NOWHERE]},
            "NOT_FOUND",
            ["input", "functionIds", "0"],
        ),
        (
            {"name": "a", "scopes": ["ADMIN"], "functionIds": [NOWHERE]},
            "INVALID",
            ["input", "functionIds"],
        ),
        (
            {"name": "a", "scopes": ["READ"], "expiresAt": "2020-01-01T00:00:00Z"},
            "INVALID",
            ["input", "expiresAt"],
        ),
    ],
)
async def test_an_invalid_key_is_not_created(
    client: Client, input: dict[str, object], code: str, path: list[str]
) -> None:
    answer = (await client.ask(CREATE, input=input))["createApiKey"]

    assert answer == {"secret": None, "apiKey": None, "errors": [{"code": code, "path": path}]}
    assert [key.name for key in await ApiKey.all()] == ["tests"]
    assert await AuditEntry.all().count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ph_",
        "ph_0123456789_",
        "ph_0123456789_" + "0" * 64,
        "{prefix}_" + "0" * 64,
        "{secret}0",
        "not.a.token",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    ],
)
async def test_a_wrong_secret_is_refused(client: Client, wrong: str) -> None:
    key, secret = await keys.create(name="real", scopes={ApiKeyScope.READ})
    stranger = client.by(wrong.format(prefix=key.prefix, secret=secret))

    response = await client.http.post(
        "/graphql", headers=stranger.headers, json={"query": "{ viewer { scopes } }"}
    )

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_expired_key_is_refused(client: Client) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    key, secret = await keys.create(name="old", scopes={ApiKeyScope.READ}, expires_at=soon)
    await ApiKey.filter(id=key.id).update(expires_at=datetime.now(UTC))

    answer = await client.by(secret).answer("{ viewer { scopes } }")

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_revoked_key_is_refused_and_stays_revoked(client: Client) -> None:
    key, secret = await keys.create(name="lost", scopes={ApiKeyScope.READ})

    first = await client.ask(REVOKE, input={"id": keys.public_id(key)})
    second = await client.ask(REVOKE, input={"id": keys.public_id(key)})
    answer = await client.by(secret).answer("{ viewer { scopes } }")

    assert first["revokeApiKey"]["apiKey"]["revokedAt"] is not None
    assert first == second
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_last_use_of_a_key_is_stored(client: Client, anonymous: Client) -> None:
    key, secret = await keys.create(name="shop", scopes={ApiKeyScope.READ})
    before = datetime.now(UTC)
    await client.by(secret).ask("{ viewer { scopes } }")

    viewers = anonymous.http._transport.app.state.viewers  # type: ignore[attr-defined]
    await viewers.look()

    await key.refresh_from_db()
    assert key.last_used_at is not None
    assert before <= key.last_used_at <= datetime.now(UTC)
    first = key.last_used_at
    await client.by(secret).ask("{ viewer { scopes } }")
    await viewers.look()
    await key.refresh_from_db()
    assert key.last_used_at == first  # written once a minute


async def test_every_change_has_an_audit_entry_with_the_caller_and_the_object(
    client: Client,
) -> None:
    function = await client.create_function(labels=["Soups"])
    data = await client.ask(
        """mutation ($input: CreateLabelInput!) { createLabel(input: $input) { label { id } } }""",
        input={"functionId": function["id"], "name": "Pies"},
    )
    await client.ask(
        """mutation ($input: CreateLabelInput!) { createLabel(input: $input) { label { id } } }""",
        input={"functionId": function["id"], "name": "PIES"},  # refused: no change
    )

    log = await client.ask("{ auditLog { nodes { actor action objectIds apiKey { name } } } }")

    [key] = await ApiKey.all()
    assert log["auditLog"]["nodes"] == [
        {
            "actor": f"tests ({key.prefix})",
            "action": "createFunction",
            "objectIds": [function["id"]],
            "apiKey": {"name": "tests"},
        },
        {
            "actor": f"tests ({key.prefix})",
            "action": "createLabel",
            "objectIds": [function["id"], data["createLabel"]["label"]["id"]],
            "apiKey": {"name": "tests"},
        },
    ]
