"""The audit log: who changed what, and when.

An entry is written in the transaction of the change that it records. So there is never a change
without its entry or an entry without its change, wherever a process is killed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.models import Model as Row

from pigeonhole.tables import AuditEntry


@dataclass(frozen=True)
class Record:
    """Writes the entry of a change within its transaction; called with the changed rows.

    Functions of the domain take one as ``record``.
    """

    write: Callable[[Sequence[Row]], Awaitable[None]]
    by: str | None = None  # the name of the caller's key, which is stored with annotations

    async def __call__(self, rows: Sequence[Row]) -> None:
        """Write the entry; ``rows`` were created or changed."""
        await self.write(rows)


async def _nothing(rows: Sequence[Row]) -> None:
    """Write no entry."""


unrecorded = Record(_nothing)
"""Writes no entry, for changes made through no interface, such as those of a test."""


async def write(
    actor: str, action: str, object_ids: Sequence[str], *, api_key_id: UUID | None = None
) -> None:
    """Write an entry; call it within the transaction of the change."""
    await AuditEntry.create(
        api_key_id=api_key_id, actor=actor, action=action, object_ids=list(object_ids)
    )
