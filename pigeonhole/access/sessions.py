"""Sessions of browsers, each valid only while its row exists.

All servers read the same rows, so a session that ends, ends everywhere, regardless of copies of
its cookie and of the state of Redis.
"""

from datetime import UTC, datetime, timedelta

from pigeonhole.tables import ApiKey, Session

LIFE = timedelta(days=30)
"""How long a session lasts."""
MOST = 100
"""Most sessions of one key; a further one ends the oldest."""


async def begin(key: ApiKey) -> Session:
    """Create a session of a key, and delete expired ones."""
    now = datetime.now(UTC)
    await Session.filter(ends_at__lte=now).delete()
    older = await Session.filter(key_id=key.id).order_by("-id").offset(MOST - 1).only("id")
    if older:
        await Session.filter(id__in=[session.id for session in older]).delete()
    return await Session.create(key=key, ends_at=now + LIFE)


def is_live(session: Session) -> bool:
    """Return whether a session has not expired."""
    return session.ends_at > datetime.now(UTC)
