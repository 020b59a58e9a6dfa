"""Secrets of webhooks: each can be replaced by a new one."""

import pytest

from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Webhook
from pigeonhole.webhooks import delivering
from pigeonhole.webhooks.signing import headers_of
from tests.client import Client
from tests.conftest import RunJobs
from tests.receiver import Receiver

CREATE = """mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) {
  webhook { id } secret } }"""
ROTATE = """mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) {
  webhook { url } secret errors { code path } } }"""
TEST = "mutation ($input: TestWebhookInput!) { testWebhook(input: $input) { errors { code } } }"


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    return receiver.allowed_by(settings)


def signed_by(secret: str, receiver: Receiver, index: int) -> bool:
    """Return whether a secret signed what the receiver was sent."""
    headers, body = receiver.taken[index]
    sent_at = int(headers["webhook-timestamp"])
    signed = headers_of(secret, headers["webhook-id"], sent_at, body)
    return signed["webhook-signature"] == headers["webhook-signature"]


async def test_a_new_secret_signs_all_later_attempts_also_those_at_earlier_events(
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

    before, after = made["createWebhook"]["secret"], rotated["secret"]
    assert rotated["webhook"] == {"url": receiver.url}
    assert rotated["errors"] == []
    assert hook.secret == after != before
    assert len(receiver.taken) == 2
    assert [signed_by(before, receiver, index) for index in (0, 1)] == [True, False]
    assert [signed_by(after, receiver, index) for index in (0, 1)] == [False, True]


async def test_a_webhook_that_does_not_exist_gets_no_secret(client: Client) -> None:
    refused = await client.ask(ROTATE, input={"id": "wh_nothing"})

    assert refused["rotateWebhookSecret"] == {
        "webhook": None,
        "secret": None,
        "errors": [{"code": "NOT_FOUND", "path": ["input", "id"]}],
    }
