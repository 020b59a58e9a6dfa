"""The quiz: people grade predictions for samples that the model has not seen."""

from typing import Any

import pytest

from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Grade, Sample
from server import ids
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs

QUIZ = """query ($id: ID!, $first: Int) { function(id: $id) {
  quizSamples(first: $first) { id crossValidated { label { id } } }
  quizAccuracy { value lower upper count } } }"""
GRADE = """mutation ($input: GradeAnswersInput!) { gradeAnswers(input: $input) {
  samples { annotation { source label { name } } } errors { code path } } }"""


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    """A function with twelve samples without annotations, and a model from names alone."""
    made = await build.function(services)
    await run_jobs()
    await build.add(services, made, [make.picture(seed) for seed in range(12)])
    await run_jobs()
    return made


async def quiz(client: Client, function: Function, first: int = 10) -> Any:
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    return (await client.ask(QUIZ, id=id, first=first))["function"]


def verdict(sample: Any, *, right: bool, **more: Any) -> dict[str, Any]:
    shown = sample["crossValidated"]["label"]["id"]
    return {"sampleId": sample["id"], "shownLabelId": shown, "right": right, **more}


async def test_a_quiz_stays_the_same_until_it_is_answered(
    client: Client, function: Function
) -> None:
    asked = await quiz(client, function, 4)
    again = await quiz(client, function, 4)
    everything = await quiz(client, function, 100)

    assert asked == again
    assert asked["quizAccuracy"] is None
    assert len(asked["quizSamples"]) == 4
    assert len(everything["quizSamples"]) == 12
    assert everything["quizSamples"][:4] == asked["quizSamples"]


async def test_verdicts_become_annotations_if_the_right_label_is_known(
    client: Client, function: Function
) -> None:
    right, wrong, unknown = (await quiz(client, function, 3))["quizSamples"]
    zero = ids.encode(ids.Kind.LABEL, (await build.label(function, "0")).id)
    right["crossValidated"]["label"]["id"] = zero

    data = await client.ask(
        GRADE,
        input={
            "grades": [
                verdict(right, right=True),
                verdict(wrong, right=False, label={"labelName": "Neither"}),
                verdict(unknown, right=False),
            ]
        },
    )

    assert data["gradeAnswers"] == {
        "samples": [
            {"annotation": {"source": "PERSON", "label": {"name": "0"}}},
            {"annotation": {"source": "PERSON", "label": {"name": "Neither"}}},
            {"annotation": None},
        ],
        "errors": [],
    }
    assert sorted(grade.right for grade in await Grade.all()) == [False, False, True]
    left = (await quiz(client, function))["quizSamples"]
    assert {right["id"], wrong["id"], unknown["id"]}.isdisjoint(one["id"] for one in left)
    assert len(left) == 9


async def test_the_share_of_right_predictions_is_given_from_ten_verdicts_on(
    client: Client, function: Function
) -> None:
    asked = (await quiz(client, function, 10))["quizSamples"]

    await client.ask(GRADE, input={"grades": [verdict(one, right=True) for one in asked[:8]]})
    early = await quiz(client, function)
    await client.ask(GRADE, input={"grades": [verdict(one, right=False) for one in asked[8:]]})
    late = await quiz(client, function)

    assert early["quizAccuracy"] is None
    assert (late["quizAccuracy"]["value"], late["quizAccuracy"]["count"]) == (0.8, 10)
    assert late["quizAccuracy"]["lower"] < 0.8 < late["quizAccuracy"]["upper"]


async def test_an_annotated_sample_and_one_without_a_prediction_cannot_be_graded(
    client: Client, services: Services, function: Function
) -> None:
    [one, other] = (await quiz(client, function, 2))["quizSamples"]
    await client.ask(GRADE, input={"grades": [verdict(one, right=True)]})
    [fresh] = await build.add(services, function, [make.picture(99)])
    unanswered = {**other, "id": ids.encode(ids.Kind.SAMPLE, fresh.id)}

    for bad in (one, unanswered):
        data = await client.ask(
            GRADE, input={"grades": [verdict(other, right=True), verdict(bad, right=True)]}
        )
        assert data["gradeAnswers"] == {
            "samples": [],
            "errors": [{"code": "CONFLICT", "path": ["input", "grades", "1", "sampleId"]}],
        }

    assert await Grade.all().count() == 1
    assert await Sample.filter(label_id__isnull=False).count() == 1


async def test_an_unknown_label_refuses_all_verdicts(client: Client, function: Function) -> None:
    [one, other] = (await quiz(client, function, 2))["quizSamples"]
    nowhere = {"labelName": " "}

    data = await client.ask(
        GRADE,
        input={"grades": [verdict(one, right=True), verdict(other, right=False, label=nowhere)]},
    )

    path = ["input", "grades", "1", "label", "labelName"]
    assert data["gradeAnswers"]["errors"] == [{"code": "REQUIRED", "path": path}]
    assert await Grade.all().count() == 0
    assert await Sample.filter(label_id__isnull=False).count() == 0


@pytest.mark.parametrize("first", [0, 101])
async def test_an_invalid_size_of_a_quiz_is_refused(
    client: Client, services: Services, first: int
) -> None:
    function = await build.function(services)

    answer = await client.answer(QUIZ, id=ids.encode(ids.Kind.FUNCTION, function.id), first=first)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID"]
