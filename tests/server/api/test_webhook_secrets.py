"""Secrets of webhooks: each can be replaced by a new one."""

from datetime import timedelta

import pytest

from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Webhook
from pigeonhole.webhooks import delivering, outbox
from pigeonhole.webhooks.signing import headers_of
from server.api.scalars import instant
from tests.client import Client
from tests.conftest import RunJobs
from tests.receiver import Receiver

CREATE = """mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) {
  webhook { id } secret } }"""
ROTATE = """mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) {
  webhook { url previousSecretUntil } secret errors { code path } } }"""
UNTIL = "query ($id: ID!) { node(id: $id) { ... on Webhook { previousSecretUntil } } }"
TEST = "mutation ($input: TestWebhookInput!) { testWebhook(input: $input) { errors { code } } }"


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    return receiver.allowed_by(settings)


def signed_by(secret: str, receiver: Receiver, index: int) -> bool:
    """Return whether a secret signed what the receiver was sent."""
    headers, body = receiver.taken[index]
    sent_at = int(headers["webhook-timestamp"])
    signed = headers_of([secret], headers["webhook-id"], sent_at, body)
    return signed["webhook-signature"] in headers["webhook-signature"].split(" ")


async def test_for_a_day_the_replaced_secret_signs_too(
    client: Client, services: Services, run_jobs: RunJobs, receiver: Receiver
) -> None:
    made = await client.ask(CREATE, input={"url": receiver.url, "events": ["TRAINING_FAILED"]})
    id = {"id": made["createWebhook"]["webhook"]["id"]}
    receiver.statuses = [500]
    await client.ask(TEST, input=id)
    await run_jobs()

    rotated = (await client.ask(ROTATE, input=id))["rotateWebhookSecret"]
    [hook] = await Webhook.all()
    await client.ask(
        "mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { __typename } }",
        input=id | {"enabled": True},
    )
    await delivering.deliver(services, hook.id)
    until = hook.previous_secret_until
    assert until is not None
    shown = await client.ask(UNTIL, **id)
    await Webhook.all().update(previous_secret_until=outbox.now())
    await client.ask(TEST, input=id)
    await delivering.deliver(services, hook.id)

    before, after = made["createWebhook"]["secret"], rotated["secret"]
    assert timedelta(hours=23, minutes=59) < until - outbox.now() <= timedelta(days=1)
    assert instant(until) == shown["node"]["previousSecretUntil"]
    assert rotated["webhook"] == {"url": receiver.url, **shown["node"]}
    assert rotated["errors"] == []
    assert hook.secret == after != before
    assert len(receiver.taken) == 3
    assert [signed_by(before, receiver, index) for index in (0, 1, 2)] == [True, True, False]
    assert [signed_by(after, receiver, index) for index in (0, 1, 2)] == [False, True, True]


async def test_a_replaced_secret_is_deleted_once_it_signs_no_longer(
    client: Client, receiver: Receiver
) -> None:
    made = await client.ask(CREATE, input={"url": receiver.url, "events": ["TRAINING_FAILED"]})
    id = {"id": made["createWebhook"]["webhook"]["id"]}
    await client.ask(ROTATE, input=id)

    await delivering.sweep()
    [kept] = await Webhook.all()
    await Webhook.all().update(previous_secret_until=outbox.now())
    shown = await client.ask(UNTIL, **id)
    await delivering.sweep()
    [swept] = await Webhook.all()

    assert kept.previous_secret == made["createWebhook"]["secret"]
    assert shown["node"] == {"previousSecretUntil": None}
    assert (swept.previous_secret, swept.previous_secret_until) == (None, None)
    assert swept.secret == kept.secret


async def test_a_webhook_that_does_not_exist_gets_no_secret(client: Client) -> None:
    refused = await client.ask(ROTATE, input={"id": "wh_nothing"})

    assert refused["rotateWebhookSecret"] == {
        "webhook": None,
        "secret": None,
        "errors": [{"code": "NOT_FOUND", "path": ["input", "id"]}],
    }
