"""Rate limits: points of a bucket, by caller and over several servers."""

import asyncio
from math import ceil

import pytest
from redis.asyncio import Redis

from pigeonhole.access.rates import Bucket, Rates, caller_of
from pigeonhole.errors import RateLimitedError
from pigeonhole.settings import Settings
from tests.pigeonhole.access.limits import AHEAD, SLOWLY

pytestmark = pytest.mark.usefixtures("taken_ahead_at_any_rate")


async def test_a_bucket_grants_the_points_that_it_holds_and_returns_how_many_are_left(
    redis: Redis,
) -> None:
    rates = Rates(redis, SLOWLY)

    first = await rates.take(Bucket.POINTS, "key:a", 4)
    second = await rates.take(Bucket.POINTS, "key:a", 6)

    assert first is not None
    assert (first.limit, first.remaining, first.restore_rate, first.cost) == (10, 6, 0.001, 4)
    assert second is not None
    assert (second.remaining, second.cost) == (0, 6)
    assert (second.reset_at - first.reset_at).total_seconds() == pytest.approx(6_000, abs=60)


async def test_a_request_beyond_the_points_of_a_bucket_is_refused_and_takes_none(
    redis: Redis,
) -> None:
    rates = Rates(redis, SLOWLY)
    await rates.take(Bucket.POINTS, "key:a", 8)

    with pytest.raises(RateLimitedError) as caught:
        await rates.take(Bucket.POINTS, "key:a", 3)
    left = await rates.take(Bucket.POINTS, "key:a", 2)

    assert caught.value.code == "RATE_LIMITED"
    wait_s = caught.value.retry_after_s
    assert wait_s == pytest.approx(1_000, abs=60)  # points restored meanwhile shorten it
    assert caught.value.extensions == {"code": "RATE_LIMITED", "retryAfter": str(ceil(wait_s))}
    assert caught.value.message == (
        f"Rate limit of points exceeded. Try again in {ceil(wait_s)} s."
    )
    assert left is not None
    assert left.remaining == 0


async def test_points_are_restored_with_time(redis: Redis) -> None:
    rates = Rates(redis, SLOWLY)
    await rates.take(Bucket.POINTS, "key:a", 10)
    with pytest.raises(RateLimitedError) as caught:
        await rates.take(Bucket.POINTS, "key:a", 5)

    earlier = -caught.value.retry_after_s  # as if it had happened that much earlier
    await redis.execute_command("HINCRBYFLOAT", "pigeonhole:rate:points:key:a", "at", earlier)
    again = await rates.take(Bucket.POINTS, "key:a", 5)

    assert again is not None
    assert again.remaining == 0


async def test_a_request_that_costs_more_than_a_whole_bucket_takes_all_of_it(redis: Redis) -> None:
    rates = Rates(redis, SLOWLY)

    given = await rates.take(Bucket.POINTS, "key:a", 1_000)

    assert given is not None
    assert (given.cost, given.remaining) == (10, 0)


async def test_held_points_count_towards_the_cost_and_the_surplus_is_restored(
    redis: Redis,
) -> None:
    rates = Rates(redis, SLOWLY)

    await rates.take(Bucket.POINTS, "key:a", 5)
    less = await rates.take(Bucket.POINTS, "key:a", 2, held=5)
    await rates.take(Bucket.POINTS, "key:a", 5)
    more = await rates.take(Bucket.POINTS, "key:a", 8, held=5)

    assert less is not None
    assert (less.cost, less.remaining) == (2, 8)
    assert more is not None
    assert (more.cost, more.remaining) == (8, 0)


async def test_held_points_stay_taken_if_the_rest_is_refused(redis: Redis) -> None:
    rates = Rates(redis, SLOWLY)
    await rates.take(Bucket.POINTS, "key:a", 8)

    with pytest.raises(RateLimitedError) as caught:
        await rates.take(Bucket.POINTS, "key:a", 9, held=5)
    left = await rates.take(Bucket.POINTS, "key:a", 2)

    assert caught.value.retry_after_s == pytest.approx(2_000, abs=60)
    assert left is not None
    assert left.remaining == 0


async def test_callers_and_buckets_are_counted_separately(redis: Redis) -> None:
    rates = Rates(redis, SLOWLY)
    await rates.take(Bucket.INVOKES, "key:a", 3)

    with pytest.raises(RateLimitedError):
        await rates.take(Bucket.INVOKES, "key:a", 1)
    other = await rates.take(Bucket.INVOKES, "key:b", 1)
    points = await rates.take(Bucket.POINTS, "key:a", 1)

    assert (other and other.remaining, points and points.remaining) == (2, 9)


async def test_several_servers_together_grant_no_more_than_one_does(
    redis: Redis, queue_url: str
) -> None:
    async with Redis.from_url(queue_url) as second, Redis.from_url(queue_url) as third:
        servers = [Rates(client, SLOWLY) for client in (redis, second, third)]

        answers = await asyncio.gather(
            *(rates.take(Bucket.POINTS, "key:a", 1) for rates in servers for _ in range(10)),
            return_exceptions=True,
        )

    refused = [answer for answer in answers if isinstance(answer, RateLimitedError)]
    assert len(refused) == 20
    assert sorted(a.remaining for a in answers if a and not isinstance(a, BaseException)) == list(
        range(10)
    )


async def test_a_server_prefetches_points_and_grants_them_without_another_request_to_redis(
    redis: Redis,
) -> None:
    rates = Rates(redis, AHEAD)

    first = await rates.take(Bucket.POINTS, "key:a", 5)
    await redis.delete("pigeonhole:rate:points:key:a")
    of_it = [await rates.take(Bucket.POINTS, "key:a", 2) for _ in range(5)]
    asked_for_none = await redis.keys("pigeonhole:rate:*")
    await rates.take(Bucket.POINTS, "key:a", 1)

    assert first is not None
    assert (first.remaining, first.cost) == (995, 5)
    assert [given and given.remaining for given in of_it] == [993, 991, 989, 987, 985]
    assert asked_for_none == []
    assert await redis.keys("pigeonhole:rate:*") == [b"pigeonhole:rate:points:key:a"]


async def test_servers_that_prefetch_grant_no_more_than_one_bucket(
    redis: Redis, queue_url: str
) -> None:
    async with Redis.from_url(queue_url) as second, Redis.from_url(queue_url) as third:
        servers = [Rates(client, AHEAD) for client in (redis, second, third)]
        given = 0
        for _ in range(150):
            answers = await asyncio.gather(
                *(rates.take(Bucket.POINTS, "key:a", 3) for rates in servers),
                return_exceptions=True,
            )
            given += 3 * sum(not isinstance(answer, RateLimitedError) for answer in answers)

    assert 1_000 - 3 * 12 <= given <= 1_000


async def test_a_refused_caller_is_refused_without_asking_redis_until_enough_points_are_restored(
    redis: Redis,
) -> None:
    rates = Rates(redis, AHEAD)
    await rates.take(Bucket.POINTS, "key:a", 1_000)
    with pytest.raises(RateLimitedError) as first:
        await rates.take(Bucket.POINTS, "key:a", 1_000)
    await redis.delete("pigeonhole:rate:points:key:a")

    with pytest.raises(RateLimitedError) as second:
        await rates.take(Bucket.POINTS, "key:a", 1_000)

    assert await redis.keys("pigeonhole:rate:*") == []
    assert 0 < second.value.retry_after_s <= first.value.retry_after_s <= 1_000_000


async def test_held_points_are_restored_to_a_server_that_prefetches(redis: Redis) -> None:
    rates = Rates(redis, AHEAD)

    await rates.take(Bucket.POINTS, "key:a", 500)
    less = await rates.take(Bucket.POINTS, "key:a", 7, held=500)

    assert less is not None
    assert (less.remaining, less.cost) == (993, 7)


async def test_a_bucket_that_is_full_again_is_forgotten(redis: Redis) -> None:
    rates = Rates(redis, SLOWLY)

    await rates.take(Bucket.POINTS, "key:a", 5)

    left_ms = await redis.pttl("pigeonhole:rate:points:key:a")
    assert 0 < left_ms <= 5_002_000


async def test_without_a_limit_points_are_not_counted(redis: Redis) -> None:
    rates = Rates(redis, Settings(rate_points=0))

    assert await rates.take(Bucket.POINTS, "key:a", 1_000_000) is None
    assert await redis.keys("pigeonhole:rate:*") == []


async def test_a_server_knows_what_is_left_of_a_bucket_without_taking_a_point(redis: Redis) -> None:
    rates = Rates(redis, AHEAD)

    rates.check(Bucket.POINTS, "key:a", 1_000)
    await rates.take(Bucket.POINTS, "key:a", 400)
    rates.check(Bucket.POINTS, "key:a", 600)
    with pytest.raises(RateLimitedError):
        rates.check(Bucket.POINTS, "key:a", 1_000)
    left = await rates.take(Bucket.POINTS, "key:a", 600)

    assert left is not None


@pytest.mark.parametrize(
    ("prefix", "address", "caller"),
    [
        ("ph_a1", "192.0.2.1", "key:ph_a1"),
        (None, "192.0.2.1", "address:192.0.2.1"),
        (None, "::ffff:192.0.2.1", "address:192.0.2.1"),
        (None, "2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        (None, "testclient", "address:unknown"),
        (None, None, "address:unknown"),
    ],
)
def test_a_caller_is_a_key_or_an_address_or_a_network_of_ipv6(
    prefix: str | None, address: str | None, caller: str
) -> None:
    assert caller_of(prefix, address) == caller
