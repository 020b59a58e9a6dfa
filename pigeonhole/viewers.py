"""Whom a request speaks for, and whether that still holds."""

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

from pigeonhole import keys
from pigeonhole.errors import UnauthenticatedError
from pigeonhole.models import ApiKey, ApiKeyScope

LOOK_S = 0.4
"""Seconds between looks at the keys in use: a revocation is seen within twice that."""
FORGET_S = 30.0
"""Seconds for which a key that nothing uses is remembered."""
WRITE_USE = timedelta(minutes=1)
"""How often the last use of a key is written."""

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Held:
    """A key as it was last read; shared by all that speak for it in this process."""

    row: ApiKey
    read_at: float  # monotonic
    gone: bool = False
    used_at: datetime | None = None
    on_end: WeakSet[Callable[[], None]] = field(default_factory=WeakSet)

    @property
    def live(self) -> bool:
        """Whether the key lets anybody in."""
        return not self.gone and keys.is_live(self.row)


@dataclass(frozen=True)
class Viewer:
    """Whom a request speaks for: a key, or nobody.

    ``session`` tells a person at the page from a program; ``narrowed`` are the only scopes that a
    token asked for; ``until`` is when the token or the session ends.
    """

    held: Held | None = None
    session: bool = False
    narrowed: frozenset[ApiKeyScope] | None = None
    until: datetime | None = None

    @property
    def key(self) -> ApiKey | None:
        """The key, as it was last read."""
        return None if self.held is None else self.held.row

    @property
    def scopes(self) -> frozenset[ApiKeyScope]:
        """What it may do; nothing without a key."""
        if self.held is None:
            return frozenset()
        scopes = keys.scopes_of(self.held.row)
        return scopes if self.narrowed is None else scopes & self.narrowed

    @property
    def restricted_to(self) -> frozenset[UUID] | None:
        """The only functions that exist for it; None for all."""
        if self.held is None or self.held.row.function_ids is None:
            return None
        return frozenset(UUID(id) for id in self.held.row.function_ids)

    def may(self, scope: ApiKeyScope) -> bool:
        """Whether it has a scope."""
        return scope in self.scopes

    def sees(self, function_id: UUID) -> bool:
        """Whether a function is one of those that its key is for."""
        return self.restricted_to is None or function_id in self.restricted_to

    def check(self) -> None:
        """See whether the key still lets anybody in.

        Raises:
            UnauthenticatedError: It does not.
        """
        if self.held is None:
            return
        ended = self.until is not None and self.until <= datetime.now(UTC)
        if ended or not self.held.live:
            raise refused()
        self.held.used_at = datetime.now(UTC)


ANYONE = Viewer()
"""A caller without a key."""


def refused() -> UnauthenticatedError:
    """What everybody hears whose key is wrong, revoked or expired; it does not say which."""
    return UnauthenticatedError("The API key is not valid: it may be revoked, or have expired.")


class Viewers:
    """Reads keys, and looks at those in use again and again, so that a revocation is seen soon."""

    def __init__(self) -> None:
        self._by_id: WeakValueDictionary[UUID, Held] = WeakValueDictionary()
        self._by_prefix: WeakValueDictionary[str, Held] = WeakValueDictionary()
        self._recent: dict[UUID, tuple[Held, float]] = {}  # until when to remember it

    async def of_secret(self, secret: str) -> Viewer:
        """Whom a secret stands for.

        Raises:
            UnauthenticatedError: Nobody.
        """
        prefix = keys.prefix_of(secret)
        held = prefix and await self._held(self._by_prefix.get(prefix), prefix=prefix)
        if not held or not keys.is_secret_of(held.row, secret):
            raise refused()
        return self._viewer(Viewer(held))

    async def of_id(self, id: UUID, **about: Any) -> Viewer:
        """Whom a key's id stands for, once a signature has vouched for it.

        Raises:
            UnauthenticatedError: Nobody.
        """
        held = await self._held(self._by_id.get(id), id=id)
        if held is None:
            raise refused()
        return self._viewer(Viewer(held, **about))

    def _viewer(self, viewer: Viewer) -> Viewer:
        viewer.check()
        if viewer.held is not None:
            self._recent[viewer.held.row.id] = (viewer.held, time.monotonic() + FORGET_S)
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
        """Look again at every key that is in use, until cancelled; then write the last uses."""
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                try:
                    await self.look()
                except Exception as error:  # noqa: BLE001 - the database may be away for a while
                    log.warning("keys_not_read", reason=str(error))
        finally:
            with suppress(Exception):
                await self._write_uses()

    async def look(self) -> None:
        """Read every key in use again, and tell those who hold one that lets nobody in any more."""
        held = dict(self._by_id)
        if not held:
            return
        rows = {row.id: row for row in await ApiKey.filter(id__in=list(held))}
        for id, one in held.items():
            _see(one, rows.get(id))
            if not one.live:
                for end in tuple(one.on_end):
                    end()
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


def _see(held: Held, row: ApiKey | None) -> None:
    held.gone = row is None
    held.row = row or held.row
    held.read_at = time.monotonic()
