"""Health checks: whether the server is alive, and whether the services it needs answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pigeonhole import encoders
from pigeonhole.services import backlog, database
from pigeonhole.services.services import Services

PATIENCE_S = 5.0
"""Seconds in which each part must answer."""
PROBE_S = 1.0
"""Least time in seconds between probes."""
LOOK_S = 10.0
"""Seconds between checks of the database."""
LOST_S = 60.0
"""Seconds without an answer of the database after which the process should be restarted."""


class Pulse:
    """The time at which the database last answered this process."""

    def __init__(self) -> None:
        self._answered_at = time.monotonic()

    @property
    def silent_s(self) -> float:
        """Seconds since the last answer."""
        return time.monotonic() - self._answered_at

    async def watch(self, *, look_s: float = LOOK_S) -> None:
        """Check the database regularly, until cancelled."""
        while True:
            if await _state(database.check()) == "ok":
                self._answered_at = time.monotonic()
            await asyncio.sleep(look_s)


Answer = tuple[dict[str, object], bool]
"""The state of each part, and whether the server is ready."""


class Readiness:
    """The last probe, shared by all requests within a second."""

    def __init__(self) -> None:
        self._probe: asyncio.Task[Answer] | None = None
        self._began_at = 0.0

    async def look(self, probe: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Probe, unless a probe is running or was started less than a second ago."""
        now = time.monotonic()
        last = self._probe
        if last is None or (last.done() and now - self._began_at >= PROBE_S):
            self._probe = last = asyncio.create_task(probe())
            self._began_at = now
        return await asyncio.shield(last)


async def alive(request: Request) -> Response:
    """Answer 200 if the database has answered this process within the last minute, otherwise 503.

    A restart helps a process with a broken connection; `/readyz` tells whether the database is
    available.
    """
    pulse: Pulse = request.app.state.pulse
    if pulse.silent_s > LOST_S:
        return JSONResponse({"status": "the database does not answer"}, 503)
    return JSONResponse({"status": "alive"})


async def ready(request: Request) -> Response:
    """Answer 200 if database, Redis, storage and encoder all answer, otherwise 503, with details.

    ``work`` tells whether workers are alive and what waits for them. It does not change the status,
    because this server works without them.
    """
    readiness: Readiness = request.app.state.readiness
    answer, is_ready = await readiness.look(lambda: _probe(request))
    return JSONResponse(answer, 200 if is_ready else 503, headers={"Cache-Control": "no-store"})


async def _probe(request: Request) -> Answer:
    services: Services = request.app.state.services
    parts = dict(
        zip(
            ("database", "redis", "storage", "encoder"),
            await asyncio.gather(
                _state(database.check()),
                _state(services.redis.ping()),
                _state(services.storage.check()),
                _encoder_state(services, request.app.state.encoder_loading),
            ),
            strict=True,
        )
    )
    return {**parts, "work": await _work(services)}, set(parts.values()) == {"ok"}


async def _work(services: Services) -> dict[str, object]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await backlog.look(services.redis)
    except Exception as error:  # noqa: BLE001 - the parts report what is wrong
        return {"state": f"failed: {type(error).__name__}"}
    return {
        "state": found.warning or "ok",
        "workers": found.alive,
        "waiting": {
            work.kind: {
                "functions": work.owed,
                "jobs": work.queued,
                "oldest_s": None if work.oldest_s is None else round(work.oldest_s, 1),
            }
            for work in found.work
        },
    }


async def _encoder_state(services: Services, loading: asyncio.Task[None]) -> str:
    share = None if loading.done() else await asyncio.to_thread(encoders.fetching)
    if share is not None:
        return f"downloading the weights: {share}"
    if loading.done():
        return await _state(_loaded(services, loading))
    return await _state(asyncio.shield(loading))


async def _loaded(services: Services, loading: asyncio.Task[None]) -> None:
    await loading
    await services.encoding.loaded.check()


async def _state(check: Awaitable[object]) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await check
    except TimeoutError:
        return "no answer yet"
    except Exception as error:  # noqa: BLE001 - any failure means not ready
        return f"failed: {type(error).__name__}"
    return "ok"
