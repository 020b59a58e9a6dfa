"""Redis, and rate limits that restore hardly any points during a test."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis


@pytest.fixture
def taken_ahead_at_any_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefetch a hundredth of a bucket, although a test restores hardly any points."""
    monkeypatch.setattr("pigeonhole.access.rates.SPARE_S", 1e6)


@pytest.fixture
async def redis(queue_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(queue_url) as client:
        yield client
