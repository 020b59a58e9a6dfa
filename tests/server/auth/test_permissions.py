"""Every field declares its permission, and operations without permission do not run."""

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, parse

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import AuditEntry, Function
from server.api.schema import schema
from server.auth.permissions import Anyone, needs, permission
from tests.client import Client, Json

ALL = "{ functions { nodes { id name } } }"
MAKE = """mutation { createFunction(input: {name: "Soups"}) { function { id } } }"""
MAKE_KEY = """mutation { createApiKey(input: {name: "mine", scopes: [ADMIN]}) { secret } }"""


async def key_of(client: Client, *scopes: ApiKeyScope) -> Client:
    _, secret = await keys.create(name="a key", scopes=scopes)
    return client.by(secret)


def code_of(answer: Json) -> str:
    [error] = answer["errors"]
    assert "data" not in answer
    return str(error["extensions"]["code"])


def test_every_field_of_the_schema_has_a_permission() -> None:
    fields = [
        (type, name)
        for type in schema._schema.type_map.values()
        if isinstance(type, GraphQLObjectType | GraphQLInterfaceType)
        if not type.name.startswith("__")
        for name in type.fields
    ]

    without = [f"{type.name}.{name}" for type, name in fields if permission(type, name) is None]

    assert len(fields) > 200
    assert without == []


def test_public_fields_are_listed_by_name() -> None:
    roots = [schema._schema.query_type, schema._schema.mutation_type]
    open_to_all = set()
    for root in roots:
        assert root is not None
        for name in root.fields:
            found = permission(root, name)
            if isinstance(found, Anyone) or (found and found.unless_visibility):
                open_to_all.add(name)

    assert open_to_all == {"viewer", "invoke", "invokeBatch"}


def test_permissions_are_found_in_fragments_and_only_in_the_operation_that_runs() -> None:
    document = parse(
        """query Mine { viewer { ...Key } }
           query All { ... on Query { functions { ...Page } apiKeys { totalCount } } }
           fragment Key on Viewer { scopes }
           fragment Page on FunctionConnection { nodes { id ...Page2 } }
           fragment Page2 on Function { name }"""
    )

    mine = needs(schema._schema, document, "Mine")
    everything = needs(schema._schema, document, "All")

    assert mine == ()
    assert everything == (
        (frozenset({ApiKeyScope.READ}), "Query.functions"),
        (frozenset({ApiKeyScope.ADMIN}), "Query.apiKeys"),
    )


@pytest.mark.parametrize("document", [ALL, MAKE, MAKE_KEY, "{ apiKeys { totalCount } }"])
async def test_without_a_key_only_public_fields_run(anonymous: Client, document: str) -> None:
    answer = await anonymous.answer(document)

    assert code_of(answer) == "UNAUTHENTICATED"
    assert await Function.all().count() == await AuditEntry.all().count() == 0
    assert (await anonymous.ask("{ viewer { apiKey { id } scopes } }"))["viewer"] == {
        "apiKey": None,
        "scopes": [],
    }


@pytest.mark.parametrize(
    ("scope", "document"),
    [
        (ApiKeyScope.INVOKE, ALL),
        (ApiKeyScope.INVOKE, MAKE),
        (ApiKeyScope.READ, MAKE),
        (ApiKeyScope.READ, MAKE_KEY),
        (ApiKeyScope.WRITE, MAKE_KEY),
        (ApiKeyScope.WRITE, "{ auditLog { totalCount } }"),
    ],
)
async def test_a_key_without_the_scope_is_refused_and_nothing_changes(
    anonymous: Client, scope: ApiKeyScope, document: str
) -> None:
    client = await key_of(anonymous, scope)

    answer = await client.answer(document)

    assert code_of(answer) == "FORBIDDEN"
    assert await Function.all().count() == await AuditEntry.all().count() == 0
    assert len(await keys.live()) == 1


async def test_one_forbidden_field_refuses_the_whole_operation(anonymous: Client) -> None:
    client = await key_of(anonymous, ApiKeyScope.WRITE)

    answer = await client.answer(
        """mutation { createFunction(input: {name: "Soups"}) { function { id } }
                      createApiKey(input: {name: "mine", scopes: [ADMIN]}) { secret } }"""
    )

    assert answer["errors"][0]["message"] == (
        "Mutation.createApiKey requires an API key with the scope ADMIN."
    )
    assert await Function.all().count() == 0


async def test_scopes_imply_the_scopes_that_they_need(anonymous: Client) -> None:
    scopes = {
        scope.name: (await (await key_of(anonymous, scope)).ask("{ viewer { scopes } }"))
        for scope in ApiKeyScope
    }

    assert {name: answer["viewer"]["scopes"] for name, answer in scopes.items()} == {
        "INVOKE": ["INVOKE"],
        "READ": ["READ"],
        "WRITE": ["READ", "WRITE"],
        "ADMIN": ["INVOKE", "READ", "WRITE", "ADMIN"],
    }
