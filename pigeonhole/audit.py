"""The audit log: who changed what, and when."""

from collections.abc import Sequence

from pigeonhole.models import AuditEntry
from pigeonhole.viewers import Viewer

COMMAND_LINE = "command line"


async def record(viewer: Viewer, action: str, object_ids: Sequence[str]) -> None:
    """Write down a change that was made just now."""
    await AuditEntry.create(
        api_key_id=viewer.key and viewer.key.id,
        actor=_actor(viewer),
        action=action,
        object_ids=list(object_ids),
    )


async def record_command(action: str, object_ids: Sequence[str]) -> None:
    """Write down a change that the command line made."""
    await AuditEntry.create(actor=COMMAND_LINE, action=action, object_ids=list(object_ids))


def _actor(viewer: Viewer) -> str:
    key = viewer.key
    if key is None:
        return "anyone"
    return f"{key.name} ({key.prefix}{', page' if viewer.session else ''})"
