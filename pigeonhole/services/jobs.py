"""Names and IDs of jobs, which debounce them.

A job is a hint that work is owed; the database says what is owed. So a lost, doubled or late job
only costs time, and a sweep requests lost ones again.

Trainings have their own queue and slots, so that a click does not wait for uploads. The jobs of a
queue run in the order in which they joined it, which Redis counts without any machine's clock.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import ormsgpack
import structlog
from arq.connections import ArqRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError
from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from pigeonhole.kinds import DeliveryState, EncoderChangeState, Takes, TrainingState
from pigeonhole.services import redis as clients
from pigeonhole.services import tracing, workers
from pigeonhole.tables import EncoderChange, Function, Sample, TrainingRun, WebhookDelivery

TRAIN = "train"
RACE = "race"
EMBED = "embed"
ANSWER = "answer"
GROUP = "group"
DELIVER = "deliver"
CHANGE = "change"

TRAINING = "arq:queue"
"""The queue of trainings."""
BULK = "pigeonhole:bulk"
"""The queue of everything that grows with uploads."""
DELIVERIES = "pigeonhole:deliveries"
"""The queue of events for webhooks, whose receivers may be slow."""
TIDYING = "pigeonhole:tidying"
"""The queue of jobs that run every minute."""
QUEUES = {
    TRAIN: TRAINING,
    RACE: TRAINING,
    EMBED: BULK,
    ANSWER: BULK,
    GROUP: BULK,
    DELIVER: DELIVERIES,
    CHANGE: BULK,
}
TURNS = "pigeonhole:turns"
"""Counter of the jobs that have joined a queue; a job's score is its number."""
WAKE = "pigeonhole:wake"
"""The channel that tells idle workers of a new job."""

WORKING = (EncoderChangeState.EMBEDDING, EncoderChangeState.COMPARING)
"""States of a change of encoder in which workers have something to do."""
ENOUGH_S = 10.0
"""Seconds after which a job goes to the back of its queue, if there is more to do."""
MOST_SLICES = 16
"""Jobs that embed one function's pictures side by side, at most one for each worker."""
SLICE = 64
"""Images for which a further job is started."""
CONNECT_TRIES, RETRY_S = 6, 1.0
"""How often, and after how many seconds each, a Redis is asked before a process gives up."""
KEPT_S = 86_400
"""Seconds that a job is kept in the queue."""

log = structlog.get_logger(__name__)


class Unfinished(Exception):  # noqa: N818 - not an error: the job must run again
    """The time of a job is used up; its results are kept, and its next try continues."""


def serialize(job: dict[str, Any]) -> bytes:
    """Encode a job as msgpack, which, unlike pickle, runs no code when it is read.

    Of an error, which is what arq stores for a job that it gives up, the words are kept.
    """
    return ormsgpack.packb(job, default=str)


def deserialize(data: bytes) -> dict[str, Any]:
    """Decode a job from msgpack."""
    return ormsgpack.unpackb(data)  # type: ignore[no-any-return] # what was given to serialize


async def connect(redis_url: str, prefix: str = "") -> ArqRedis:
    """Open the queue; wait a few seconds for a Redis that is away, then raise its error."""
    redis = clients.client_of(ArqRedis, redis_url, prefix)
    redis.job_serializer, redis.job_deserializer = serialize, deserialize
    for _ in range(CONNECT_TRIES - 1):
        with suppress(RedisError, OSError):
            await redis.ping()
            return redis
        await asyncio.sleep(RETRY_S)
    try:
        await redis.ping()
    except BaseException:
        await redis.aclose()
        raise
    return redis


async def request_training(
    redis: ArqRedis, function_id: UUID, *, delay_s: float = 0.0, salt: str = ""
) -> None:
    """Ensure that a run covering every committed annotation starts within ``delay_s``.

    The job's id names the revision that the run replaces, and arq refuses an id that is queued or
    running. So a burst of annotations is one job; and an annotation that arrives during a run is
    either seen by the check that ends it, or enqueues its successor. A ``salt`` makes the id
    different, for a sweep that cannot tell a running job from one whose worker has died.

    Source: https://github.com/python-arq/arq/issues/416
    """
    function = await Function.get_or_none(id=function_id).only("trained_revision")
    if function is not None:
        await _enqueue(redis, TRAIN, function_id, f"{function.trained_revision}{salt}", delay_s)


async def request_embedding(redis: ArqRedis, function_id: UUID, *, salt: str = "") -> None:
    """Ensure that every committed image is embedded; IDs are as in `request_training`.

    If many images wait, each worker that is alive gets a job, so that all share the work.
    """
    function = await Function.get_or_none(id=function_id).only("embedded_revision")
    if function is None:
        return
    for slice in range(await _slices(redis, function_id)):
        await _enqueue(redis, EMBED, function_id, f"{function.embedded_revision}:{slice}{salt}")


async def _slices(redis: ArqRedis, function_id: UUID) -> int:
    try:
        seen = await workers.seen(redis)
        most = min(MOST_SLICES, sum(Takes.EMBED in worker.takes for worker in seen))
    except (RedisError, OSError):
        return 1
    if most < 2:
        return 1
    waiting = Sample.filter(function_id=function_id, embedded_for=None).limit(most * SLICE)
    return max(1, min(most, len(await waiting.only("id")) // SLICE))


async def request_answers(redis: ArqRedis, function_id: UUID, *, salt: str = "") -> None:
    """Ensure that the active model's answers are stored; IDs are as in `request_training`."""
    function = await Function.get_or_none(id=function_id).only("answered_revision")
    if function is not None:
        await _enqueue(redis, ANSWER, function_id, f"{function.answered_revision}:{salt}")


async def request_grouping(redis: ArqRedis, function_id: UUID, *, salt: str = "") -> None:
    """Have near-duplicates found of all samples embedded by now; ids as in `request_training`."""
    function = await Function.get_or_none(id=function_id).only("grouped_revision")
    if function is not None:
        await _enqueue(redis, GROUP, function_id, f"{function.grouped_revision}:{salt}")


async def request_race(redis: ArqRedis, function: Function) -> None:
    """Ensure that the race which an idle function is owed is run, if it stays idle."""
    await _enqueue(redis, RACE, function.id, f"{function.trained_revision}")


async def owed_races() -> list[Function]:
    """Return the functions whose last run reused a choice and which have nothing else to learn."""
    idle = Function.filter(auto_train=True, revision=F("trained_revision"))
    owed = idle.filter(raced_revision__lt=F("trained_revision")).order_by("id")
    return await owed.only("id", "trained_revision")


async def request_delivery(redis: ArqRedis, webhook_id: UUID, *, salt: str = "") -> None:
    """Have what waits for a webhook delivered; a job that runs already delivers it too."""
    await _enqueue(redis, DELIVER, webhook_id, salt)


async def request_encoder_change(redis: ArqRedis, function_id: UUID, *, salt: str = "") -> None:
    """Have a function's change of encoder carried on; it gives way to all other work."""
    change = await EncoderChange.filter(function_id=function_id).order_by("-id").first()
    if change is not None:
        await _enqueue(redis, CHANGE, function_id, f"{change.id}:{salt}")


async def request_training_if_owed(redis: ArqRedis, function_id: UUID) -> None:
    """Request the successor of a run that ends, if annotations have changed meanwhile."""
    owed = Function.filter(id=function_id, auto_train=True)
    if await owed.exclude(trained_revision=F("revision")).exists():
        await request_training(redis, function_id)


async def request_embedding_if_owed(redis: ArqRedis, function_id: UUID) -> None:
    """Request the successor of an embedding job that ends, if images were added meanwhile."""
    if (
        await Function.filter(id=function_id)
        .exclude(embedded_revision=F("upload_revision"))
        .exists()
    ):
        await request_embedding(redis, function_id)


Owed = dict[str, list[UUID]]
"""Functions that are owed work, and webhooks that are owed events, by the name of the job."""


async def owed(identities: Mapping[str, str]) -> Owed:
    """Return all owed work, regardless of its jobs, oldest functions first.

    Args:
        identities: Of encoders as functions name them: their identity, for which all pictures are
            to be embedded.
    """
    embedding = {row.id for row in await _owing("embedded_revision", "upload_revision")}
    for spec, identity in identities.items():
        others = Q(embedded_for=None) | ~Q(embedded_for=identity)
        uploaded = Function.filter(others, encoder=spec, upload_revision__gt=0)
        embedding |= {row.id for row in await uploaded.only("id")}
    started = TrainingRun.filter(state__in=[TrainingState.QUEUED, TrainingState.RUNNING])
    wanted = Q(auto_train=True) | Q(id__in=await started.values_list("function_id", flat=True))
    return {
        TRAIN: [row.id for row in await _owing("trained_revision", "revision").filter(wanted)],
        EMBED: sorted(embedding),
        ANSWER: [row.id for row in await _owing("answered_revision", "answer_revision")],
        GROUP: [row.id for row in await _owing("grouped_revision", "group_revision")],
        DELIVER: await _webhooks_owed(),
        CHANGE: [row.function_id for row in await EncoderChange.filter(state__in=WORKING)],
    }


async def _webhooks_owed() -> list[UUID]:
    due = WebhookDelivery.filter(state=DeliveryState.PENDING, due_at__lte=datetime.now(UTC))
    enabled = due.filter(webhook__enabled=True).distinct().values_list("webhook_id", flat=True)
    return sorted({UUID(str(id)) for id in await enabled})


def _owing(done: str, wanted: str) -> QuerySet[Function]:
    return Function.exclude(**{done: F(wanted)}).order_by("id").only("id")


async def request_owed(
    redis: ArqRedis,
    *,
    salt: str = "",
    identities: Mapping[str, str] | None = None,
    waits: Callable[[str, UUID], bool] = lambda job, function_id: False,
) -> Owed:
    """Request all owed work except what ``waits`` for a service; return all that is owed."""
    request = {
        TRAIN: request_training,
        EMBED: request_embedding,
        ANSWER: request_answers,
        GROUP: request_grouping,
        DELIVER: request_delivery,
        CHANGE: request_encoder_change,
    }
    found = await owed(identities or {})
    for job, function_ids in found.items():
        for function_id in function_ids:
            if not waits(job, function_id):
                await request[job](redis, function_id, salt=salt and f":{salt}")
    return found


async def turn(redis: Redis) -> int:
    """Return the next number in the order of the queues."""
    return int(await redis.incr(TURNS))


async def _enqueue(redis: ArqRedis, job: str, id: UUID, what: str, delay_s: float = 0.0) -> None:
    job_id = f"{job}:{id}:{what}"
    try:
        # arq runs jobs whose score is due by the worker's clock; a small number always is.
        score = datetime.fromtimestamp(await turn(redis) / 1000, UTC)
        trace = tracing.carrier()
        more: dict[str, Any] = {"trace": trace} if trace else {}
        await redis.enqueue_job(
            job,
            *((str(id), delay_s) if delay_s else (str(id),)),
            _job_id=job_id,
            _queue_name=QUEUES[job],
            _defer_until=score,
            _expires=KEPT_S,
            **more,
        )
        await redis.publish(WAKE, "")
    except (RedisError, OSError) as error:
        log.warning("job_lost", job=job_id, reason=str(error))
