"""The objects that exist for restricted keys and for callers without a key."""

from collections.abc import Callable

from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import DeletedSample, Function, Label, Sample
from server.api.schema import schema
from tests import make
from tests.client import Client, Json
from tests.conftest import RunJobs
from tests.server.auth.callers import INVOKE, ask, restricted, trained


async def test_for_a_restricted_key_other_functions_do_not_exist(
    client: Client, run_jobs: RunJobs
) -> None:
    own = await client.create_function(name="Own")
    other = await trained(client, run_jobs, name="Other", visibility="PRIVATE")
    caller = await restricted(client, own["id"], ApiKeyScope.WRITE, ApiKeyScope.INVOKE)

    data = await caller.ask(
        """query ($ids: [ID!]!, $other: ID!) {
             functions { totalCount nodes { name } }
             nodes(ids: $ids) { id }
             function(id: $other) { id }
             functionByName(name: "Other") { id }
             viewer { apiKey { functions { name } } } }""",
        ids=[own["id"], other["id"], other["sample"], other["label"]],
        other=other["id"],
    )

    assert data == {
        "functions": {"totalCount": 1, "nodes": [{"name": "Own"}]},
        "nodes": [{"id": own["id"]}, None, None, None],
        "function": None,
        "functionByName": None,
        "viewer": {"apiKey": {"functions": [{"name": "Own"}]}},
    }


CHANGES: dict[str, Callable[[Json], Json]] = {
    "updateFunction": lambda it: {"id": it["id"], "name": "Stolen"},
    "deleteFunction": lambda it: {"id": it["id"]},
    "createLabel": lambda it: {"functionId": it["id"], "name": "New"},
    "updateLabel": lambda it: {"id": it["label"], "name": "New"},
    "deleteLabel": lambda it: {"id": it["label"]},
    "addSamples": lambda it: {
        "functionId": it["id"],
        "samples": [{"image": {"sampleId": it["sample"]}}],
    },
    "deleteSamples": lambda it: {"ids": [it["sample"]]},
    "restoreSamples": lambda it: {"ids": [it["deleted"]]},
    "purgeSamples": lambda it: {"ids": [it["deleted"]]},
    "annotateSamples": lambda it: {
        "annotations": [{"sampleId": it["sample"], "label": {"labelName": "New"}}]
    },
    "gradeAnswers": lambda it: {
        "grades": [{"sampleId": it["sample"], "shownLabelId": it["label"], "right": True}]
    },
    "clearAnnotations": lambda it: {"sampleIds": [it["sample"]]},
    "acceptPredictions": lambda it: {"functionId": it["id"], "version": 1, "minConfidence": 0.0},
    "undoAcceptance": lambda it: {"functionId": it["id"], "acceptedAt": "2026-01-01T00:00:00Z"},
    "retrySamples": lambda it: {"sampleIds": [it["sample"]]},
    "startTraining": lambda it: {"functionId": it["id"]},
    "cancelTraining": lambda it: {"id": it["run"]},
    "activateModel": lambda it: {"id": it["model"]},
    "changeEncoder": lambda it: {"functionId": it["id"], "encoder": "bundled"},
    "stopEncoderChange": lambda it: {"functionId": it["id"]},
    "switchEncoder": lambda it: {"functionId": it["id"]},
    "goBackToEncoder": lambda it: {"functionId": it["id"]},
    "invoke": lambda it: {"functionId": it["id"], "image": {"sampleId": it["sample"]}},
    "invokeBatch": lambda it: {"functionId": it["id"], "images": [{"sampleId": it["sample"]}]},
    "giveFeedback": lambda it: {
        "invocationId": it["invocation"],
        "label": {"labelName": "New"},
    },
}
"""Return an attempt by every mutation to change an object of another function."""
TABLES = (Function, Label, Sample, DeletedSample)
WEBHOOKS = {
    "createWebhook", "updateWebhook", "deleteWebhook", "rotateWebhookSecret", "testWebhook",
    "redeliver",
}  # fmt: skip
FOR_ALL_OR_ADMINS = {"createFunction", "createApiKey", "revokeApiKey"} | WEBHOOKS


async def test_no_mutation_reaches_a_function_outside_the_scope_of_the_key(
    client: Client, run_jobs: RunJobs
) -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    assert set(CHANGES) | FOR_ALL_OR_ADMINS == set(mutations.fields)
    own = await client.create_function(name="Own", labels=["Soups"])
    other = await trained(client, run_jobs, name="Other")
    found = await client.ask(
        "query ($id: ID!) { function(id: $id) { model { id trainingRun { id } } } }",
        id=other["id"],
    )
    other["model"] = found["function"]["model"]["id"]
    other["run"] = found["function"]["model"]["trainingRun"]["id"]
    other["invocation"] = (await ask(client, other))["invoke"]["invocation"]["id"]
    other["deleted"] = await deleted(client, other["id"])
    before = await everything()
    caller = await restricted(client, own["id"], ApiKeyScope.WRITE, ApiKeyScope.INVOKE)

    codes = {}
    for name, input in CHANGES.items():
        kind = f"{name[0].upper()}{name[1:]}Input"
        data = await caller.ask(
            f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}",
            input=input(other),
        )
        codes[name] = [error["code"] for error in data[name]["errors"]]

    assert codes == {name: ["NOT_FOUND"] for name in CHANGES}
    assert await everything() == before


async def deleted(client: Client, function_id: str) -> str:
    """Create a sample in a function's trash; return its ID."""
    [result] = (await client.add_samples(function_id, [make.picture(1)]))["results"]
    data = await client.ask(
        """mutation ($id: ID!) { deleteSamples(input: {ids: [$id]}) { deletedSamples { id } } }""",
        id=result["sample"]["id"],
    )
    [one] = data["deleteSamples"]["deletedSamples"]
    return str(one["id"])


async def everything() -> list[Json]:
    return [row for table in TABLES for row in await table.all().values()]


async def test_a_label_or_a_sample_of_another_function_is_not_found_in_an_allowed_function(
    client: Client, run_jobs: RunJobs
) -> None:
    own = await trained(client, run_jobs, name="Own")
    other = await trained(client, run_jobs, name="Other")
    caller = await restricted(client, own["id"], ApiKeyScope.WRITE, ApiKeyScope.INVOKE)

    annotated = await caller.ask(
        """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
             errors { code path } } }""",
        input={"annotations": [{"sampleId": own["sample"], "label": {"labelId": other["label"]}}]},
    )
    moved = await caller.ask(
        """mutation ($input: DeleteLabelInput!) { deleteLabel(input: $input) {
             errors { code path } } }""",
        input={"id": own["label"], "moveToLabelId": other["label"]},
    )
    invoked = await caller.ask(
        INVOKE, input={"functionId": own["id"], "image": {"sampleId": other["sample"]}}
    )

    assert annotated["annotateSamples"]["errors"] == [
        {"code": "NOT_FOUND", "path": ["input", "annotations", "0", "label", "labelId"]}
    ]
    assert moved["deleteLabel"]["errors"] == [
        {"code": "NOT_FOUND", "path": ["input", "moveToLabelId"]}
    ]
    assert invoked["invoke"]["errors"] == [
        {"code": "NOT_FOUND", "path": ["input", "image", "sampleId"]}
    ]
    assert await Label.all().count() == 4


async def test_a_restricted_key_cannot_create_functions(client: Client) -> None:
    own = await client.create_function(name="Own")
    caller = await restricted(client, own["id"], ApiKeyScope.WRITE)

    answer = await caller.answer(
        """mutation { createFunction(input: {name: "Mine"}) { function { id } } }"""
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await Function.all().count() == 1
