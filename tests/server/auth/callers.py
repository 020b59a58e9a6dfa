"""Callers with and without keys, and a function for them to invoke."""

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from server import ids
from tests import make
from tests.client import Client, Json
from tests.conftest import RunJobs

INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) {
  invocation { id externalId modelTime createdAt prediction { label { id name } confidence decision
    ranking { confidence label { name } } } }
  errors { code path } } }"""


async def restricted(client: Client, function_id: str, *scopes: ApiKeyScope) -> Client:
    """Return a client whose key is restricted to one function."""
    parsed = ids.parse(function_id)
    assert parsed is not None
    _, secret = await keys.create(name="restricted", scopes=scopes, function_ids=[parsed[1]])
    return client.by(secret)


async def trained(client: Client, run_jobs: RunJobs, **input: object) -> Json:
    """Create a function with a model from the names of its labels, and one annotated sample."""
    function = await client.create_function(labels=["Soups", "Pies"], **input)
    added = await client.add_samples(function["id"], [make.picture(1)], ["Soups"])
    await run_jobs()
    function["sample"] = added["results"][0]["sample"]["id"]
    function["label"] = function["labels"]["nodes"][0]["id"]
    return function


async def ask(caller: Client, function: Json, picture: int = 5, **input: object) -> Json:
    return await caller.upload(
        INVOKE,
        [("new.png", make.picture(picture))],
        ["variables.input.image.upload"],
        {"input": {"functionId": function["id"], "image": {"upload": None}, **input}},
    )
