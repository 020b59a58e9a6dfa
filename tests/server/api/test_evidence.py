"""Evidence for a prediction, and the set of labels that may be true."""

import pytest

from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Sample
from server import ids
from tests import build
from tests.client import Client, Json, inline
from tests.conftest import RunJobs

INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) { invocation { prediction {
  label { name } set { name } sure: set(coverage: 0.5) { name }
  evidence { similarity disputed sample { id annotation { label { name } } } } } }
  errors { code path } } }"""


async def ask(client: Client, function: Function, image: Json) -> Json:
    """Return the prediction of an invocation that succeeds."""
    input = {"functionId": ids.of_row(function), "image": image}
    payload = (await client.ask(INVOKE, input=input))["invoke"]
    assert payload["errors"] == []
    found: Json = payload["invocation"]["prediction"]
    return found


async def test_evidence_is_the_same_for_an_invocation_and_a_sample_and_never_the_picture_itself(
    client: Client, services: Services, function: Function, run_jobs: RunJobs
) -> None:
    await build.add(services, function, [build.unseen_digit("0")])
    await run_jobs()
    new = (await ask(client, function, inline(build.unseen_digit("1"))))["evidence"]
    [row, *_] = await Sample.filter(label__name="0").order_by("id")
    own = ids.encode(ids.Kind.SAMPLE, row.id)
    same = (await ask(client, function, {"sampleId": own}))["evidence"]
    held_out = await client.ask(
        """query ($id: ID!) { node(id: $id) { ... on Sample { crossValidated {
             evidence(first: 100) { similarity disputed sample { id } } } } } }""",
        id=own,
    )
    everything = held_out["node"]["crossValidated"]["evidence"]

    similarities = [one["similarity"] for one in everything]
    assert new[0]["sample"]["annotation"]["label"]["name"] == "1"
    assert own not in [one["sample"]["id"] for one in same + everything]
    assert (len(new), len(same), len(everything)) == (5, 5, 7)
    assert similarities == sorted(similarities, reverse=True)
    assert [one["sample"]["id"] for one in same] == [one["sample"]["id"] for one in everything[:5]]
    assert [one["similarity"] for one in same] == pytest.approx(similarities[:5], abs=1e-5)


async def test_evidence_with_a_disputed_annotation_is_marked_until_it_is_confirmed(
    client: Client, services: Services, function: Function
) -> None:
    rows = await Sample.filter(label__name="1").order_by("id")
    [zero] = await Label.filter(function_id=function.id, name="0")
    await Sample.filter(id__in=[rows[0].id, rows[1].id]).update(predicted_id=zero.id)
    await Sample.filter(id=rows[1].id).update(confirmed=True)

    shown = (await ask(client, function, inline(build.unseen_digit("1"))))["evidence"]

    marked = {one["sample"]["id"] for one in shown if one["disputed"]}
    assert marked == {ids.encode(ids.Kind.SAMPLE, rows[0].id)}


async def test_a_set_is_one_label_if_the_model_is_sure_and_all_labels_if_there_are_too_few_samples(
    client: Client, function: Function
) -> None:
    found = await ask(client, function, inline(build.unseen_digit("1")))
    row = await Sample.filter(label__name="1").first()
    assert row is not None
    sample = await client.ask(
        "query ($id: ID!) { node(id: $id) { ... on Sample { crossValidated "
        "{ label { name } set { name } sure: set(coverage: 0.5) { name } } } } }",
        id=ids.encode(ids.Kind.SAMPLE, row.id),
    )
    held_out = sample["node"]["crossValidated"]

    assert [len(found["set"]), len(held_out["set"])] == [2, 2]  # of 8 samples
    assert found["sure"] == [found["label"]]
    assert held_out["sure"] == [held_out["label"]]


async def test_a_set_with_an_invalid_coverage_is_refused(
    client: Client, function: Function
) -> None:
    document = (
        "mutation ($input: InvokeInput!) { invoke(input: $input) { invocation { prediction "
        "{ set(coverage: 1) { name } } } } }"
    )
    payload = await client.answer(
        document,
        input={"functionId": ids.of_row(function), "image": inline(build.unseen_digit("1"))},
    )

    assert payload["errors"][0]["extensions"]["code"] == "INVALID"
