"""Delivery of events, by jobs of the worker."""

import random
import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from tortoise.expressions import Q

from pigeonhole.errors import UrlNotFetchedError
from pigeonhole.kinds import DeliveryState
from pigeonhole.services import claims, jobs, workers
from pigeonhole.services.fetching import NOT_FETCHED
from pigeonhole.services.services import Services
from pigeonhole.tables import Webhook, WebhookDelivery
from pigeonhole.webhooks.outbox import now, of_function
from pigeonhole.webhooks.signing import headers_of, secrets_of

WAITS_S = (5, 30, 120, 600, 1800, 3600)
"""Seconds before the second attempt, the third and so on; the last one is repeated."""
GIVE_UP = timedelta(days=1)
"""Time from the first attempt of an event after which its webhook is disabled."""
GONE = 410
"""Status by which a receiver ends a webhook.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""
KEPT = timedelta(days=30)
"""Time for which delivered events are listed."""
LOOKED_AT = 500
"""Most waiting events that are read at once."""

log = structlog.get_logger(__name__)


async def deliver(services: Services, webhook_id: UUID) -> None:
    """Deliver what waits for a webhook and is due; a job of the worker.

    One job at a time delivers for a webhook, so that events of a function arrive in order. A job
    that is killed leaves its event waiting, and the next one sends it again.

    Raises:
        Unfinished: There is more to do than one job should do.
    """
    async with claims.job(services) as name:
        living = {claim for seen in await workers.seen(services.redis) for claim in seen.claims}
        others = (living | services.presence.claims) - {name}
        free = Q(claimed_by=None) | ~Q(claimed_by__in=list(others))
        if not await Webhook.filter(free, id=webhook_id, enabled=True).update(claimed_by=name):
            return
        try:
            await _deliver_due(services, webhook_id)
        finally:
            await Webhook.filter(id=webhook_id, claimed_by=name).update(claimed_by=None)


async def sweep() -> None:
    """Delete events that were delivered long ago, and replaced secrets that sign no longer."""
    ended = Webhook.filter(previous_secret_until__lte=now())
    await ended.update(previous_secret=None, previous_secret_until=None)
    old = WebhookDelivery.filter(state=DeliveryState.DELIVERED, delivered_at__lt=now() - KEPT)
    await old.delete()


async def _deliver_due(services: Services, webhook_id: UUID) -> None:
    started = time.monotonic()
    while heads := await _heads(webhook_id):
        for head in heads:
            webhook = await Webhook.get_or_none(id=webhook_id)
            if webhook is None or not webhook.enabled:
                return
            await _attempt(services, webhook, head)
            if time.monotonic() - started > jobs.ENOUGH_S:
                raise jobs.Unfinished


async def _heads(webhook_id: UUID) -> list[WebhookDelivery]:
    """Return of each function the event that comes first, if it is due."""
    waiting = WebhookDelivery.filter(webhook_id=webhook_id, state=DeliveryState.PENDING)
    first: dict[UUID | None, WebhookDelivery] = {}
    for row in await waiting.filter(due_at__lte=now()).order_by("number").limit(LOOKED_AT):
        first.setdefault(row.function_id, row)
    return list(first.values())


async def _attempt(services: Services, webhook: Webhook, event: WebhookDelivery) -> None:
    """Send an event once, and write down what came of it."""
    body, sent_at = event.body.encode(), now()
    headers = headers_of(
        secrets_of(webhook, sent_at), f"msg_{event.id.hex}", int(sent_at.timestamp()), body
    )
    status, failure = None, None
    try:
        status = await services.fetching.post(webhook.url, headers, body)
    except UrlNotFetchedError as error:
        refused = error.message != NOT_FETCHED
        failure = error.message if refused else "The URL could not be reached."
    if status is not None and not 200 <= status < 300:
        failure = f"The receiver responded with status {status}."
    row = WebhookDelivery.filter(id=event.id)
    tried = {"attempts": event.attempts + 1, "status": status, "failure": failure}
    first = event.first_tried_at or sent_at
    if failure is None:
        await row.update(
            **tried, state=DeliveryState.DELIVERED, first_tried_at=first, delivered_at=now()
        )
        return
    log.info("webhook_failed", webhook=str(webhook.id), delivery=str(event.id), reason=failure)
    await row.update(**tried, first_tried_at=first)
    await _wait(webhook, event)
    if status == GONE or sent_at - first >= GIVE_UP:
        note = f"{failure} It was disabled" + (
            ", as the receiver asked for." if status == GONE else " after a day of attempts."
        )
        await Webhook.filter(id=webhook.id, enabled=True).update(enabled=False, note=note)
        log.warning("webhook_disabled", webhook=str(webhook.id), reason=failure)


async def _wait(webhook: Webhook, event: WebhookDelivery) -> None:
    """Have an event tried again later, and all that come after it no sooner."""
    wait_s = WAITS_S[min(event.attempts, len(WAITS_S) - 1)] * random.uniform(0.9, 1.1)
    later: datetime = now() + timedelta(seconds=wait_s)
    waiting = of_function(webhook.id, event.function_id).filter(state=DeliveryState.PENDING)
    await waiting.update(due_at=later)
