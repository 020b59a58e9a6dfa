"""Permissions of callers without a key, or with a key of few scopes."""

import pytest

from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import Sample
from tests.client import Client
from tests.conftest import RunJobs
from tests.server.auth.callers import INVOKE, ask, restricted, trained

FEEDBACK = """mutation ($input: GiveFeedbackInput!) { giveFeedback(input: $input) {
  sample { id } errors { code } } }"""


async def test_anyone_may_invoke_a_public_function_and_gets_only_the_prediction(
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
async def test_the_data_behind_a_public_prediction_is_not_public(
    client: Client, anonymous: Client, field: str
) -> None:
    function = await client.create_function(visibility="PUBLIC")

    answer = await anonymous.answer(
        "mutation ($input: InvokeInput!) { invoke(input: $input) {"
        f" invocation {{ {field} }} }} }}",
        input={"functionId": function["id"], "image": {"dataUri": "data:,"}},
    )

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_without_a_key_private_functions_and_stored_pictures_do_not_exist(
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
async def test_a_caller_without_a_key_cannot_choose_to_keep_a_picture(
    client: Client, run_jobs: RunJobs, capture: bool
) -> None:
    function = await trained(client, run_jobs, visibility="PUBLIC")
    uri = {"dataUri": "data:,"}

    answer = await client.by(None).answer(
        INVOKE, input={"functionId": function["id"], "image": uri, "capture": capture}
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await Sample.all().count() == 1


async def test_feedback_needs_a_key_with_the_scope_to_write(
    client: Client, run_jobs: RunJobs
) -> None:
    function = await trained(client, run_jobs, visibility="PUBLIC")
    anyone = client.by(None)
    invocation = (await ask(anyone, function))["invoke"]["invocation"]["id"]
    input = {"invocationId": invocation, "label": {"labelName": "Pies"}}
    reader = await restricted(client, function["id"], ApiKeyScope.READ, ApiKeyScope.INVOKE)

    refused = [await caller.answer(FEEDBACK, input=input) for caller in (anyone, reader)]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in refused]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN"]
    assert await Sample.all().count() == 1


async def test_a_key_with_only_the_scope_to_read_may_not_invoke(
    client: Client, run_jobs: RunJobs
) -> None:
    function = await trained(client, run_jobs)
    reader = await restricted(client, function["id"], ApiKeyScope.READ)

    answer = await reader.answer(
        INVOKE, input={"functionId": function["id"], "image": {"sampleId": function["sample"]}}
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
