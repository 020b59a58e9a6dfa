"""Workers and the work that waits, as administrators see them."""

from typing import Self

import strawberry

from pigeonhole.kinds import WorkKind
from pigeonhole.services import backlog, workers
from server.auth.permissions import ADMIN


@strawberry.type(description="A worker process that has been seen within a day.", directives=ADMIN)
class Worker:
    host: str = strawberry.field(description="Name of the machine that the worker runs on.")
    process_id: int = strawberry.field(description="Process ID of the worker on its machine.")
    alive: bool = strawberry.field(
        description="Whether the worker's last heartbeat is less than 10 seconds old."
    )
    ready: bool = strawberry.field(
        description="Whether the worker had loaded its models and accepted jobs at its last "
        "heartbeat."
    )
    seconds_since_seen: float = strawberry.field(
        description="Seconds since the worker's last heartbeat; a worker sends one every 2 seconds."
    )

    @classmethod
    def of(cls, seen: workers.Seen) -> Self:
        return cls(
            host=seen.host,
            process_id=seen.pid,
            alive=seen.alive,
            ready=seen.ready,
            seconds_since_seen=seen.seen_s_ago,
        )


@strawberry.type(description="Waiting work of one kind.", directives=ADMIN)
class WaitingWork:
    kind: WorkKind = strawberry.field(description="Kind of the waiting work.")
    functions: int = strawberry.field(
        description="Number of functions that wait for this kind of work."
    )
    jobs: int = strawberry.field(
        description="Number of jobs of this kind that are queued or running, counted up to 10,000."
    )
    oldest_seconds: float | None = strawberry.field(
        description="Seconds since the oldest job of this kind was queued; null if there are none."
    )

    @classmethod
    def of(cls, work: backlog.Work) -> Self:
        return cls(
            kind=WorkKind(work.kind),
            functions=work.owed,
            jobs=work.queued,
            oldest_seconds=work.oldest_s,
        )


@strawberry.type(description="Work that waits for workers, and the workers.", directives=ADMIN)
class Backlog:
    workers: list[Worker] = strawberry.field(
        description="Workers seen within a day, the latest first, at most 100."
    )
    work: list[WaitingWork] = strawberry.field(description="Waiting work, one entry for each kind.")
    warning: str | None = strawberry.field(
        description="Why no work is being done, as a sentence; null while a worker takes jobs. "
        "Changes are saved meanwhile, and are learned from later."
    )

    @classmethod
    def of(cls, found: backlog.Backlog) -> Self:
        return cls(
            workers=[Worker.of(worker) for worker in found.workers],
            work=[WaitingWork.of(work) for work in found.work],
            warning=found.warning,
        )
