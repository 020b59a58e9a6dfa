"""Callers that disconnect while their points are being taken."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from pigeonhole.access.rates import Bucket, Rates
from pigeonhole.settings import Settings
from tests.pigeonhole.running import bounded

CALLER = "key:a"
LARGE = Settings(rate_points=10_000, rate_points_per_s=4.0)  # a point is prefetched
SMALL = Settings(rate_points=50, rate_points_per_s=0.001)


@pytest.fixture
async def redis(queue_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(queue_url) as client:
        yield client


async def left(rates: Rates) -> int:
    """Return what is left of the bucket before this call, which takes a point itself."""
    allowance = await rates.take(Bucket.POINTS, CALLER, 1)
    assert allowance is not None
    return allowance.remaining + 1


def hold_up(rates: Rates, monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold up the responses of Redis; return events for when one has come and when it may pass."""
    come, go = asyncio.Event(), asyncio.Event()
    take: Any = rates.script

    async def held(**asked: Any) -> Any:
        answer = await take(**asked)
        come.set()
        await bounded(go.wait())
        return answer

    monkeypatch.setattr(rates, "script", held)
    return come, go


@pytest.mark.parametrize("settings", [LARGE, SMALL])
@pytest.mark.parametrize("held", [0, 10])
async def test_a_caller_that_disconnects_while_points_are_taken_gets_them_back(
    redis: Redis, settings: Settings, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = Rates(redis, settings)
    if held:
        await rates.take(Bucket.POINTS, CALLER, held)
    before = await left(rates)
    with monkeypatch.context() as patch:
        come, go = hold_up(rates, patch)

        taking = asyncio.create_task(rates.take(Bucket.POINTS, CALLER, 40, held=held))
        await bounded(come.wait())
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        go.set()
        await rates.settle()

    assert await left(rates) == before - 1  # points held before stay taken
    assert rates._counting == set()


async def test_points_refused_while_redis_is_away_are_not_taken(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = Rates(redis, LARGE)
    before = await left(rates)
    purse = rates._purses[Bucket.POINTS, CALLER]
    ahead = purse.held
    assert ahead > 0

    async def away(*_: Any, **__: Any) -> None:
        purse.left = 0.0  # others have taken the rest meanwhile
        return

    with monkeypatch.context() as patch:
        patch.setattr(rates, "ask", away)
        with pytest.raises(Exception, match="Rate limit"):
            await rates.take(Bucket.POINTS, CALLER, 40)

    assert purse.held == ahead
    assert before == 10_000
