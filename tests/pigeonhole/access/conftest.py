"""Redis, and rate limits whose points hardly come back during a test."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis


@pytest.fixture
def taken_ahead_at_any_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hundredth of a bucket be taken ahead, though hardly a point comes back in a test."""
    monkeypatch.setattr("pigeonhole.access.rates.SPARE_S", 1e6)


@pytest.fixture
async def redis(queue_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(queue_url) as client:
        yield client
