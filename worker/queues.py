"""arq's worker with leases, requeueing at the end, and wake-ups in place of fast polling."""

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from arq import Worker
from arq.constants import in_progress_key_prefix
from redis.asyncio import Redis
from redis.exceptions import RedisError

from pigeonhole.services import jobs

LEASE_S = 10
"""Seconds without renewal after which another worker takes over a job."""
RENEW_S = 3.0
"""Seconds between renewals."""
FLOOR_S = 0.5
"""Seconds after which an idle worker looks at its queue without a wake-up."""

log = structlog.get_logger(__name__)


class QueueWorker(Worker):
    """Worker of one queue.

    arq blocks the job of a dead worker for the longest time a job may take. Here a job is held by a
    lease of a few seconds that is renewed while it runs. A job to be run again joins the end of the
    queue, where arq would leave it before jobs that have waited longer.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        named = {"job_serializer": jobs.serialize, "job_deserializer": jobs.deserialize} | named
        super().__init__(*arguments, log_results=False, **named)
        self.in_progress_timeout_s = LEASE_S
        self.woken = asyncio.Event()

    async def main(self) -> None:
        """Look at the queue whenever a job may have been added, until cancelled."""
        renewing = asyncio.create_task(self._renew())
        try:
            if self.burst:
                await super().main()
                return
            while True:
                self.woken.clear()
                await self._poll_iteration()
                with suppress(TimeoutError):
                    async with asyncio.timeout(FLOOR_S):
                        await self.woken.wait()
        finally:
            renewing.cancel()
            for task in self.tasks.values():
                task.cancel()
            await asyncio.gather(renewing, *self.tasks.values(), return_exceptions=True)
            self.tasks.clear()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(RedisError, OSError):  # the queue's own connection reports it
                for job_id in list(self.tasks):
                    await self.pool.pexpire(in_progress_key_prefix + job_id, LEASE_S * 1_000)

    async def finish_job(self, job_id: str, finish: bool, *arguments: Any) -> None:
        """Finish a job, or requeue it at the end if it has more to do.

        Where Redis is away, the job runs once more after its lease. No error is raised: nobody
        would see it, because arq shields this from the end of the job's own task.
        """
        try:
            if not finish:
                await self.pool.zadd(self.queue_name, {job_id: await jobs.turn(self.pool)}, xx=True)
            await super().finish_job(job_id, finish, *arguments)
        except (RedisError, OSError) as error:
            log.warning("job_not_finished", job=job_id, reason=str(error))
        self.woken.set()


async def wake(redis: Redis, workers: list[QueueWorker]) -> None:
    """Wake workers whenever somebody adds a job."""
    async with redis.pubsub() as channel:
        await channel.subscribe(jobs.WAKE)
        async for _ in channel.listen():
            for worker in workers:
                worker.woken.set()
