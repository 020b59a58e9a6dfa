"""The metrics of this server for Prometheus, and its version."""

from datetime import UTC, datetime
from importlib.metadata import version as version_of

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tortoise.expressions import F

from pigeonhole.errors import ForbiddenError, UnauthenticatedError
from pigeonhole.kinds import ApiKeyScope, DeliveryState
from pigeonhole.services import jobs, metrics, workers
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Sample, WebhookDelivery
from server.auth.callers import viewer_of


async def figures(request: Request) -> Response:
    """Return all metrics in Prometheus's text format, to keys with ``ADMIN``."""
    viewer = await viewer_of(request)
    if not viewer.may(ApiKeyScope.ADMIN):
        if viewer.key is None:
            raise UnauthenticatedError(
                "Metrics require an API key with the scope ADMIN. Send it as "
                "`Authorization: Bearer ...`."
            )
        raise ForbiddenError("Metrics require the scope ADMIN.")
    services: Services = request.app.state.services
    await _look_at_what_is_owed()
    await _look_at_webhooks()
    await _look_at_queues(services)
    return Response(
        generate_latest(),
        headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"},
    )


async def version(request: Request) -> Response:
    """Return the version of Pigeonhole that this server runs."""
    return JSONResponse({"version": version_of("pigeonhole")})


async def _look_at_what_is_owed() -> None:
    """Read the values from the database that processes do not count themselves."""
    training = Function.exclude(revision=F("trained_revision")).filter(auto_train=True)
    metrics.OWED.labels("training").set(await training.count())
    embedding = Function.exclude(upload_revision=F("embedded_revision"))
    metrics.OWED.labels("embedding").set(await embedding.count())
    metrics.SAMPLES_NOT_EMBEDDED.set(await Sample.filter(embedded=False).count())


async def _look_at_webhooks() -> None:
    waiting = WebhookDelivery.filter(state=DeliveryState.PENDING, webhook__enabled=True)
    oldest = await waiting.order_by("created_at").first().only("id", "created_at")
    age_s = (datetime.now(UTC) - oldest.created_at).total_seconds() if oldest else 0.0
    metrics.WEBHOOK_EVENTS_WAITING.set(await waiting.count())
    metrics.WEBHOOK_OLDEST_SECONDS.set(max(0.0, age_s))


async def _look_at_queues(services: Services) -> None:
    """Read workers and jobs from Redis; if it does not answer, no worker counts as alive."""
    try:
        metrics.WORKERS.set(len(await workers.seen(services.redis)))
        for name in (jobs.TRAINING, jobs.BULK, jobs.DELIVERIES, jobs.TIDYING):
            metrics.JOBS.labels(name).set(await services.redis.zcard(name))
    except (RedisError, OSError):
        metrics.WORKERS.set(0)
