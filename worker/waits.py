"""Waits of jobs for unavailable services, and the time of each next try."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import structlog

FIRST_S = 0.5
"""Seconds before the second try; each further wait is twice as long."""
MOST_S = 10.0
"""Longest wait between two tries."""

log = structlog.get_logger(__name__)


@dataclass
class Waits:
    """The waits of one worker; another worker may try sooner, which does no harm."""

    _tries: dict[tuple[str, UUID], int] = field(default_factory=dict)
    _until: dict[tuple[str, UUID], float] = field(default_factory=dict)
    _away: set[str] = field(default_factory=set)

    def note(self, job: str, function_id: UUID, what: str) -> None:
        """Record a failed try: double the wait, and log each unavailable service once."""
        key = job, function_id
        self._tries[key] = tries = self._tries.get(key, 0) + 1
        self._until[key] = time.monotonic() + min(MOST_S, FIRST_S * 2.0 ** min(tries - 1, 10))
        if what not in self._away:
            self._away.add(what)
            log.warning("waiting", waits_for=what)

    def over(self, job: str, function_id: UUID) -> None:
        """Forget the waits after a success."""
        self._forget((job, function_id))

    def only(self, owed: Mapping[str, Collection[UUID]]) -> None:
        """Forget the waits of work that is no longer owed."""
        for job, function_id in list(self._tries):
            if function_id not in owed.get(job, ()):
                self._forget((job, function_id))

    def _forget(self, key: tuple[str, UUID]) -> None:
        """Forget one job's waits, and log once that no job waits any more."""
        self._tries.pop(key, None)
        self._until.pop(key, None)
        if self._away and not self._tries:
            log.warning("resumed", waited_for=", ".join(sorted(self._away)))
            self._away.clear()

    def holds(self, job: str, function_id: UUID) -> bool:
        """Return whether it is too early to try a job again."""
        return self._until.get((job, function_id), 0.0) > time.monotonic()
