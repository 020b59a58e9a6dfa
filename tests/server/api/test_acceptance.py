"""Accepting predictions in the API: previewed, listed, exported and undone."""

from typing import Any

import pytest

from pigeonhole.services.services import Services
from pigeonhole.tables import AuditEntry, Function, Sample
from server import ids
from tests import build
from tests.client import Client
from tests.conftest import RunJobs

PREVIEW = """query ($id: ID!, $least: Float!, $filter: SampleFilter) { function(id: $id) {
  sampleCounts { annotated }
  acceptablePredictions(minConfidence: $least, filter: $filter) {
    count expectedErrors version errorRate { value lower upper count sampleCount } } } }"""
ACCEPT = """mutation ($input: AcceptPredictionsInput!) { acceptPredictions(input: $input) {
  acceptedCount hasMore acceptedAt errors { code path } } }"""
UNDO = """mutation ($input: UndoAcceptanceInput!) { undoAcceptance(input: $input) {
  clearedCount hasMore errors { code path } } }"""
LISTED = """query ($id: ID!) { function(id: $id) {
  samples(first: 100, filter: { annotationSources: [ACCEPTED] }) { totalCount nodes {
    disputed mistakeScore annotation { source createdAt confirmed label { name } } } } } }"""


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    made = await build.function(services)
    await build.add_digits(services, made, 15)
    await build.add_digits(services, made, 4, skip=15, annotated=False)
    await run_jobs()
    await made.refresh_from_db()
    return made


async def ask(client: Client, function: Function, query: str, **variables: Any) -> Any:
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    return (await client.ask(query, id=id, **variables))["function"]


async def test_what_was_previewed_is_accepted_listed_and_undone(
    client: Client, function: Function
) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    confidences = [
        float(row.confidence or 0)
        for row in await Sample.filter(function_id=function.id, label_id=None)
    ]
    found = await ask(client, function, PREVIEW, least=0.0)
    said = found["acceptablePredictions"]
    assert said["count"] == 8
    assert said["expectedErrors"] == pytest.approx(sum(1 - one for one in confidences))
    assert said["errorRate"]["sampleCount"] == 30
    assert said["errorRate"]["lower"] <= said["errorRate"]["value"] <= said["errorRate"]["upper"]
    assert found["sampleCounts"] == {"annotated": 30}
    input = {"functionId": id, "minConfidence": 0.0, "version": said["version"]}

    done = (await client.ask(ACCEPT, input=input))["acceptPredictions"]

    assert done["errors"] == []
    assert (done["acceptedCount"], done["hasMore"]) == (8, False)
    listed = (await ask(client, function, LISTED))["samples"]
    assert listed["totalCount"] == 8
    for node in listed["nodes"]:
        assert (node["disputed"], node["mistakeScore"]) == (False, None)
        annotation = node["annotation"]
        assert (annotation["source"], annotation["confirmed"]) == ("ACCEPTED", False)
        assert annotation["createdAt"] == done["acceptedAt"]
    after = await ask(client, function, PREVIEW, least=0.0)
    assert after["sampleCounts"] == {"annotated": 38}
    assert after["acceptablePredictions"] == {**said, "count": 0, "expectedErrors": 0.0}

    input = {"functionId": id, "acceptedAt": done["acceptedAt"]}
    undone = (await client.ask(UNDO, input=input))["undoAcceptance"]
    again = (await client.ask(UNDO, input=input))["undoAcceptance"]

    assert undone == {"clearedCount": 8, "hasMore": False, "errors": []}
    assert again == {"clearedCount": 0, "hasMore": False, "errors": []}
    assert (await ask(client, function, PREVIEW, least=0.0))["acceptablePredictions"] == said
    entries = await AuditEntry.all().order_by("-id").limit(2)
    assert [(entry.action, entry.object_ids) for entry in entries] == [
        ("undoAcceptance", [id]),
        ("acceptPredictions", [id]),
    ]


async def test_wrong_confidences_versions_and_times_are_errors_of_the_input(
    client: Client, function: Function
) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    version = (await build.active_model(function)).version
    given = {"functionId": id, "minConfidence": 0.5, "version": version}
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"minConfidence": 1.5}, "INVALID", "minConfidence"),
        ({"version": version + 1}, "CONFLICT", "version"),
        ({"acceptedAt": "2026-01-01T00:00:00Z"}, "INVALID", "acceptedAt"),
        ({"functionId": "fn_0"}, "NOT_FOUND", "functionId"),
    ]

    for wrong, code, field in refused:
        payload = (await client.ask(ACCEPT, input={**given, **wrong}))["acceptPredictions"]
        assert payload["errors"] == [{"code": code, "path": ["input", field]}]
        assert (payload["acceptedCount"], payload["acceptedAt"]) == (0, None)

    answer = await client.answer(PREVIEW, id=id, least=-1.0)
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert (await ask(client, function, LISTED))["samples"]["totalCount"] == 0
