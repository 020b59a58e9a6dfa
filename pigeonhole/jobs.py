"""Names and ids of jobs, and the debounce that they make.

A job is a hint that work is owed; what is owed stands in the database. So a lost, doubled or late
job costs time, and a sweep requests whatever has been lost.
"""

from typing import Any
from uuid import UUID

import ormsgpack
import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError
from tortoise.expressions import F, Q

from pigeonhole.models import Function, TrainingRun, TrainingState

TRAIN = "train"
EMBED = "embed"

ENOUGH_S = 60.0
"""Seconds that one job embeds before it hands over to its next try, well under any time-out."""

log = structlog.get_logger(__name__)


class Unfinished(Exception):  # noqa: N818 - not an error: the job is to be run again
    """The job used its time; what it did is kept, and its next try goes on."""


def serialize(job: dict[str, Any]) -> bytes:
    """A job as msgpack, which, unlike pickle, runs nothing when it is read."""
    return ormsgpack.packb(job)


def deserialize(data: bytes) -> dict[str, Any]:
    """A job from msgpack."""
    return ormsgpack.unpackb(data)  # type: ignore[no-any-return] # what serialize took


async def connect(redis_url: str) -> ArqRedis:
    """Open the queue."""
    return await create_pool(
        RedisSettings.from_dsn(redis_url),
        job_serializer=serialize,
        job_deserializer=deserialize,
    )


async def request_training(
    redis: ArqRedis, function_id: UUID, *, delay_s: float, salt: str = ""
) -> None:
    """See to it that a run starts within ``delay_s`` that sees all annotations committed by now.

    The job's id names the revision that the run replaces, and arq refuses an id that is queued or
    running. So a burst of annotations is one job; and an annotation that arrives during a run is
    either seen by the check that ends it, or enqueues its successor. A ``salt`` makes the id
    another one: for a sweep that cannot tell a running job from one whose worker has died.

    Source: https://github.com/python-arq/arq/issues/416
    """
    function = await Function.get_or_none(id=function_id).only("trained_revision")
    if function is not None:
        await _enqueue(redis, TRAIN, function_id, function.trained_revision, delay_s, salt)


async def request_embedding(redis: ArqRedis, function_id: UUID, *, salt: str = "") -> None:
    """See to it that all pictures committed by now are embedded; ids as in `request_training`."""
    function = await Function.get_or_none(id=function_id).only("embedded_revision")
    if function is not None:
        await _enqueue(redis, EMBED, function_id, function.embedded_revision, 0.0, salt)


async def request_training_if_owed(redis: ArqRedis, function_id: UUID) -> None:
    """At a run's end: request its successor if annotations have changed meanwhile."""
    owed = Function.filter(id=function_id, auto_train=True)
    if await owed.exclude(trained_revision=F("revision")).exists():
        await request_training(redis, function_id, delay_s=0.0)


async def request_embedding_if_owed(redis: ArqRedis, function_id: UUID) -> None:
    """At the end of an embedding: request the next if pictures have come meanwhile."""
    if (
        await Function.filter(id=function_id)
        .exclude(embedded_revision=F("upload_revision"))
        .exists()
    ):
        await request_embedding(redis, function_id)


async def request_owed(redis: ArqRedis, *, salt: str = "") -> None:
    """Request all work that is owed, whatever became of the jobs for it."""
    owed = Function.exclude(embedded_revision=F("upload_revision"))
    for row in await owed.only("id"):
        await request_embedding(redis, row.id, salt=salt)
    started = TrainingRun.filter(state__in=[TrainingState.QUEUED, TrainingState.RUNNING])
    wanted = Q(auto_train=True) | Q(id__in=await started.values_list("function_id", flat=True))
    owed = Function.filter(wanted).exclude(trained_revision=F("revision"))
    for row in await owed.only("id"):
        await request_training(redis, row.id, delay_s=0.0, salt=salt)


async def _enqueue(
    redis: ArqRedis, job: str, function_id: UUID, revision: int, delay_s: float, salt: str
) -> None:
    job_id = f"{job}:{function_id}:{revision}{salt and ':' + salt}"
    try:
        await redis.enqueue_job(job, str(function_id), _job_id=job_id, _defer_by=delay_s or None)
    except (RedisError, OSError) as error:
        log.warning("job_lost", job=job_id, reason=str(error))
