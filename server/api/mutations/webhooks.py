"""Mutations of webhooks."""

import strawberry

from pigeonhole.kinds import WebhookEvent
from pigeonhole.webhooks import endpoints
from server import ids
from server.api.context import Info
from server.api.mutations.payload import Payload, answering, recorder
from server.api.types.webhook import Webhook, WebhookDelivery
from server.auth.permissions import ADMIN, ANYONE
from server.auth.visibility import find
from server.transport.costs import Cost

URL = "URL to tell, under the rules of images by URL: on the public internet, at port 80 or 443."
SECRET = (
    "Secret by which deliveries are signed, as libraries for Standard Webhooks take it. It is "
    "returned this once and cannot be read again."
)
EVENTS = "What to tell of; at least one event, and not `TEST`."


@strawberry.input(description="Webhook to create.")
class CreateWebhookInput:
    url: str = strawberry.field(description=URL)
    events: list[WebhookEvent] = strawberry.field(description=EVENTS)
    function_id: strawberry.ID | None = strawberry.field(
        default=None, description="Function whose changes to tell of. Default: all functions."
    )


@strawberry.input(description="Changes to a webhook. Omitted fields and null stay as they are.")
class UpdateWebhookInput:
    id: strawberry.ID = strawberry.field(description="ID of the webhook to change.")
    url: str | None = strawberry.field(default=None, description=URL)
    events: list[WebhookEvent] | None = strawberry.field(default=None, description=EVENTS)
    enabled: bool | None = strawberry.field(
        default=None,
        description="Whether to tell it. Enabling it delivers the events that wait. While it is "
        "disabled, no events are recorded for it.",
    )


@strawberry.input(description="Webhook to delete.")
class DeleteWebhookInput:
    id: strawberry.ID = strawberry.field(description="ID of the webhook to delete.")


@strawberry.input(description="Webhook to give a new secret.")
class RotateWebhookSecretInput:
    id: strawberry.ID = strawberry.field(description="ID of the webhook.")


@strawberry.input(description="Webhook to test.")
class TestWebhookInput:
    id: strawberry.ID = strawberry.field(description="ID of the webhook to test.")


@strawberry.input(description="Event to deliver again.")
class RedeliverInput:
    id: strawberry.ID = strawberry.field(description="ID of the delivery.")


@strawberry.type(description="Result of `createWebhook`.", directives=ANYONE)
class CreateWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="The new webhook; null if there are errors."
    )
    secret: str | None = strawberry.field(default=None, description=SECRET)


@strawberry.type(description="Result of `updateWebhook`.", directives=ANYONE)
class UpdateWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="The changed webhook; null if there are errors."
    )


@strawberry.type(description="Result of `deleteWebhook`.", directives=ANYONE)
class DeleteWebhookPayload(Payload):
    deleted_webhook_id: strawberry.ID | None = strawberry.field(
        default=None, description="ID of the deleted webhook; null if there are errors."
    )


@strawberry.type(description="Result of `rotateWebhookSecret`.", directives=ANYONE)
class RotateWebhookSecretPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="The webhook; null if there are errors."
    )
    secret: str | None = strawberry.field(default=None, description=SECRET)


@strawberry.type(description="Result of `testWebhook`.", directives=ANYONE)
class TestWebhookPayload(Payload):
    delivery: WebhookDelivery | None = strawberry.field(
        default=None, description="The event that is being delivered; null if there are errors."
    )


@strawberry.type(description="Result of `redeliver`.", directives=ANYONE)
class RedeliverPayload(Payload):
    delivery: WebhookDelivery | None = strawberry.field(
        default=None, description="The event that is being delivered; null if there are errors."
    )


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(
        description="Creates a webhook. Only this response contains its secret.",
        directives=(*ADMIN, Cost(points=60)),
    )
    @answering(CreateWebhookPayload)
    async def create_webhook(self, info: Info, input: CreateWebhookInput) -> CreateWebhookPayload:
        function_id = None
        if input.function_id is not None:
            path = ("input", "functionId")
            function_id = await find(
                info.context.viewer, ids.Kind.FUNCTION, input.function_id, path
            )
        row = await endpoints.create(
            info.context.services,
            url=input.url,
            events=input.events,
            function_id=function_id,
            record=recorder(info, input),
        )
        return CreateWebhookPayload(webhook=Webhook.of(row), secret=row.secret)

    @strawberry.mutation(description="Changes a webhook.", directives=(*ADMIN, Cost(points=60)))
    @answering(UpdateWebhookPayload)
    async def update_webhook(self, info: Info, input: UpdateWebhookInput) -> UpdateWebhookPayload:
        id = await find(info.context.viewer, ids.Kind.WEBHOOK, input.id, ("input", "id"))
        row = await endpoints.update(
            info.context.services,
            id,
            url=input.url,
            events=input.events,
            enabled=input.enabled,
            record=recorder(info, input),
        )
        return UpdateWebhookPayload(webhook=Webhook.of(row))

    @strawberry.mutation(
        description="Deletes a webhook with its deliveries, those that wait included.",
        directives=(*ADMIN, Cost(points=60)),
    )
    @answering(DeleteWebhookPayload)
    async def delete_webhook(self, info: Info, input: DeleteWebhookInput) -> DeleteWebhookPayload:
        id = await find(info.context.viewer, ids.Kind.WEBHOOK, input.id, ("input", "id"))
        await endpoints.delete(id, record=recorder(info, input))
        return DeleteWebhookPayload(deleted_webhook_id=input.id)

    @strawberry.mutation(
        description="Gives a webhook a new secret. For 24 hours, everything that is sent is signed "
        "with it and with the secret before it; after that, with the new one alone. Only this "
        "response contains it.",
        directives=(*ADMIN, Cost(points=60)),
    )
    @answering(RotateWebhookSecretPayload)
    async def rotate_webhook_secret(
        self, info: Info, input: RotateWebhookSecretInput
    ) -> RotateWebhookSecretPayload:
        id = await find(info.context.viewer, ids.Kind.WEBHOOK, input.id, ("input", "id"))
        row = await endpoints.rotate_secret(id, record=recorder(info, input))
        return RotateWebhookSecretPayload(webhook=Webhook.of(row), secret=row.secret)

    @strawberry.mutation(
        description="Sends a webhook the event `TEST`.", directives=(*ADMIN, Cost(points=60))
    )
    @answering(TestWebhookPayload)
    async def test_webhook(self, info: Info, input: TestWebhookInput) -> TestWebhookPayload:
        id = await find(info.context.viewer, ids.Kind.WEBHOOK, input.id, ("input", "id"))
        row = await endpoints.send_test(info.context.services, id, record=recorder(info, input))
        return TestWebhookPayload(delivery=WebhookDelivery.of(row))

    @strawberry.mutation(
        description="Delivers an event again, or at once if it waits for its next attempt.",
        directives=(*ADMIN, Cost(points=60)),
    )
    @answering(RedeliverPayload)
    async def redeliver(self, info: Info, input: RedeliverInput) -> RedeliverPayload:
        id = await find(info.context.viewer, ids.Kind.WEBHOOK_DELIVERY, input.id, ("input", "id"))
        row = await endpoints.redeliver(info.context.services, id, record=recorder(info, input))
        return RedeliverPayload(delivery=WebhookDelivery.of(row))
