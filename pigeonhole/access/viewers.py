"""Viewers: the callers of requests, and whether their credentials are still valid."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakSet, WeakValueDictionary

import structlog
from tortoise.expressions import Q

from pigeonhole.access import keys, sessions
from pigeonhole.errors import UnauthenticatedError
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import ApiKey, Session

LOOK_S = 0.4
"""Seconds between checks of credentials in use: a revocation takes effect within twice that."""
FORGET_S = 30.0
"""Seconds for which an unused key or session is remembered."""
WRITE_USE = timedelta(minutes=1)
"""Least time between two writes of the last use of a key."""

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Held:
    """A key as last read, shared by all its viewers in this process."""

    row: ApiKey
    read_at: float  # monotonic
    gone: bool = False
    used_at: datetime | None = None
    endings: "WeakSet[Ending]" = field(default_factory=WeakSet)

    @property
    def live(self) -> bool:
        """Whether the key is valid."""
        return not self.gone and keys.is_live(self.row)


@dataclass(eq=False)
class HeldSession:
    """A session as last read, shared by all its viewers in this process."""

    row: Session
    key: Held
    read_at: float  # monotonic
    gone: bool = False

    @property
    def live(self) -> bool:
        """Whether the session itself is valid; its key is checked separately."""
        return not self.gone and sessions.is_live(self.row)


@dataclass(frozen=True)
class Viewer:
    """The caller of a request: the owner of a key, or anonymous.

    ``session`` is the session of a person who uses the page, None for a program; ``narrowed`` are
    the scopes that a token is limited to; ``until`` is when the token expires.
    """

    held: Held | None = None
    session: HeldSession | None = None
    narrowed: frozenset[ApiKeyScope] | None = None
    until: datetime | None = None

    @property
    def key(self) -> ApiKey | None:
        """The key as last read; None if the caller is anonymous."""
        return None if self.held is None else self.held.row

    @property
    def actor(self) -> str:
        """The name of the caller in the audit log."""
        key = self.key
        if key is None:
            return "anyone"
        return f"{key.name} ({key.prefix}{', page' if self.session else ''})"

    @property
    def scopes(self) -> frozenset[ApiKeyScope]:
        """The scopes of the caller; none without a key."""
        if self.held is None:
            return frozenset()
        scopes = keys.scopes_of(self.held.row)
        return scopes if self.narrowed is None else scopes & self.narrowed

    @property
    def restricted_to(self) -> frozenset[UUID] | None:
        """The functions that the caller is restricted to; None for all."""
        if self.held is None or self.held.row.function_ids is None:
            return None
        return frozenset(UUID(id) for id in self.held.row.function_ids)

    def may(self, scope: ApiKeyScope) -> bool:
        """Return whether the caller has a scope."""
        return scope in self.scopes

    def sees(self, function_id: UUID) -> bool:
        """Return whether the caller's key covers a function."""
        return self.restricted_to is None or function_id in self.restricted_to

    @property
    def live(self) -> bool:
        """Whether the caller's key, session and token are still valid."""
        if self.held is None:
            return True
        ended = self.until is not None and self.until <= datetime.now(UTC)
        return not ended and self.held.live and (self.session is None or self.session.live)

    def check(self) -> None:
        """Check that the caller's key, session and token are still valid.

        Raises:
            UnauthenticatedError: One of them is not.
        """
        if self.held is None:
            return
        if not self.live:
            raise refused()
        self.held.used_at = datetime.now(UTC)

    def when_over(self, call: Callable[[], None]) -> "Ending | None":
        """Return an `Ending` that calls a function when access ends, for as long as it is kept."""
        if self.held is None:
            return None
        ending = Ending(self, call)
        self.held.endings.add(ending)
        return ending


@dataclass(eq=False)
class Ending:
    """What to do when a viewer's access ends; dropped with its last reference."""

    viewer: Viewer
    call: Callable[[], None]


ANYONE = Viewer()
"""A caller without a key."""


def refused() -> UnauthenticatedError:
    """Return the one error for wrong, revoked and expired keys."""
    return UnauthenticatedError("API key is not valid. It may have been revoked or have expired.")


class Viewers:
    """Reads keys and sessions, and checks those in use regularly, to notice revocations soon."""

    def __init__(self) -> None:
        self._by_id: WeakValueDictionary[UUID, Held] = WeakValueDictionary()
        self._by_prefix: WeakValueDictionary[str, Held] = WeakValueDictionary()
        self._sessions: WeakValueDictionary[UUID, HeldSession] = WeakValueDictionary()
        self._recent: dict[UUID, tuple[object, float]] = {}  # with the end of its time

    async def of_secret(self, secret: str) -> Viewer:
        """Return the viewer of a secret.

        Raises:
            UnauthenticatedError: It is not the secret of a valid key.
        """
        prefix = keys.prefix_of(secret)
        held = prefix and await self._held(self._by_prefix.get(prefix), prefix=prefix)
        if not held or not keys.is_secret_of(held.row, secret):
            raise refused()
        return self._viewer(Viewer(held))

    async def of_id(self, id: UUID, **about: Any) -> Viewer:
        """Return the viewer of a key's ID, whose signature the caller has verified.

        Raises:
            UnauthenticatedError: The key is not valid.
        """
        held = await self._held(self._by_id.get(id), id=id)
        if held is None:
            raise refused()
        return self._viewer(Viewer(held, **about))

    async def of_session(self, id: UUID) -> Viewer:
        """Return the viewer of a session's ID, whose signature the caller has verified.

        Raises:
            UnauthenticatedError: The session or its key is no longer valid.
        """
        session = self._sessions.get(id)
        if session is None or time.monotonic() - session.read_at >= 2 * LOOK_S:
            row = await Session.get_or_none(id=id)
            if row is None:
                raise refused()
            key = await self._held(self._by_id.get(row.key_id), id=row.key_id)
            if key is None:
                raise refused()
            session = self._sessions.setdefault(id, HeldSession(row, key, time.monotonic()))
            session.read_at = time.monotonic()
        return self._viewer(Viewer(session.key, session))

    async def end_session(self, session: HeldSession) -> None:
        """End a session: at once in this process, within a second on every server."""
        await Session.filter(id=session.row.id).delete()
        session.gone = True
        _tell(session.key)

    def _viewer(self, viewer: Viewer) -> Viewer:
        viewer.check()
        until = time.monotonic() + FORGET_S
        if viewer.held is not None:
            self._recent[viewer.held.row.id] = (viewer.held, until)
        if viewer.session is not None:
            self._recent[viewer.session.row.id] = (viewer.session, until)
        return viewer

    async def _held(self, held: Held | None, **row: Any) -> Held | None:
        if held is not None and time.monotonic() - held.read_at < 2 * LOOK_S:
            return held
        key = await ApiKey.get_or_none(**row)
        if key is None:
            return None
        held = self._by_id.get(key.id)
        if held is None:
            held = Held(key, time.monotonic())
            self._by_id[key.id] = self._by_prefix[key.prefix] = held
        else:
            _see(held, key)
        return held

    async def watch(self) -> None:
        """Check all credentials in use until cancelled, then write the last uses of keys."""
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                try:
                    await self.look()
                except Exception as error:  # noqa: BLE001 - the database may be unavailable
                    log.warning("keys_not_read", reason=str(error))
        finally:
            with suppress(Exception):
                await self._write_uses()

    async def look(self) -> None:
        """Read keys and sessions in use again, and call the endings of those no longer valid."""
        held, used = dict(self._by_id), dict(self._sessions)
        if not held:
            return
        rows = {row.id: row for row in await ApiKey.filter(id__in=list(held))}
        if used:
            there = {row.id for row in await Session.filter(id__in=list(used)).only("id")}
            for id, session in used.items():
                session.gone = session.gone or id not in there
                session.read_at = time.monotonic()
        for id, one in held.items():
            _see(one, rows.get(id))
            _tell(one)
        await self._write_uses()
        now = time.monotonic()
        for id in [id for id, (_, until) in self._recent.items() if until < now]:
            del self._recent[id]

    async def _write_uses(self) -> None:
        for held in list(self._by_id.values()):
            used, written = held.used_at, held.row.last_used_at
            if used is not None and (written is None or used - written >= WRITE_USE):
                others = Q(last_used_at=None) | Q(last_used_at__lt=used - WRITE_USE)
                await ApiKey.filter(others, id=held.row.id).update(last_used_at=used)
                held.row.last_used_at = used


def _tell(held: Held) -> None:
    for ending in tuple(held.endings):
        if not ending.viewer.live:
            ending.call()


def _see(held: Held, row: ApiKey | None) -> None:
    held.gone = row is None
    held.row = row or held.row
    held.read_at = time.monotonic()
