"""Invocations of a function, and feedback about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pigeonhole import invocation
from pigeonhole.errors import NotFoundError
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Invocation, Label, Orphan, Sample
from server import ids
from tests import build, make
from tests.client import Client, Json, inline
from tests.conftest import RunJobs

INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) {
  invocation { id externalId modelTime sample { source annotation { source } }
    prediction { label { name } confidence decision ranking { label { name } confidence }
      model { version }
      evidence { similarity disputed sample { id annotation { label { name } } } } } }
  errors { code path } } }"""
BATCH = """mutation ($input: InvokeBatchInput!) { invokeBatch(input: $input) {
  results { invocation { prediction { label { name } } } error { code path } }
  errors { code path } } }"""
FEEDBACK = """mutation ($input: GiveFeedbackInput!) { giveFeedback(input: $input) {
  sample { id source annotation { source label { name } } } errors { code path } } }"""
NODE = """query ($id: ID!) { node(id: $id) { ... on Invocation { externalId
  prediction { label { name } confidence decision ranking { label { name } confidence } } } } }"""


async def ask(client: Client, function: Function, picture: bytes, **input: Any) -> Json:
    """Return an invocation that succeeds."""
    given = {"functionId": ids.of_row(function), "image": inline(picture), **input}
    payload = (await client.ask(INVOKE, input=given))["invoke"]
    assert payload["errors"] == []
    found: Json = payload["invocation"]
    return found


async def test_a_picture_is_classified_by_upload_by_data_uri_and_by_sample(
    client: Client, function: Function
) -> None:
    sample = await Sample.filter(label__name="1").order_by("id").first()
    assert sample is not None

    by_uri = await ask(client, function, build.unseen_digit("0"), topK=2, externalId="dish-1")
    uploaded = await client.upload(
        INVOKE,
        [("0.png", build.unseen_digit("0"))],
        ["variables.input.image.upload"],
        {"input": {"functionId": ids.of_row(function), "image": {"upload": None}}},
    )
    image = {"sampleId": ids.encode(ids.Kind.SAMPLE, sample.id)}
    by_sample = await client.ask(INVOKE, input={"functionId": ids.of_row(function), "image": image})

    prediction = by_uri["prediction"]
    assert by_uri["externalId"] == "dish-1"
    assert (prediction["label"]["name"], prediction["model"]) == ("0", {"version": 1})
    assert [one["label"]["name"] for one in prediction["ranking"]] == ["0", "1"]
    assert sum(one["confidence"] for one in prediction["ranking"]) == pytest.approx(1)
    again = uploaded["invoke"]["invocation"]["prediction"]
    assert again["confidence"] == pytest.approx(prediction["confidence"], abs=1e-3)
    assert len(again["ranking"]) == 1
    assert by_sample["invoke"]["invocation"]["prediction"]["label"]["name"] == "1"


@pytest.mark.parametrize("many", [0, 101])
async def test_top_k_out_of_bounds_is_refused(
    client: Client, function: Function, many: int
) -> None:
    picture = inline(build.unseen_digit("0"))
    input = {"functionId": ids.of_row(function), "image": picture, "topK": many}

    one = await client.ask(INVOKE, input=input)
    image = input.pop("image")
    batch = await client.ask(BATCH, input={**input, "images": [image]})

    refused = [{"code": "INVALID", "path": ["input", "topK"]}]
    assert one["invoke"] == {"invocation": None, "errors": refused}
    assert batch["invokeBatch"] == {"results": [], "errors": refused}
    assert await Invocation.all().count() == 0


async def test_a_function_without_a_model_cannot_be_invoked(
    client: Client, services: Services
) -> None:
    function = await build.function(services, [])
    input = {"functionId": ids.of_row(function)}

    one = await client.ask(INVOKE, input={**input, "image": inline(make.picture(1))})
    batch = await client.ask(BATCH, input={**input, "images": [inline(make.picture(1))]})

    assert [error["code"] for error in one["invoke"]["errors"]] == ["NOT_TRAINED"]
    assert [error["code"] for error in batch["invokeBatch"]["errors"]] == ["NOT_TRAINED"]


async def test_each_picture_of_a_batch_is_classified_or_refused_in_its_place(
    client: Client, function: Function
) -> None:
    nowhere = {"sampleId": "sm_00000000000000000000000000000000"}
    first, last = build.unseen_digit("1"), build.unseen_digit("0")
    images = [inline(first), inline(b"no picture"), nowhere, inline(last)]

    data = await client.ask(BATCH, input={"functionId": ids.of_row(function), "images": images})
    one = await client.ask(INVOKE, input={"functionId": ids.of_row(function), "image": images[1]})

    path = ["input", "images"]
    assert data["invokeBatch"]["errors"] == []
    assert [
        result["error"] or result["invocation"]["prediction"]["label"]["name"]
        for result in data["invokeBatch"]["results"]
    ] == [
        "1",
        {"code": "UNREADABLE_IMAGE", "path": [*path, "1"]},
        {"code": "NOT_FOUND", "path": [*path, "2", "sampleId"]},
        "0",
    ]
    assert one["invoke"]["errors"] == [{"code": "UNREADABLE_IMAGE", "path": ["input", "image"]}]
    assert await Invocation.all().count() == 2


async def test_repeated_feedback_creates_one_annotated_sample(
    client: Client, function: Function, run_jobs: RunJobs
) -> None:
    asked = await ask(client, function, build.unseen_digit("0"))
    assert asked["sample"] is None

    for name in ("1", "0", "0"):
        data = await client.ask(
            FEEDBACK, input={"invocationId": asked["id"], "label": {"labelName": name}}
        )
        assert data["giveFeedback"]["errors"] == []
        sample = data["giveFeedback"]["sample"]
        assert sample["source"] == "CAPTURE"
        assert sample["annotation"] == {"source": "FEEDBACK", "label": {"name": name}}

    assert await Sample.all().count() == 9
    await run_jobs()
    await function.refresh_from_db()
    assert function.trained_revision == function.revision == 4


async def test_feedback_with_an_unknown_label_stores_nothing(
    client: Client, services: Services, function: Function
) -> None:
    other = await build.function(services, ["Other"], name="Other")
    foreign = ids.encode(ids.Kind.LABEL, (await build.label(other, "Other")).id)
    asked = await ask(client, function, build.unseen_digit("0"))

    data = await client.ask(
        FEEDBACK, input={"invocationId": asked["id"], "label": {"labelId": foreign}}
    )

    assert data["giveFeedback"] == {
        "sample": None,
        "errors": [{"code": "CONFLICT", "path": ["input", "label", "labelId"]}],
    }
    assert await Sample.all().count() == 8


async def test_unsure_predictions_are_captured_up_to_the_daily_limit(
    client: Client, function: Function
) -> None:
    function.capture_enabled, function.capture_below, function.capture_daily_limit = True, 1.01, 2
    await function.save()

    images = [inline(make.picture(seed)) for seed in range(5)]
    await client.ask(BATCH, input={"functionId": ids.of_row(function), "images": images})
    later = await ask(client, function, make.picture(9))

    assert await Sample.filter(source="capture").count() == 2
    assert later["sample"] is None
    asked_for = await ask(client, function, make.picture(9), capture=True)
    assert asked_for["sample"] == {"source": "CAPTURE", "annotation": None}


async def test_sure_predictions_and_refused_captures_are_not_kept(
    client: Client, function: Function
) -> None:
    function.capture_enabled, function.capture_below = True, 0.0
    await function.save()
    sure = await ask(client, function, make.picture(1))
    function.capture_below = 1.01
    await function.save()
    refused = await ask(client, function, make.picture(1), capture=False)
    unsure = await ask(client, function, make.picture(1))

    assert (sure["sample"], refused["sample"]) == (None, None)
    assert unsure["sample"] == {"source": "CAPTURE", "annotation": None}
    assert await Sample.all().count() == 9


async def test_an_invocation_is_found_by_its_id_with_the_same_prediction(
    client: Client, services: Services, function: Function, run_jobs: RunJobs
) -> None:
    asked = await ask(client, function, build.unseen_digit("0"), topK=2, externalId="dish-1")
    await build.add_digits(services, function, 2, skip=10)
    await run_jobs()

    found = (await client.ask(NODE, id=asked["id"]))["node"]

    assert found == {
        "externalId": "dish-1",
        "prediction": {
            key: asked["prediction"][key] for key in ("label", "confidence", "decision", "ranking")
        },
    }


async def test_old_invocations_are_deleted_and_their_pictures_too_unless_they_became_samples(
    client: Client, function: Function
) -> None:
    old = datetime.now(UTC) - timedelta(days=30, minutes=1)
    for seed, capture in ((1, True), (2, False), (3, False)):
        await ask(client, function, make.picture(seed), capture=capture)
    rows = await Invocation.all().order_by("id")
    await Invocation.filter(id__in=[row.id for row in rows[:2]]).update(created_at=old)

    assert await invocation.sweep() == 2

    assert await Invocation.all().values_list("id", flat=True) == [rows[2].id]
    assert [row.sha256 for row in await Orphan.all()] == [rows[1].sha256]


async def test_a_function_deleted_during_an_invocation_is_not_found_and_no_picture_is_left(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = invocation.predict

    async def delete_first(*arguments: Any) -> Any:
        prediction = await predict(*arguments)
        await Function.filter(id=function.id).delete()
        return prediction

    monkeypatch.setattr(invocation, "predict", delete_first)
    with pytest.raises(NotFoundError):
        await invocation.invoke(services, function.id, make.picture(1))

    assert await Orphan.all().count() == 1
    assert await Label.all().count() == await Invocation.all().count() == 0
