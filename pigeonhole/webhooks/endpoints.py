"""Webhooks as their owners manage them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from pigeonhole.access import audit
from pigeonhole.errors import (
    ConflictError,
    InvalidError,
    LimitReachedError,
    NotFoundError,
    RequiredError,
    UrlNotFetchedError,
)
from pigeonhole.kinds import DeliveryState, WebhookEvent
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Webhook, WebhookDelivery
from pigeonhole.webhooks import outbox
from pigeonhole.webhooks.signing import new_secret

MOST = 100
"""Most webhooks of a deployment."""
OVERLAP = timedelta(days=1)
"""Time for which a replaced secret signs beside the new one."""


async def create(
    services: Services,
    *,
    url: str,
    events: Sequence[WebhookEvent],
    function_id: UUID | None,
    record: audit.Record = audit.unrecorded,
) -> Webhook:
    """Create a webhook for one function, or for all.

    Raises:
        InvalidError: The URL is not one that may be reached, or the events are not for webhooks.
        RequiredError: There are no events.
        NotFoundError: Function not found.
        LimitReachedError: There are as many as there may be.
    """
    _check_url(services, url)
    wanted = _checked(events)
    if function_id is not None and not await Function.exists(id=function_id):
        raise NotFoundError("Function not found.", path=("input", "functionId"))
    async with in_transaction():
        if await Webhook.all().count() >= MOST:
            raise LimitReachedError(f"At most {MOST} webhooks are allowed.", path=("input",))
        row = await Webhook.create(
            url=url, events=wanted, function_id=function_id, secret=new_secret()
        )
        await record([row])
    return row


async def update(
    services: Services,
    id: UUID,
    *,
    url: str | None,
    events: Sequence[WebhookEvent] | None,
    enabled: bool | None,
    record: audit.Record = audit.unrecorded,
) -> Webhook:
    """Change a webhook; None leaves a value as it is. Enabling it delivers what waits.

    Raises:
        NotFoundError: Webhook not found.
        InvalidError, RequiredError: As `create`.
    """
    if url is not None:
        _check_url(services, url)
    wanted = None if events is None else _checked(events)
    async with in_transaction():
        row = await _locked(id)
        row.url = row.url if url is None else url
        row.events = row.events if wanted is None else wanted
        if enabled is not None:
            row.enabled, row.note = enabled, None
        await row.save(update_fields=["url", "events", "enabled", "note"])
        if enabled:
            await _begin_anew(id)
        await record([row])
    if enabled:
        await outbox.deliver_soon(services, [id])
    return row


async def delete(id: UUID, *, record: audit.Record = audit.unrecorded) -> None:
    """Delete a webhook with its deliveries.

    Raises:
        NotFoundError: Webhook not found.
    """
    async with in_transaction():
        row = await _locked(id)
        await record([row])
        await row.delete()


async def rotate_secret(id: UUID, *, record: audit.Record = audit.unrecorded) -> Webhook:
    """Give a webhook a new secret, which signs everything that is sent from now on.

    Raises:
        NotFoundError: Webhook not found.
    """
    async with in_transaction():
        row = await _locked(id)
        row.previous_secret, row.previous_secret_until = row.secret, outbox.now() + OVERLAP
        row.secret = new_secret()
        await row.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
        await record([row])
    return row


async def send_test(
    services: Services, id: UUID, *, record: audit.Record = audit.unrecorded
) -> WebhookDelivery:
    """Send a webhook an event of no function.

    Raises:
        NotFoundError: Webhook not found.
        ConflictError: It is disabled.
    """
    async with in_transaction():
        row = await _locked(id)
        _require_enabled(row)
        delivery = await outbox.write(row, WebhookEvent.TEST, {}, None)
        await record([row])
    await outbox.deliver_soon(services, [id])
    return delivery


async def redeliver(
    services: Services, delivery_id: UUID, *, record: audit.Record = audit.unrecorded
) -> WebhookDelivery:
    """Deliver an event again, or at once if it waits.

    Raises:
        NotFoundError: Delivery not found.
        ConflictError: Its webhook is disabled.
    """
    found = await WebhookDelivery.get_or_none(id=delivery_id)
    if found is None:
        raise NotFoundError("Webhook delivery not found.", path=("input", "id"))
    async with in_transaction():
        webhook = await _locked(found.webhook_id)
        _require_enabled(webhook)
        await WebhookDelivery.filter(id=delivery_id).update(
            state=DeliveryState.PENDING, first_tried_at=None, delivered_at=None
        )
        await _begin_anew(webhook.id)
        await record([webhook])
    await outbox.deliver_soon(services, [webhook.id])
    return await WebhookDelivery.get(id=delivery_id)


async def _locked(id: UUID) -> Webhook:
    row = await Webhook.filter(id=id).select_for_update().first()
    if row is None:
        raise NotFoundError("Webhook not found.", path=("input", "id"))
    return row


async def _begin_anew(webhook_id: UUID) -> None:
    """Have everything that waits tried at once, with a day to succeed."""
    waiting = WebhookDelivery.filter(webhook_id=webhook_id, state=DeliveryState.PENDING)
    await waiting.update(due_at=outbox.now(), first_tried_at=None)


def _require_enabled(row: Webhook) -> None:
    if not row.enabled:
        raise ConflictError("The webhook is disabled. Enable it first.", path=("input", "id"))


def _check_url(services: Services, url: str) -> None:
    try:
        services.fetching.checked(url)
    except UrlNotFetchedError as error:
        raise InvalidError(error.message, path=("input", "url")) from None


def _checked(events: Sequence[WebhookEvent]) -> list[str]:
    if not events:
        raise RequiredError("At least one event is required.", path=("input", "events"))
    if WebhookEvent.TEST in events:
        message = "TEST is sent by `testWebhook` alone. Name other events."
        raise InvalidError(message, path=("input", "events"))
    return [event.value for event in dict.fromkeys(events)]
