"""Webhooks: events are stored with their changes, signed, and delivered in order."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from tortoise.transactions import in_transaction

from pigeonhole.kinds import DeliveryState, WebhookEvent
from pigeonhole.revisions import lock
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Function, Model, TrainingRun, Webhook, WebhookDelivery
from pigeonhole.training.activation import activate
from pigeonhole.webhooks import delivering, outbox, signing
from tests import build
from tests.client import Client, Json
from tests.conftest import RunJobs
from tests.cuts import cut
from tests.receiver import Receiver

CREATE = """mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) {
  webhook { id enabled note function { name } } secret errors { code path } } }"""
LIST = """{ webhooks(first: 9) { nodes { enabled note deliveries(first: 9) { nodes {
  id event state attempts status failure body dueAt } } } } }"""


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    return receiver.allowed_by(settings)


async def webhook(receiver: Receiver, function: Function | None = None) -> Webhook:
    """Create a webhook for all events."""
    return await Webhook.create(
        url=receiver.url,
        events=[event.value for event in WebhookEvent],
        secret=signing.new_secret(),
        function_id=function and function.id,
    )


async def tell(services: Services, function: Function, *events: WebhookEvent) -> None:
    """Write events without delivering them."""
    for event in events:
        async with in_transaction():
            await lock([function.id])
            await outbox.tell(event, function, {})


async def make_due() -> None:
    """Make all waiting deliveries due."""
    await WebhookDelivery.all().update(due_at=outbox.now() - timedelta(seconds=1))


async def listed(client: Client) -> Json:
    [found] = (await client.ask(LIST))["webhooks"]["nodes"]
    return dict(found)


def test_a_signature_equals_that_of_the_libraries_of_the_specification() -> None:
    headers = signing.headers_of(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],  # kingfisher:ignore - a public example
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_events_of_a_training_run_are_delivered_in_order_and_signed(
    client: Client, services: Services, run_jobs: RunJobs, receiver: Receiver
) -> None:
    function = await build.function(services)
    made = await client.ask(
        CREATE,
        input={"url": receiver.url, "events": ["TRAINING_SUCCEEDED", "MODEL_ACTIVATED"]},
    )
    await build.add_digits(services, function, 3)

    await run_jobs()

    assert receiver.told == [("training.succeeded", "Recipes"), ("model.activated", "Recipes")]
    headers, body = receiver.taken[0]
    key = base64.b64decode(made["createWebhook"]["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert json.loads(body)["data"]["model"]["version"] == 1
    found = await listed(client)
    assert [one["state"] for one in found["deliveries"]["nodes"]] == ["DELIVERED"] * 2
    assert [one["status"] for one in found["deliveries"]["nodes"]] == [204, 204]


async def test_a_failed_event_delays_only_its_own_function_and_is_retried(
    services: Services, receiver: Receiver, client: Client
) -> None:
    one, other = await build.function(services), await build.function(services, name="Other")
    hook = await webhook(receiver)
    await tell(services, one, WebhookEvent.TRAINING_SUCCEEDED, WebhookEvent.MODEL_ACTIVATED)
    await tell(services, other, WebhookEvent.TRAINING_FAILED)
    receiver.statuses = [500]

    await delivering.deliver(services, hook.id)
    failed = receiver.told
    waiting = (await listed(client))["deliveries"]["nodes"]
    await tell(services, one, WebhookEvent.MODEL_KEPT_BACK)
    await delivering.deliver(services, hook.id)
    await make_due()
    await delivering.deliver(services, hook.id)

    assert failed == [("training.succeeded", "Recipes"), ("training.failed", "Other")]
    assert [(row["state"], row["failure"]) for row in waiting] == [
        ("PENDING", "The receiver responded with status 500."),
        ("PENDING", None),
        ("DELIVERED", None),
    ]
    assert receiver.told[2:] == [
        ("training.succeeded", "Recipes"),
        ("model.activated", "Recipes"),
        ("model.kept_back", "Recipes"),
    ]
    ids = [headers["webhook-id"] for headers, _ in receiver.taken]
    assert ids[0] == ids[2]
    assert receiver.taken[0][1] == receiver.taken[2][1]


async def test_an_event_and_its_change_are_both_stored_or_neither_wherever_the_process_ends(
    services: Services, receiver: Receiver, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await run_jobs()
    model = await build.active_model(function)
    await webhook(receiver)
    told, step, was_cut = set(), 0, True
    while was_cut:
        step += 1
        await Function.filter(id=function.id).update(active_model_id=None)
        await WebhookDelivery.all().delete()

        was_cut = await cut(activate(services, model.id), step)

        await function.refresh_from_db()
        there = await WebhookDelivery.all().count()
        assert there == (0 if function.active_model_id is None else 1)
        told.add(there)

    assert told == {0, 1}


async def test_after_a_day_of_failures_a_webhook_is_disabled_with_a_note_and_continues_when_enabled(
    services: Services, receiver: Receiver, client: Client
) -> None:
    function = await build.function(services)
    hook = await webhook(receiver, function)
    await tell(services, function, WebhookEvent.TRAINING_FAILED, WebhookEvent.MODEL_ACTIVATED)
    receiver.statuses = [500, 503]
    await delivering.deliver(services, hook.id)
    day = timedelta(days=1)
    await WebhookDelivery.filter(number=1).update(first_tried_at=outbox.now() - day)
    await make_due()

    await delivering.deliver(services, hook.id)
    await delivering.deliver(services, hook.id)
    found = await listed(client)
    await tell(services, function, WebhookEvent.MODEL_KEPT_BACK)
    id = (await client.ask("{ webhooks { nodes { id } } }"))["webhooks"]["nodes"][0]["id"]
    update = (
        "mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { __typename } }"
    )
    await client.ask(update, input={"id": id, "enabled": True})
    await delivering.deliver(services, hook.id)

    assert (found["enabled"], found["note"]) == (
        False,
        "The receiver responded with status 503. It was disabled after a day of attempts.",
    )
    assert [told for told, _ in receiver.told] == [*["training.failed"] * 3, "model.activated"]
    assert (await listed(client))["note"] is None


async def test_a_receiver_that_responds_gone_ends_its_webhook(
    services: Services, receiver: Receiver, client: Client
) -> None:
    hook = await webhook(receiver)
    await tell(services, await build.function(services), WebhookEvent.MODEL_ACTIVATED)
    receiver.statuses = [410]

    await delivering.deliver(services, hook.id)

    assert (await listed(client))["enabled"] is False


async def test_an_internal_address_gets_no_request(
    services: Services, client: Client, receiver: Receiver
) -> None:
    refused = await client.ask(
        CREATE, input={"url": "ftp://a.example", "events": ["TRAINING_FAILED"]}
    )
    none = await client.ask(CREATE, input={"url": receiver.url, "events": []})
    hook = await webhook(receiver)
    await Webhook.filter(id=hook.id).update(url="http://[::1]/hook")
    await tell(services, await build.function(services), WebhookEvent.MODEL_ACTIVATED)

    await delivering.deliver(services, hook.id)

    assert refused["createWebhook"]["errors"] == [{"code": "INVALID", "path": ["input", "url"]}]
    assert none["createWebhook"]["errors"] == [{"code": "REQUIRED", "path": ["input", "events"]}]
    [row] = (await listed(client))["deliveries"]["nodes"]
    assert (row["state"], row["status"]) == ("PENDING", None)
    assert row["failure"] == "The URL could not be reached."


async def test_a_test_event_and_a_redelivery_are_sent_at_once(
    client: Client, receiver: Receiver, run_jobs: RunJobs, services: Services
) -> None:
    await webhook(receiver)
    id = (await client.ask("{ webhooks { nodes { id } } }"))["webhooks"]["nodes"][0]["id"]
    tested = await client.ask(
        "mutation ($input: TestWebhookInput!) { testWebhook(input: $input) { delivery { id } } }",
        input={"id": id},
    )
    await run_jobs()
    await client.ask(
        "mutation ($input: RedeliverInput!) { redeliver(input: $input) { errors { code } } }",
        input={"id": tested["testWebhook"]["delivery"]["id"]},
    )
    await run_jobs()

    assert [told for told, _ in receiver.told] == ["webhook.test", "webhook.test"]
    assert receiver.taken[0][1] == receiver.taken[1][1]
    assert await WebhookDelivery.filter(state=DeliveryState.DELIVERED, attempts=2).count() == 1


async def test_an_accuracy_below_the_interval_of_the_previous_one_is_reported(
    services: Services, run_jobs: RunJobs, receiver: Receiver
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 3)
    await run_jobs()
    before = await build.active_model(function)
    await webhook(receiver)
    accuracy = {"value": 0.9, "lower": 0.8, "upper": 0.95}
    metrics = {**before.metrics, "accuracy": accuracy}
    await Model.filter(id=before.id).update(metrics=metrics)
    run = await TrainingRun.get(model_id=before.id)
    for value in (0.81, 0.79):
        now = Model(id=before.id, version=2, metrics={"accuracy": {**accuracy, "value": value}})
        async with in_transaction():
            await outbox.model_made(await Function.get(id=function.id), run, now, None)

    events = [row.event for row in await WebhookDelivery.all().order_by("number")]
    made = [WebhookEvent.TRAINING_SUCCEEDED, WebhookEvent.MODEL_ACTIVATED]
    assert events == [*made, *made, WebhookEvent.ACCURACY_DROPPED]
