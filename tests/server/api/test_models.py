"""Models and training runs in the API: start, cancel, go back, and compare versions."""

from dataclasses import replace
from unittest.mock import ANY

import numpy as np
import pytest

from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Model, TrainingRun
from pigeonhole.training import confusion
from server import ids
from tests import build
from tests.client import Client, Json
from tests.conftest import RunJobs

START = """mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
  trainingRun { id state stage progress sampleCount } errors { code path message } } }"""
CANCEL = """mutation ($input: CancelTrainingInput!) { cancelTraining(input: $input) {
  trainingRun { state } errors { code path } } }"""
ACTIVATE = """mutation ($input: ActivateModelInput!) { activateModel(input: $input) {
  model { version active } errors { code path } } }"""
MODELS = """query ($id: ID!, $version: Int!) { function(id: $id) {
  model { version fromNamesAlone dataRevision
    changedSince(version: $version) { totalCount nodes { id } }
    metrics { accuracy { value } threshold(maxErrorRate: 1) { coverage }
      confusionMatrix { labels { id name } counts } } }
  models { nodes { version active fromNamesAlone trainingRun { state keptBack } } } } }"""
CELL = """query ($id: ID!, $annotated: ID!, $predicted: ID!) { function(id: $id) { model {
  metrics { confusionMatrix { samples(annotatedLabelId: $annotated, predictedLabelId: $predicted) {
    totalCount } } } } } }"""


async def models(client: Client, function: Function, version: int = 1) -> Json:
    found: Json = (await client.ask(MODELS, id=ids.of_row(function), version=version))["function"]
    return found


async def test_a_run_is_started_and_canceled(client: Client, services: Services) -> None:
    function = await build.function(services, auto_train=False)

    started = (await client.ask(START, input={"functionId": ids.of_row(function)}))["startTraining"]
    run = started["trainingRun"]
    canceled = [await client.ask(CANCEL, input={"id": run["id"]}) for _ in range(2)]

    assert started["errors"] == []
    assert run == {
        "id": run["id"], "state": "QUEUED", "stage": "WAITING", "progress": 0.0, "sampleCount": 0,
    }  # fmt: skip
    assert [data["cancelTraining"] for data in canceled] == [
        {"trainingRun": {"state": "CANCELED"}, "errors": []},
        {"trainingRun": None, "errors": [{"code": "CONFLICT", "path": ["input", "id"]}]},
    ]


async def test_a_function_with_one_label_cannot_be_trained(
    client: Client, services: Services
) -> None:
    function = await build.function(services, ["Soups"])

    data = await client.ask(START, input={"functionId": ids.of_row(function)})

    path = ["input", "functionId"]
    message = "At least two labels are required."
    assert data["startTraining"] == {
        "trainingRun": None,
        "errors": [{"code": "CONFLICT", "path": path, "message": message}],
    }
    assert await TrainingRun.all().count() == 0


async def test_an_earlier_version_is_activated_again(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await run_jobs()
    await build.add_digits(services, function, 4)
    await run_jobs()
    first = await Model.get(version=1)
    before = (await models(client, function))["models"]["nodes"]

    data = await client.ask(ACTIVATE, input={"id": ids.encode(ids.Kind.MODEL, first.id)})
    missing = await client.ask(ACTIVATE, input={"id": "md_" + "0" * 32})

    run = {"state": "SUCCEEDED", "keptBack": None}
    assert before == [
        {"version": 1, "active": False, "fromNamesAlone": True, "trainingRun": run},
        {"version": 2, "active": True, "fromNamesAlone": False, "trainingRun": run},
    ]
    assert data["activateModel"] == {"model": {"version": 1, "active": True}, "errors": []}
    assert missing["activateModel"]["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]
    assert (await models(client, function))["model"]["version"] == 1


async def test_the_samples_that_two_versions_predict_differently_are_listed(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    added = await build.add_digits(services, function, 6)
    await run_jobs()
    swap = ((row, build.TWO[(place + 1) % 2]) for place, row in enumerate(added))
    await build.annotate(services, *swap)
    await run_jobs()

    found = (await models(client, function))["model"]
    same = (await models(client, function, version=2))["model"]
    answer = await client.answer(MODELS, id=ids.of_row(function), version=3)

    changed = found["changedSince"]
    assert (found["version"], found["dataRevision"]) == (2, 3)
    assert changed["totalCount"] == len(changed["nodes"]) >= 10
    assert {node["id"] for node in changed["nodes"]} <= {
        ids.encode(ids.Kind.SAMPLE, row.id) for row in added
    }
    assert same["changedSince"]["totalCount"] == 0
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]


async def test_each_cell_of_the_confusion_matrix_lists_its_samples(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 6)
    await run_jobs()
    metrics = (await models(client, function))["model"]["metrics"]
    matrix = metrics["confusionMatrix"]

    for row, annotated in enumerate(matrix["labels"]):
        for column, predicted in enumerate(matrix["labels"]):
            cell = await client.ask(
                CELL, id=ids.of_row(function), annotated=annotated["id"], predicted=predicted["id"]
            )
            listed = cell["function"]["model"]["metrics"]["confusionMatrix"]["samples"]
            assert listed["totalCount"] == matrix["counts"][row][column]

    assert sum(map(sum, matrix["counts"])) == 12
    assert metrics["threshold"]["coverage"] == 1.0


async def test_a_confusion_matrix_stored_without_zeros_is_returned_completely(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 6)
    await run_jobs()
    before = (await models(client, function))["model"]["metrics"]["confusionMatrix"]
    model = await build.active_model(function)

    model.metrics = confusion.without_zeros(model.metrics)
    await model.save(update_fields=["metrics"])

    after = (await models(client, function))["model"]["metrics"]["confusionMatrix"]
    assert after == before
    assert sum(map(sum, after["counts"])) == 12


@pytest.mark.parametrize("rate", [-0.1, 1.1])
async def test_a_threshold_for_an_invalid_error_rate_is_refused(
    client: Client, services: Services, run_jobs: RunJobs, rate: float
) -> None:
    function = await build.function(services)
    await run_jobs()

    answer = await client.answer(
        """query ($id: ID!, $rate: Float!) { function(id: $id) { model { metrics {
             threshold(maxErrorRate: $rate) { confidence } } } } }""",
        id=ids.of_row(function),
        rate=rate,
    )

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID"]


async def test_next_labels_and_mix_ups_come_from_the_held_out_answers_of_a_model_that_is_measured(
    client: Client, services: Services, function: Function
) -> None:
    query = """query ($id: ID!, $n: Int!) { function(id: $id) { model { metrics {
      nextLabels(sampleCount: $n) { sampleCount gain labels { name } }
      mixUps { label { name } other { name } share { value sampleCount } guessing indistinguishable
        gainIfMerged } } } } }"""

    async def asked(n: int = 20) -> Json:
        answer = await client.answer(query, id=ids.of_row(function), n=n)
        found: Json = answer["data"]["function"]["model"]["metrics"]
        return found

    early = await asked()
    model = await build.active_model(function)
    model.metrics["accuracy"] = {"value": 0.75, "lower": 0.6, "upper": 0.9, "count": 60}
    await model.save()
    predictor = await services.predictors.get(model.id)
    truth = np.repeat(np.array([0, 1], np.int32), 40)
    top = truth.copy()
    top[:20] = 1  # half of the first label's
    held_out = replace(
        predictor.held_out,
        truth=truth,
        top=top[:, None],
        graded=np.ones(80, np.bool_),
        sizes=np.ones(80, np.int32),
    )
    services.predictors.keep(replace(predictor, held_out=held_out))
    metrics = await asked()
    found = metrics["nextLabels"]

    assert early == {"nextLabels": None, "mixUps": []}
    names = {(await build.label(function, name)).id: name for name in build.TWO}
    assert [one["name"] for one in found["labels"]] == [names[id] for id in held_out.labels]
    gains = [errors / 44 / 2 * (1 - (1 + 10 / 46) ** -0.4) for errors in (21, 1)]
    assert found == {"sampleCount": 20, "gain": pytest.approx(sum(gains)), "labels": ANY}
    first, second = (names[id] for id in held_out.labels)
    assert metrics["mixUps"] == [
        {
            "label": {"name": first},
            "other": {"name": second},
            "share": {"value": 0.25, "sampleCount": 80},
            "guessing": 0.5,
            "indistinguishable": False,
            "gainIfMerged": 0.25,
        }
    ]
