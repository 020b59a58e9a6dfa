"""Which objects exist for whom: restricted keys, and callers without a key."""

from collections.abc import Callable

import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import DeletedSample, Function, Label, Sample
from server import ids
from server.api.schema import schema
from tests import make
from tests.client import Client, Json
from tests.conftest import RunJobs

INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) {
  invocation { id externalId modelTime createdAt prediction { label { id name } confidence decision
    ranking { confidence label { name } } } }
  errors { code path } } }"""
FEEDBACK = """mutation ($input: GiveFeedbackInput!) { giveFeedback(input: $input) {
  sample { id } errors { code } } }"""


async def restricted(client: Client, function_id: str, *scopes: ApiKeyScope) -> Client:
    """A caller whose key is for one function."""
    parsed = ids.parse(function_id)
    assert parsed is not None
    _, secret = await keys.create(name="restricted", scopes=scopes, function_ids=[parsed[1]])
    return client.by(secret)


async def trained(client: Client, run_jobs: RunJobs, **input: object) -> Json:
    """A function that answers, by the names of its labels, with one annotated sample."""
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
"""An attempt of every mutation at what belongs to another function."""
TABLES = (Function, Label, Sample, DeletedSample)
WEBHOOKS = {"createWebhook", "updateWebhook", "deleteWebhook", "testWebhook", "redeliver"}
FOR_ALL_OR_ADMINS = {"createFunction", "createApiKey", "revokeApiKey"} | WEBHOOKS


async def test_no_mutation_reaches_a_function_that_is_not_the_keys(
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
    """The ID of a sample in a function's trash."""
    [result] = (await client.add_samples(function_id, [make.picture(1)]))["results"]
    data = await client.ask(
        """mutation ($id: ID!) { deleteSamples(input: {ids: [$id]}) { deletedSamples { id } } }""",
        id=result["sample"]["id"],
    )
    [one] = data["deleteSamples"]["deletedSamples"]
    return str(one["id"])


async def everything() -> list[Json]:
    return [row for table in TABLES for row in await table.all().values()]


async def test_a_label_or_a_sample_of_another_function_is_not_found_within_ones_own(
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


async def test_a_restricted_key_makes_no_functions(client: Client) -> None:
    own = await client.create_function(name="Own")
    caller = await restricted(client, own["id"], ApiKeyScope.WRITE)

    answer = await caller.answer(
        """mutation { createFunction(input: {name: "Mine"}) { function { id } } }"""
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await Function.all().count() == 1


async def test_anyone_may_invoke_a_public_function_and_gets_the_answer_alone(
    client: Client, run_jobs: RunJobs
) -> None:
    function = await trained(client, run_jobs, visibility="PUBLIC")

    data = await ask(client.by(None), function, topK=2)

    assert data["invoke"]["errors"] == []
    prediction = data["invoke"]["invocation"]["prediction"]
    assert prediction["label"]["name"] in ("Soups", "Pies")
    assert prediction["decision"] in ("ACCEPT", "REVIEW", "NONE_OF_THESE")
    assert len(prediction["ranking"]) == 2
    assert await Sample.all().count() == 1


@pytest.mark.parametrize(
    "field",
    [
        "function { name }",
        "sample { id }",
        "prediction { model { version } }",
        "prediction { evidence { similarity } }",
        "prediction { label { metadata } }",
        "prediction { label { description } }",
        "prediction { label { sampleCount } }",
        "prediction { label { metrics { f1 } } }",
        "prediction { label { function { samples { totalCount } } } }",
        "prediction { ranking { label { metadata } } }",
    ],
)
async def test_what_lies_behind_a_public_answer_is_not_for_anyone(
    client: Client, anonymous: Client, field: str
) -> None:
    function = await client.create_function(visibility="PUBLIC")

    answer = await anonymous.answer(
        "mutation ($input: InvokeInput!) { invoke(input: $input) {"
        f" invocation {{ {field} }} }} }}",
        input={"functionId": function["id"], "image": {"dataUri": "data:,"}},
    )

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_without_a_key_a_private_function_and_pictures_here_do_not_exist(
    client: Client, run_jobs: RunJobs
) -> None:
    private = await trained(client, run_jobs, name="Private")
    public = await trained(client, run_jobs, name="Public", visibility="PUBLIC")
    anyone = client.by(None)
    sample = {"image": {"sampleId": private["sample"]}}

    hidden = await ask(anyone, private)
    missing = await ask(anyone, {"id": "fn_00000000000000000000000000000000"})
    borrowed = await anyone.ask(INVOKE, input={"functionId": public["id"], **sample})

    not_found = {
        "invocation": None,
        "errors": [{"code": "NOT_FOUND", "path": ["input", "functionId"]}],
    }
    assert hidden["invoke"] == missing["invoke"] == not_found
    assert borrowed["invoke"]["errors"] == [
        {"code": "NOT_FOUND", "path": ["input", "image", "sampleId"]}
    ]


@pytest.mark.parametrize("capture", [True, False])
async def test_anyone_does_not_choose_whether_a_picture_is_kept(
    client: Client, run_jobs: RunJobs, capture: bool
) -> None:
    function = await trained(client, run_jobs, visibility="PUBLIC")
    uri = {"dataUri": "data:,"}

    answer = await client.by(None).answer(
        INVOKE, input={"functionId": function["id"], "image": uri, "capture": capture}
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await Sample.all().count() == 1


async def test_feedback_needs_a_key_that_writes(client: Client, run_jobs: RunJobs) -> None:
    function = await trained(client, run_jobs, visibility="PUBLIC")
    anyone = client.by(None)
    invocation = (await ask(anyone, function))["invoke"]["invocation"]["id"]
    input = {"invocationId": invocation, "label": {"labelName": "Pies"}}
    reader = await restricted(client, function["id"], ApiKeyScope.READ, ApiKeyScope.INVOKE)

    refused = [await caller.answer(FEEDBACK, input=input) for caller in (anyone, reader)]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in refused]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN"]
    assert await Sample.all().count() == 1


async def test_a_key_that_only_reads_may_not_invoke_what_it_sees(
    client: Client, run_jobs: RunJobs
) -> None:
    function = await trained(client, run_jobs)
    reader = await restricted(client, function["id"], ApiKeyScope.READ)

    answer = await reader.answer(
        INVOKE, input={"functionId": function["id"], "image": {"sampleId": function["sample"]}}
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
