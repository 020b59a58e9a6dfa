"""The main job in the API: create a function, annotate, train, read, invoke."""

import pytest

from pigeonhole.services.services import Services
from tests import make
from tests.client import Client
from tests.conftest import RunJobs

FUNCTION = """query ($id: ID!) { function(id: $id) {
  state readiness { trainable missing } encoder encoderWarning
  sampleCounts { total annotated unannotated embedded }
  model { version active encoder classifier
    metrics { accuracy { value lower upper count } balancedAccuracy macroF1 calibrationError folds
      labels { label { name } recall { value } support }
      confusionMatrix { labels { name } counts } }
    trainingRun { state stage progress sampleCount accuracy { value } } }
  labels { totalCount nodes { name sampleCount metrics { support } } } } }"""


@pytest.fixture
def encoder_spec() -> str:
    return "bundled"


async def test_a_function_learns_from_annotations_and_classifies_images(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    pictures, names = make.digits()
    function = await client.create_function(labels=[str(digit) for digit in range(10)])
    added = await client.add_samples(function["id"], pictures[:60], names[:60])

    await run_jobs()
    found = (await client.ask(FUNCTION, id=function["id"]))["function"]
    asked = await client.upload(
        """mutation ($input: InvokeInput!) { invoke(input: $input) {
             invocation { id prediction { label { name } confidence decision
               ranking { confidence } model { version } } }
             errors { code message } } }""",
        [("new.png", pictures[70])],
        ["variables.input.image.upload"],
        {"input": {"functionId": function["id"], "image": {"upload": None}, "topK": 10}},
    )

    assert added["createdCount"] == 60
    assert found["state"] == "READY"
    assert found["sampleCounts"] == {
        "total": 60,
        "annotated": 60,
        "unannotated": 0,
        "embedded": 60,
    }
    assert found["model"]["version"] == 1
    assert found["model"]["trainingRun"]["state"] == "SUCCEEDED"
    assert asked["invoke"]["errors"] == []
    prediction = asked["invoke"]["invocation"]["prediction"]
    assert len(prediction["ranking"]) == 10
