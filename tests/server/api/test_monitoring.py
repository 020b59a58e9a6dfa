"""Monitoring of a function: what it has answered, how that differs from its samples, captures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from pigeonhole.kinds import CaptureReason, Decision, SampleSource
from pigeonhole.samples import captures
from pigeonhole.services.predictors import Prediction
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Invocation, Model, Sample
from server import ids
from tests import build, make
from tests.client import Client, Json, inline

MONITORING = """query ($id: ID!, $days: Int! = 30, $period: PeriodLength! = DAY) {
  function(id: $id) { monitoring(days: $days, period: $period) { since count
    periods { start count acceptCount reviewCount noneOfTheseCount meanConfidence
      noneOfThese { value lower upper sampleCount } confidence { low median high } }
    noneOfThese { value sampleCount } labels { label { name } share { value } taughtShare }
    drift { invoked { value } heldOut { value sampleCount } difference lower upper detected }
    captures { reason count unannotatedCount } } } }"""
INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) { errors { code } } }"""
SAMPLES = """query ($id: ID!, $filter: SampleFilter) { function(id: $id) {
  samples(first: 10, filter: $filter, orderBy: { field: CONFIDENCE, direction: ASC }) {
    nodes { captureReason } } } }"""


def picture(seed: int) -> Json:
    """Return an image that no sample has."""
    return inline(make.picture(seed))


async def monitored(client: Client, function: Function, **variables: Any) -> Json:
    """Return the monitoring of a function."""
    data = await client.ask(MONITORING, id=ids.of_row(function), **variables)
    found: Json = data["function"]["monitoring"]
    return found


async def answer(
    function: Function, count: int, decision: Decision, *, name: str = "0", ago: timedelta
) -> None:
    """Record invocations with confidences 0.01, 0.02, ... up to their count."""
    label = (await build.label(function, name)).id
    model = await Model.get(id=function.active_model_id)
    await Invocation.bulk_create(
        Invocation(
            function_id=function.id,
            model_id=model.id,
            sha256=f"{number:064}",
            media_type="image/png",
            width=1,
            height=1,
            byte_size=1,
            ranking=[[str(label), number / 100]],
            label_id=label,
            confidence=number / 100,
            decision=decision,
            model_time_ms=1.0,
            created_at=datetime.now(UTC) - ago,
        )
        for number in range(1, count + 1)
    )


async def test_invocations_are_counted_by_day_with_decisions_and_confidences(
    client: Client, function: Function
) -> None:
    await answer(function, 20, Decision.ACCEPT, ago=timedelta(days=2))
    await answer(function, 5, Decision.NONE_OF_THESE, name="1", ago=timedelta(days=2))
    await answer(function, 1, Decision.REVIEW, ago=timedelta(0))
    await answer(function, 3, Decision.REVIEW, ago=timedelta(days=3, hours=1))

    found = await monitored(client, function, days=3)

    first, empty, today = found["periods"]
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert datetime.fromisoformat(first["start"]) == midnight - timedelta(days=2)
    assert found["since"] == first["start"]
    assert first["count"] == 25
    assert (first["acceptCount"], first["reviewCount"], first["noneOfTheseCount"]) == (20, 0, 5)
    assert first["meanConfidence"] == pytest.approx((2.10 + 0.15) / 25)
    assert first["confidence"] == {"low": 0.02, "median": 0.08, "high": 0.18}
    assert first["noneOfThese"] == {
        "value": 0.2,
        "lower": pytest.approx(0.0886, abs=1e-4),
        "upper": pytest.approx(0.3913, abs=1e-4),
        "sampleCount": 25,
    }
    assert empty["count"] == 0
    assert (empty["noneOfThese"], empty["meanConfidence"], empty["confidence"]) == (None,) * 3
    assert (today["count"], today["reviewCount"]) == (1, 1)
    assert found["count"] == 26
    assert [(one["label"]["name"], one["taughtShare"]) for one in found["labels"]] == [
        ("0", 0.5),
        ("1", 0.5),
    ]
    assert [one["share"]["value"] for one in found["labels"]] == [21 / 26, 5 / 26]


async def test_hours_are_counted_apart_and_too_many_of_them_are_refused(
    client: Client, function: Function
) -> None:
    await answer(function, 2, Decision.ACCEPT, ago=timedelta(hours=5))

    found = await monitored(client, function, days=1, period="HOUR")
    refused = await client.answer(MONITORING, id=ids.of_row(function), days=8, period="HOUR")
    longer = await client.answer(MONITORING, id=ids.of_row(function), days=31)

    assert [period["count"] for period in found["periods"]] == [0] * 18 + [2] + [0] * 5
    for answered, most in ((refused, 7), (longer, 30)):
        [error] = answered["errors"]
        assert error["message"] == f"`days` must be between 1 and {most}."


async def test_it_is_drift_only_when_the_interval_of_the_difference_is_above_zero(
    client: Client, services: Services, function: Function
) -> None:
    predictor = await services.predictors.active(function)
    strangeness = np.linspace(0.01, 1, 100, dtype=np.float32)  # 5 are at most 0.05
    held_out = replace(predictor.held_out, strangeness=strangeness, sizes=np.ones(100, np.int32))
    services.predictors.keep(replace(predictor, held_out=held_out))

    await answer(function, 9, Decision.NONE_OF_THESE, ago=timedelta(0))
    few = await monitored(client, function)
    await answer(function, 91, Decision.ACCEPT, ago=timedelta(0))
    same = (await monitored(client, function))["drift"]
    await answer(function, 40, Decision.NONE_OF_THESE, ago=timedelta(0))
    strange = (await monitored(client, function))["drift"]

    assert few["drift"] is None
    assert same["heldOut"] == {"value": 0.05, "sampleCount": 100}
    assert same["invoked"] == {"value": 0.09}
    assert same["difference"] == pytest.approx(0.04)
    assert same["lower"] == pytest.approx(-0.0512, abs=1e-4)
    assert same["detected"] is False
    assert strange["difference"] == pytest.approx(49 / 140 - 0.05)
    assert strange["lower"] == pytest.approx(0.19, abs=1e-2)
    assert strange["detected"] is True


async def test_captured_samples_have_their_reason_and_are_listed_and_counted_by_it(
    client: Client, function: Function
) -> None:
    await Function.filter(id=function.id).update(capture_enabled=True, capture_random_share=1.0)
    await client.ask(INVOKE, input={"functionId": ids.of_row(function), "image": picture(1)})
    for seed in (2, 3):
        input = {"functionId": ids.of_row(function), "image": picture(seed), "capture": True}
        await client.ask(INVOKE, input=input)
    label = await build.label(function, "0")
    [_, annotated, old] = await Sample.filter(source=SampleSource.CAPTURE).order_by("id")
    await Sample.filter(id=annotated.id).update(label_id=label.id)
    await Sample.filter(id=old.id).update(capture_reason=None)
    by_reason = {"captureReasons": ["RANDOM", "STRANGE"], "annotated": False}

    found = await monitored(client, function)
    listed = await client.ask(SAMPLES, id=ids.of_row(function), filter=by_reason)

    assert found["count"] == 3
    assert found["captures"] == [
        {"reason": None, "count": 1, "unannotatedCount": 1},
        {"reason": "RANDOM", "count": 1, "unannotatedCount": 1},
        {"reason": "REQUESTED", "count": 1, "unannotatedCount": 0},
    ]
    assert listed["function"]["samples"]["nodes"] == [{"captureReason": "RANDOM"}]


async def test_images_are_captured_for_the_first_rule_that_they_meet(
    services: Services, function: Function
) -> None:
    model = await Model.get(id=function.active_model_id)
    label = (await build.label(function, "0")).id  # has four annotated samples

    async def why(decision: Decision, confidence: float, **rules: Any) -> CaptureReason | None:
        function.update_from_dict(
            {
                "capture_enabled": True,
                "capture_below": 0.5,
                "capture_strange": False,
                "capture_rare_below": 0,
                "capture_random_share": 0.0,
                **rules,
            }
        )
        prediction = Prediction(model, ((label, confidence),), decision)
        return await captures.reason_for(function, prediction, None)

    strange, accept = Decision.NONE_OF_THESE, Decision.ACCEPT
    assert await why(accept, 0.9) is None
    assert await why(strange, 0.9) is None
    assert await why(accept, 0.4) is CaptureReason.LOW_CONFIDENCE
    assert await why(accept, 0.9, capture_rare_below=4) is None
    assert await why(accept, 0.4, capture_rare_below=5) is CaptureReason.RARE_LABEL
    rules = {"capture_strange": True, "capture_rare_below": 5}
    assert await why(strange, 0.4, **rules) is CaptureReason.STRANGE
    assert await why(accept, 0.9, capture_random_share=1.0, **rules) is CaptureReason.RANDOM
    assert await why(strange, 0.4, capture_enabled=False, **rules) is None
    prediction = Prediction(model, ((label, 0.9),), accept)
    assert await captures.reason_for(function, prediction, True) is CaptureReason.REQUESTED
    assert await captures.reason_for(function, prediction, False) is None
