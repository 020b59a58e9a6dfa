"""Encoders loaded before an invocation needs them."""

import asyncio

import structlog

from pigeonhole.services import outages
from pigeonhole.services.services import Services
from pigeonhole.tables import EncoderChange, Function
from pigeonhole.training.encoder_changes import OPEN

LOOK_S = 2.0
"""Seconds between looks for functions with an encoder that has not been loaded."""
MOST = 3
"""Encoders in memory from which on none is loaded ahead: each may hold a gigabyte."""

log = structlog.get_logger(__name__)


async def preload(services: Services, *, look_s: float = LOOK_S, most: int = MOST) -> None:
    """Load the encoders that functions are being changed to, or use, until cancelled.

    So the first invocation after a switch does not wait for weights. An encoder that cannot be
    loaded is not tried again: an invocation will say why.
    """
    tried: set[str] = set()
    while True:
        try:
            for spec in await wanted():
                loaded = services.encoding.loaded.identities
                if spec not in tried and spec not in loaded and len(loaded) < most:
                    await _load(services, spec)
                    tried.add(spec)
        except Exception as error:
            if outages.passing(error) is None:
                raise
        await asyncio.sleep(look_s)


async def wanted() -> list[str]:
    """Return the encoders of open changes, then those of functions, each once."""
    coming = await EncoderChange.filter(state__in=OPEN).values_list("encoder", flat=True)
    used = await Function.all().distinct().values_list("encoder", flat=True)
    return list(dict.fromkeys(map(str, (*sorted(coming), *sorted(used)))))


async def _load(services: Services, spec: str) -> None:
    """Load an encoder whose weights are on this machine: none is downloaded."""
    try:
        is_file = ":" in spec
        if is_file or await services.encoding.loaded.is_here(spec):
            await services.encoding.load(spec)
    except Exception as error:
        if outages.passing(error) not in (None, outages.MEMORY):
            raise
        log.error("encoder_not_preloaded", encoder=spec, reason=str(error))
