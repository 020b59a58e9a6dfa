"""The work that waits, and the workers that could do it, for operators."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from pigeonhole.kinds import Takes
from pigeonhole.services import jobs, workers
from pigeonhole.services.jobs import ANSWER, EMBED, QUEUES, TRAIN
from pigeonhole.services.workers import Seen

LISTED = 10_000
"""Most jobs of a queue that are counted."""


@dataclass(frozen=True)
class Work:
    """One kind of waiting work: the functions that are owed it, and its jobs in the queue."""

    kind: str  # "train", "embed" or "answer"
    owed: int
    queued: int
    oldest_s: float | None  # since the oldest of these jobs joined the queue


@dataclass(frozen=True)
class Backlog:
    """All waiting work, and the workers seen within a day, latest first."""

    work: Sequence[Work]
    workers: Sequence[Seen]

    @property
    def alive(self) -> int:
        """Number of workers that are alive and take jobs."""
        return sum(worker.alive and worker.ready for worker in self.workers)

    @property
    def warning(self) -> str | None:
        """A sentence that says what is wrong; None while workers take jobs of each kind."""
        ready = [worker.takes for worker in self.workers if worker.alive and worker.ready]
        if ready:
            missing = sorted(set(Takes).difference(*ready))
            return f"No worker takes {missing[0]} jobs." if missing else None
        if any(worker.alive for worker in self.workers):
            return "A worker is starting: it loads its models."
        if not self.workers:
            return "No worker has been seen."
        return f"No worker has been seen for {self.workers[0].seen_s_ago:.0f} s."


async def look(redis: Redis) -> Backlog:
    """Read the owed work from the database, and the jobs and workers from Redis."""
    owed = await jobs.owed({})
    seconds, microseconds = await redis.time()
    now_ms = seconds * 1_000 + microseconds / 1_000
    queued: dict[str, list[str]] = {kind: [] for kind in (TRAIN, EMBED, ANSWER)}
    for queue in dict.fromkeys(QUEUES.values()):
        for member in await redis.zrange(queue, 0, LISTED - 1):
            job_id = member.decode()
            queued.setdefault(job_id.partition(":")[0], []).append(job_id)
    return Backlog(
        [
            Work(
                kind,
                len(owed[kind]),
                len(queued[kind]),
                await _age_s(redis, queued[kind][0], now_ms) if queued[kind] else None,
            )
            for kind in (TRAIN, EMBED, ANSWER)
        ],
        await workers.listed(redis),
    )


async def _age_s(redis: Redis, job_id: str, now_ms: float) -> float | None:
    data = await redis.get(f"arq:job:{job_id}")
    if data is None:
        return None
    return max(0.0, (now_ms - float(jobs.deserialize(data)["et"])) / 1_000)
