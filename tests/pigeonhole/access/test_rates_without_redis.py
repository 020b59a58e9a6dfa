"""Rate limits while Redis is away or does not answer."""

import asyncio

import pytest
from redis.asyncio import Redis

from pigeonhole.access.rates import Bucket, Rates
from pigeonhole.errors import RateLimitedError
from pigeonhole.settings import Settings
from tests.pigeonhole.access.limits import AHEAD, SLOWLY

pytestmark = pytest.mark.usefixtures("taken_ahead_at_any_rate")


@pytest.mark.parametrize("settings", [SLOWLY, AHEAD])
async def test_while_redis_is_away_a_server_counts_on_its_own(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    fifth = settings.rate_points // 5
    async with Redis(host="127.0.0.1", port=1) as away:
        rates = Rates(away, settings)

        answers = [await rates.take(Bucket.POINTS, "key:a", fifth) for _ in range(5)]
        with pytest.raises(RateLimitedError):
            await rates.take(Bucket.POINTS, "key:a", fifth)
        other = await rates.take(Bucket.POINTS, "key:b", settings.rate_points)

    assert answers == [None] * 5
    assert other is None
    assert capsys.readouterr().out.count("rate_not_counted") == 1


async def test_points_granted_while_redis_was_away_stay_taken(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pigeonhole.access.rates.PAUSE_S", 0.0)
    rates = Rates(redis, AHEAD)
    await rates.take(Bucket.POINTS, "key:a", 10)
    pool = redis.connection_pool
    with monkeypatch.context() as away:
        away.setattr(pool, "connection_kwargs", {"port": 1})
        await pool.disconnect()
        pool.reset()
        unasked = await rates.take(Bucket.POINTS, "key:a", 900)
        pool.reset()

    heard = await rates.take(Bucket.POINTS, "key:a", 20)

    assert unasked is None
    assert heard is not None
    assert heard.remaining < 100
    with pytest.raises(RateLimitedError):
        await rates.take(Bucket.POINTS, "key:a", 500)


async def test_a_redis_that_does_not_answer_delays_one_request_and_only_for_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pigeonhole.access.rates.PAUSE_S", 1_000.0)
    asked = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Redis(host="127.0.0.1", port=port) as hanging:
        rates = Rates(hanging, SLOWLY)

        answers = [await rates.take(Bucket.POINTS, "key:a", 2) for _ in range(5)]
    server.close()
    await server.wait_closed()

    assert answers == [None] * 5
    assert asked == 1
