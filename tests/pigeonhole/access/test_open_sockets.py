"""The limit on a caller's open websockets, over several servers and while Redis is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from pigeonhole.access.open_sockets import Sockets
from pigeonhole.errors import LimitReachedError
from pigeonhole.settings import Settings

TWO = Settings(max_sockets=2)


@pytest.fixture
async def redis(queue_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(queue_url) as client:
        yield client


async def test_a_caller_holds_as_many_as_the_setting_allows_and_each_one_that_closes_makes_room(
    redis: Redis,
) -> None:
    sockets = Sockets(redis, TWO)
    first = await sockets.open("key:a")
    await sockets.open("key:a")

    with pytest.raises(LimitReachedError) as caught:
        await sockets.open("key:a")
    await sockets.close(first)
    await sockets.open("key:a")
    await sockets.open("key:b")

    assert caught.value.message == "Limit of 2 open websockets reached. Close one first."
    assert await redis.zcard("pigeonhole:sockets:key:a") == 2
    assert await redis.zcard("pigeonhole:sockets:key:b") == 1


async def test_several_servers_together_let_in_no_more_than_one_does(redis: Redis) -> None:
    servers = [Sockets(redis, TWO) for _ in range(3)]

    answers = await asyncio.gather(
        *(server.open("key:a") for server in servers for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(answer, str) for answer in answers) == 2
    assert sum(isinstance(answer, LimitReachedError) for answer in answers) == 13


async def test_the_sockets_of_a_server_that_died_are_not_counted_for_ever(redis: Redis) -> None:
    dead = Sockets(redis, TWO)
    places = [await dead.open("key:a") for _ in range(2)]
    with pytest.raises(LimitReachedError):
        await Sockets(redis, TWO).open("key:a")
    await redis.zadd(
        "pigeonhole:sockets:key:a", {str(place): 1.0 for place in places}
    )  # their leases ended long ago

    assert await Sockets(redis, TWO).open("key:a") is not None
    assert await redis.zcard("pigeonhole:sockets:key:a") == 1


async def test_renewed_sockets_stay_counted_even_if_redis_has_lost_them(
    redis: Redis,
) -> None:
    sockets = Sockets(redis, TWO)
    place = await sockets.open("key:a")
    await sockets.open("key:a")
    await redis.flushdb()

    await sockets.renew()
    with pytest.raises(LimitReachedError):
        await Sockets(redis, TWO).open("key:a")
    await sockets.close(place)
    await sockets.renew()

    assert await redis.zcard("pigeonhole:sockets:key:a") == 1


async def test_without_a_limit_sockets_are_not_counted(redis: Redis) -> None:
    sockets = Sockets(redis, Settings(max_sockets=0))

    await sockets.close(await sockets.open("key:a"))

    assert await redis.keys("pigeonhole:sockets:*") == []


async def test_a_server_counts_its_own_sockets_while_redis_is_away(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with Redis(host="127.0.0.1", port=1) as away:
        sockets = Sockets(away, TWO)

        places = [await sockets.open("key:a") for _ in range(2)]
        with pytest.raises(LimitReachedError):
            await sockets.open("key:a")
        await sockets.open("key:b")
        await sockets.close(places[0])
        await sockets.open("key:a")

    assert capsys.readouterr().out.count("socket_not_counted") == 6
