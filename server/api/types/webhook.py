"""Webhooks and their deliveries, as clients see them."""

from datetime import datetime
from typing import Self

import strawberry

from pigeonhole import tables
from pigeonhole.kinds import DeliveryState, WebhookEvent
from pigeonhole.webhooks import signing
from pigeonhole.webhooks.outbox import now
from server import ids
from server.api.connections import After, Before, Connection, First, Last, connect
from server.api.context import Info
from server.api.types.function import Function
from server.api.types.shared import Node, maybe
from server.auth.permissions import ADMIN
from server.transport.costs import Cost


@strawberry.type(
    description="An event for one webhook. Delivered ones are kept for 30 days.", directives=ADMIN
)
class WebhookDelivery(Node):
    row: strawberry.Private[tables.WebhookDelivery]
    event: WebhookEvent = strawberry.field(description="What the event tells of.")
    state: DeliveryState = strawberry.field(description="State of the delivery.")
    body: str = strawberry.field(description="JSON that is sent, as text.")
    attempts: int = strawberry.field(description="Number of attempts so far.")
    status: int | None = strawberry.field(
        description="HTTP status of the latest response; null if there was none."
    )
    failure: str | None = strawberry.field(
        description="Why the latest attempt failed, as a sentence; null if it did not."
    )
    created_at: datetime = strawberry.field(description="When the event happened.")
    delivered_at: datetime | None = strawberry.field(
        description="When the event was delivered; null until then."
    )

    @strawberry.field(description="Time of the next attempt; null if it was delivered.")
    def due_at(self) -> datetime | None:
        return self.row.due_at if self.row.state is DeliveryState.PENDING else None

    @classmethod
    def of(cls, row: tables.WebhookDelivery) -> Self:
        return cls(
            row=row,
            id=ids.of_row(row),
            event=row.event,
            state=row.state,
            body=row.body,
            attempts=row.attempts,
            status=row.status,
            failure=row.failure,
            created_at=row.created_at,
            delivered_at=row.delivered_at,
        )


@strawberry.type(
    description="A URL that is told of changes by POST, signed as Standard Webhooks has it. Each "
    "event is delivered at least once, and in order for each function.",
    directives=ADMIN,
)
class Webhook(Node):
    row: strawberry.Private[tables.Webhook]
    url: str = strawberry.field(description="URL that is told.")
    events: list[WebhookEvent] = strawberry.field(description="What it is told of.")
    enabled: bool = strawberry.field(
        description="Whether it is told. It is disabled after an event could not be delivered "
        "for a day, or when the receiver responds with status 410."
    )
    note: str | None = strawberry.field(
        description="Why it was disabled, as a sentence; null if it was not, or by a caller."
    )
    created_at: datetime = strawberry.field(description="When the webhook was created.")

    @strawberry.field(
        description="Function whose changes it is told of; null for all functions.",
        directives=(Cost(points=2),),
    )
    async def function(self, info: Info) -> Function | None:
        if self.row.function_id is None:
            return None
        return maybe(Function.of, await info.context.loaders.functions.load(self.row.function_id))

    @strawberry.field(
        description="Until when deliveries are also signed with the secret before the present one; "
        "null if they are not."
    )
    def previous_secret_until(self) -> datetime | None:
        return self.row.previous_secret_until if signing.overlaps(self.row, now()) else None

    @strawberry.field(
        description="Lists its deliveries, oldest first.", directives=(Cost(points=16),)
    )
    async def deliveries(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[WebhookDelivery]:
        query = tables.WebhookDelivery.filter(webhook_id=self.row.id)
        return await connect(query, WebhookDelivery.of, first, after, last, before)

    @classmethod
    def of(cls, row: tables.Webhook) -> Self:
        return cls(
            row=row,
            id=ids.of_row(row),
            url=row.url,
            events=[WebhookEvent(event) for event in row.events],
            enabled=row.enabled,
            note=row.note,
            created_at=row.created_at,
        )
