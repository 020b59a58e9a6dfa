"""Events, written in the transactions of the changes that they tell of."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from pigeonhole.kinds import DeliveryState, SampleSource, WebhookEvent
from pigeonhole.services import jobs
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Model, Sample, TrainingRun, Webhook, WebhookDelivery

Data = Mapping[str, Any]


async def training_failed(function: Function, run: TrainingRun, failure: str) -> list[UUID]:
    """Tell that a run failed; see `tell`."""
    data = {"trainingRun": {"id": _id("tr", run.id)}, "failure": failure}
    return await tell(WebhookEvent.TRAINING_FAILED, function, data)


async def model_made(
    function: Function, run: TrainingRun, model: Model, kept_back: str | None
) -> list[UUID]:
    """Tell that a run made a model, and whether it was activated or kept back; see `tell`.

    Call it before the function's active model changes: accuracy is compared with that one's.
    """
    data: dict[str, Any] = {"trainingRun": {"id": _id("tr", run.id)}, "model": _model(model)}
    told = await tell(WebhookEvent.TRAINING_SUCCEEDED, function, data)
    if kept_back is not None:
        data |= {"reason": kept_back}
        return told + await tell(WebhookEvent.MODEL_KEPT_BACK, function, data)
    told += await tell(WebhookEvent.MODEL_ACTIVATED, function, data)
    before = function.active_model_id and await Model.get_or_none(id=function.active_model_id)
    if before and _has_dropped(before, model):
        data |= {"before": _model(before)}
        told += await tell(WebhookEvent.ACCURACY_DROPPED, function, data)
    return told


async def model_activated(function: Function, model: Model) -> list[UUID]:
    """Tell that somebody activated a model; see `tell`."""
    return await tell(WebhookEvent.MODEL_ACTIVATED, function, {"model": _model(model)})


async def samples_captured(function: Function, samples: Iterable[Sample | None]) -> list[UUID]:
    """Tell of samples that were kept from invocations; see `tell`."""
    told = []
    for sample in samples:
        if sample is not None and sample.source is SampleSource.CAPTURE:
            data = {"sample": {"id": _id("sm", sample.id)}}
            told += await tell(WebhookEvent.SAMPLE_CAPTURED, function, data)
    return told


async def tell(event: WebhookEvent, function: Function, data: Data) -> list[UUID]:
    """Write an event for each webhook that wants it, and return their IDs for `deliver_soon`.

    Call it in the transaction of the change, which has locked the function: so events of a
    function are numbered in the order of their changes, and are there if the change is.
    """
    about_it = Q(function_id=function.id) | Q(function_id__isnull=True)
    rows = Webhook.filter(about_it, enabled=True).order_by("id")
    locked = await rows.select_for_update(no_key=True)  # so that none is deleted meanwhile
    wanting = [row for row in locked if event in row.events]
    about = {"id": _id("fn", function.id), "name": function.name}
    for webhook in wanting:
        await write(webhook, event, {"function": about, **data}, function.id)
    return [webhook.id for webhook in wanting]


async def write(
    webhook: Webhook, event: WebhookEvent, data: Data, function_id: UUID | None
) -> WebhookDelivery:
    """Write an event for one webhook; it waits for those of its function that wait."""
    at = now()
    body = {"type": event, "timestamp": at.isoformat(timespec="milliseconds"), "data": data}
    earlier = of_function(webhook.id, function_id)
    last = await earlier.order_by("-number").first()
    waits = last is not None and last.state is DeliveryState.PENDING
    return await WebhookDelivery.create(
        webhook_id=webhook.id,
        function_id=function_id,
        number=1 if last is None else last.number + 1,
        event=event,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        due_at=max(at, last.due_at) if last is not None and waits else at,
    )


def of_function(webhook_id: UUID, function_id: UUID | None) -> QuerySet[WebhookDelivery]:
    """Return what a webhook is told of a function; None stands for its tests."""
    rows = WebhookDelivery.filter(webhook_id=webhook_id)
    if function_id is None:
        return rows.filter(function_id__isnull=True)
    return rows.filter(function_id=function_id)


async def deliver_soon(services: Services, webhook_ids: Iterable[UUID]) -> None:
    """Have a worker deliver what waits; call it after the commit."""
    for id in dict.fromkeys(webhook_ids):
        await jobs.request_delivery(services.redis, id)


def now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def _has_dropped(before: Model, now: Model) -> bool:
    """Whether an accuracy is below the whole interval of the one before."""
    old, new = before.metrics.get("accuracy"), now.metrics.get("accuracy")
    return bool(old and new and new["value"] < old["lower"])


def _model(model: Model) -> dict[str, Any]:
    accuracy = model.metrics.get("accuracy")
    return {
        "id": _id("md", model.id),
        "version": model.version,
        "accuracy": accuracy and {key: accuracy[key] for key in ("value", "lower", "upper")},
    }


def _id(prefix: str, id: UUID) -> str:
    """Return an ID as the API has it."""
    return f"{prefix}_{id.hex}"
