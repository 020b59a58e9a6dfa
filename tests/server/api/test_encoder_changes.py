"""The mutations of a function's encoder: what they return, refuse, and tell webhooks."""

from typing import Any

import pytest

from pigeonhole.access import keys
from pigeonhole.encoders import BUNDLED, DEFAULT
from pigeonhole.kinds import ApiKeyScope, EncoderChangeState, WebhookEvent
from pigeonhole.services.choices import set_encoder
from pigeonhole.services.services import Services
from pigeonhole.tables import EncoderChange, Function, Model, Webhook, WebhookDelivery
from pigeonhole.training import encoder_changes
from server import ids
from tests import build, encoder
from tests.client import Client, Json
from tests.conftest import RunJobs
from tests.cuts import cut

CHANGE = """encoderChange { encoder encoderBefore state switchesByItself canGoBack embeddedCount
  finishedAt comparison { sampleCount accuracyBefore worse millisecondsAfter } }"""
MUTATIONS = ("changeEncoder", "stopEncoderChange", "switchEncoder", "goBackToEncoder")


@pytest.fixture(scope="session")
def other_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return encoder.save(tmp_path_factory.mktemp("other"), seed=1)


@pytest.fixture
async def new(services: Services, other_encoder: str) -> str:
    """The small encoder with other weights, registered in the deployment."""
    await set_encoder(other_encoder)
    return other_encoder


async def do(client: Client, mutation: str, function: Function | str, **input: Any) -> Json:
    """Run one of the mutations; return its payload."""
    id = function if isinstance(function, str) else ids.encode(ids.Kind.FUNCTION, function.id)
    type = f"{mutation[0].upper()}{mutation[1:]}Input"
    said = await client.ask(
        f"mutation ($input: {type}!) {{ {mutation}(input: $input) {{ {CHANGE} "
        "errors { code path message } } }",
        input={"functionId": id, **input},
    )
    return dict(said[mutation])


async def codes(client: Client, mutation: str, function: Function | str, **input: Any) -> Any:
    """Run a mutation that is refused; return the code and the path of its error."""
    payload = await do(client, mutation, function, **input)
    assert payload["encoderChange"] is None
    [error] = payload["errors"]
    return error["code"], error["path"][-1]


async def trained(services: Services, run_jobs: RunJobs) -> Function:
    function = await build.function(services)
    await build.add_digits(services, function, 3)
    await run_jobs()
    await function.refresh_from_db()
    return function


async def test_a_change_is_started_switched_and_reverted(
    client: Client, services: Services, run_jobs: RunJobs, new: str
) -> None:
    function = await trained(services, run_jobs)
    old = function.encoder
    before = await build.active_model(function)
    await Webhook.create(url="https://a.example", events=["model.activated"], secret="whsec_")

    begun = await do(client, "changeEncoder", function, encoder=new, switchesByItself=False)
    await run_jobs()
    [waiting] = (await client.ask(f"{{ functions {{ nodes {{ {CHANGE} }} }} }}"))["functions"][
        "nodes"
    ]
    switched = await do(client, "switchEncoder", function)
    after = await build.active_model(function)
    told = [(row.event, str(after.id.hex) in row.body) for row in await WebhookDelivery.all()]
    back = await do(client, "goBackToEncoder", function)

    assert begun["encoderChange"] == {
        "encoder": new,
        "encoderBefore": old,
        "state": "EMBEDDING",
        "switchesByItself": False,
        "canGoBack": False,
        "embeddedCount": 0,
        "finishedAt": None,
        "comparison": None,
    }
    compared = waiting["encoderChange"]
    assert (compared["state"], compared["embeddedCount"]) == ("WAITING", 6)
    assert compared["comparison"]["sampleCount"] == 6
    assert (switched["encoderChange"]["state"], switched["errors"]) == ("SWITCHED", [])
    assert switched["encoderChange"]["canGoBack"] is True
    assert told == [(WebhookEvent.MODEL_ACTIVATED, True)]
    assert compared["comparison"]["millisecondsAfter"] > 0
    assert back["encoderChange"]["state"] == "UNDONE"
    await function.refresh_from_db()
    assert (function.encoder, function.active_model_id) == (old, before.id)
    events = [row.body for row in await WebhookDelivery.all().order_by("number")]
    assert len(events) == 2
    assert before.id.hex in events[1]


async def test_encoders_have_the_speed_that_the_last_changes_measured(
    client: Client, services: Services
) -> None:
    function = await build.function(services)
    changes = ((BUNDLED, DEFAULT, 9.0, 40.0), ("mini:file", BUNDLED, 1.5, 2.5))
    for after, before, ms_after, ms_before in changes:
        await EncoderChange.create(
            function_id=function.id,
            encoder=after,
            encoder_before=before,
            state=EncoderChangeState.STOPPED,
            comparison={"ms_after": ms_after, "ms_before": ms_before},
        )

    choices = (await client.ask("{ encoders { name milliseconds } }"))["encoders"]

    measured = {one["name"]: one["milliseconds"] for one in choices if one["milliseconds"]}
    assert measured == {BUNDLED: 2.5, DEFAULT: 40.0}
    assert len(choices) > 2


async def test_a_function_names_its_encoder_as_a_change_takes_it_without_a_folder(
    client: Client, services: Services
) -> None:
    function = await build.function(services)
    shown = []
    for name in (function.encoder, BUNDLED, DEFAULT):
        await Function.all().update(encoder=name)
        shown += (await client.ask("{ functions { nodes { encoder } } }"))["functions"]["nodes"]

    assert [one["encoder"] for one in shown] == ["mini/mini.pt", BUNDLED, DEFAULT]


async def test_a_mutation_that_the_state_of_a_change_does_not_allow_is_a_conflict(
    client: Client, services: Services, new: str
) -> None:
    function = await build.function(services)
    conflict = ("CONFLICT", "functionId")

    for mutation in MUTATIONS[1:]:
        assert await codes(client, mutation, function) == conflict
    assert await codes(client, "changeEncoder", function, encoder=function.encoder) == (
        "CONFLICT",
        "encoder",
    )
    begun = await do(client, "changeEncoder", function, encoder=new)
    assert begun["errors"] == []
    assert await codes(client, "changeEncoder", function, encoder=new) == conflict
    assert await codes(client, "switchEncoder", function) == conflict
    assert await codes(client, "goBackToEncoder", function) == conflict
    stopped = await do(client, "stopEncoderChange", function)
    assert stopped["encoderChange"]["state"] == "STOPPED"
    assert stopped["encoderChange"]["finishedAt"] is not None
    assert await codes(client, "stopEncoderChange", function) == conflict

    await EncoderChange.all().update(state=EncoderChangeState.SWITCHED, vectors_kept=False)
    assert await codes(client, "goBackToEncoder", function) == conflict
    assert await EncoderChange.all().count() == 1


@pytest.mark.parametrize("encoder", ["nothing", "ViT-B-32/no-such-tag", "ViT-B-16/openai", ""])
async def test_an_encoder_that_is_not_on_this_machine_is_refused(
    client: Client, services: Services, encoder: str
) -> None:
    function = await build.function(services)

    assert await codes(client, "changeEncoder", function, encoder=encoder) == ("INVALID", "encoder")

    assert await EncoderChange.all().count() == 0


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_change_needs_a_key_that_may_write_to_the_function(
    client: Client, services: Services, mutation: str, new: str
) -> None:
    function, other = await build.function(services), await build.function(services, name="Other")
    input = {"encoder": new} if mutation == "changeEncoder" else {}
    scopes = (ApiKeyScope.READ, ApiKeyScope.INVOKE)
    _, reading = await keys.create(name="reads", scopes=scopes)
    _, elsewhere = await keys.create(
        name="elsewhere", scopes=[ApiKeyScope.WRITE, ApiKeyScope.READ], function_ids=[other.id]
    )
    type = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation ($input: {type}!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    refused = await client.by(reading).answer(document, input={"functionId": id, **input})

    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await codes(client.by(elsewhere), mutation, function, **input) == (
        "NOT_FOUND",
        "functionId",
    )
    assert await EncoderChange.all().count() == 0


async def test_a_switch_and_its_event_are_both_stored_or_neither_wherever_the_process_ends(
    services: Services, run_jobs: RunJobs, new: str
) -> None:
    function = await trained(services, run_jobs)
    await Webhook.create(url="https://a.example", events=["model.activated"], secret="whsec_")
    await encoder_changes.start(services, function.id, new, switches_by_itself=False)
    await run_jobs()
    told, step, was_cut = set(), 0, True
    while was_cut:
        step += 1
        await EncoderChange.all().update(state=EncoderChangeState.WAITING)
        await WebhookDelivery.all().delete()

        was_cut = await cut(encoder_changes.switch(services, function.id), step)

        change = await EncoderChange.get(function_id=function.id)
        there = await WebhookDelivery.all().count()
        assert there == (1 if change.state is EncoderChangeState.SWITCHED else 0)
        told.add(there)

    assert told == {0, 1}
    assert await Model.all().count() == 2
