"""Whether the server is alive, and whether what it needs is there."""

import asyncio
from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pigeonhole import database
from pigeonhole.services import Services

PATIENCE_S = 5.0
"""Seconds in which each part must answer."""


async def alive(request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "alive"})


async def ready(request: Request) -> Response:
    """Database, Redis, storage and encoder all answer: 200, else 503; each part says how it is."""
    services: Services = request.app.state.services
    parts = dict(
        zip(
            ("database", "redis", "storage", "encoder"),
            await asyncio.gather(
                _state(database.check()),
                _state(services.redis.ping()),
                _state(services.storage.check()),
                _state(asyncio.shield(request.app.state.encoder_loading)),
            ),
            strict=True,
        )
    )
    status = 200 if set(parts.values()) == {"ok"} else 503
    return JSONResponse(parts, status, headers={"Cache-Control": "no-store"})


async def _state(check: Awaitable[object]) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await check
    except TimeoutError:
        return "no answer yet"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
        return f"failed: {type(error).__name__}"
    return "ok"
