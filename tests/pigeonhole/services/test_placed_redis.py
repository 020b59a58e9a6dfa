"""Redis as operators run it: with TLS, users, Sentinels, and shared with other deployments."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from broadcaster import Broadcast
from redis.asyncio import Redis
from redis.exceptions import ConnectionError, ResponseError

from pigeonhole.access.open_sockets import Sockets
from pigeonhole.access.rates import Bucket, Rates
from pigeonhole.deployment import doctor_services
from pigeonhole.services import events, jobs, looked_at, workers
from pigeonhole.services.redis import client
from pigeonhole.settings import Settings, read_settings
from tests import certificates
from tests.faults import backing
from tests.faults.processes import Process
from tests.pigeonhole.running import bounded

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="Redis is not installed here."
)


async def every_client_works(url: str, prefix: str = "") -> None:
    """Check the queue, the ticks and the doctor, each of which has a client of its own."""
    async with await jobs.connect(url, prefix) as queue:
        assert await jobs.turn(queue) == 1
    function, backend = uuid4(), events.Backend(url, prefix)
    async with (
        Broadcast(backend=backend) as broadcast,
        events.changes(broadcast, function, poll_s=60) as ticks,
    ):
        await bounded(anext(ticks))
        await bounded(backend.connected.wait())
        await events.publish(broadcast, function)
        await bounded(anext(ticks))
    settings = read_settings(redis_url=url, redis_prefix=prefix)
    check = await doctor_services.check_redis(settings)
    assert "Redis 7" in check.found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls_port(
    made: certificates.Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    port = backing.free_port()
    options = [
        "--tls-port", str(port), "--tls-cert-file", str(made.certificate), "--tls-key-file",
        str(made.key), "--tls-auth-clients", "no", "--requirepass", "p@ss/w#rd",
    ]  # fmt: skip
    with backing.redis(tmp_path_factory.mktemp("redis"), *options) as (_, plain):
        backing.await_port(port)
        with redis.Redis.from_url(plain, password="p@ss/w#rd") as admin:
            admin.acl_setuser(
                "shop:1",
                enabled=True,
                passwords=["+other%pass"],
                keys=["shop:*"],
                channels=["shop:*"],
                categories=["+@all", "-@dangerous"],
                commands=["+info"],
            )
        yield port


async def test_every_client_trusts_a_given_private_authority_over_tls(
    made: certificates.Certificates, tls_port: int
) -> None:
    url = f"rediss://:p%40ss%2Fw%23rd@127.0.0.1:{tls_port}/2?ssl_ca_certs={made.authority}"

    await every_client_works(url)


async def test_a_user_restricted_to_a_prefix_suffices(
    made: certificates.Certificates, tls_port: int
) -> None:
    user = "shop%3A1:other%25pass"
    url = f"rediss://{user}@127.0.0.1:{tls_port}/?ssl_ca_certs={made.authority}"

    await every_client_works(url, "shop:")
    async with client(url) as other:
        with pytest.raises(ResponseError, match="permissions to access"):
            await jobs.turn(other)


@pytest.mark.parametrize(
    ("host", "options", "said"),
    [
        ("127.0.0.1", "", "certificate verify failed"),
        ("localhost", "ssl_ca_certs={authority}", "doesn't match|not valid for"),
    ],
)
async def test_an_unknown_authority_and_a_certificate_for_another_name_are_refused(
    made: certificates.Certificates, tls_port: int, host: str, options: str, said: str
) -> None:
    url = f"rediss://{host}:{tls_port}?{options.format(authority=made.authority)}"

    async with client(url) as other:
        with pytest.raises(ConnectionError, match=said):
            await other.ping()


@pytest.mark.parametrize("options", ["ssl_cert_reqs=none", "ssl_check_hostname=false&{ca}"])
async def test_checks_that_the_url_turns_off_are_not_made(
    made: certificates.Certificates, tls_port: int, options: str
) -> None:
    ca = f"ssl_ca_certs={made.authority}"
    url = f"rediss://:p%40ss%2Fw%23rd@localhost:{tls_port}?{options.format(ca=ca)}"

    async with client(url) as other:
        assert await other.ping()


@contextmanager
def sentinel(folder: Path, port: int) -> Iterator[tuple[Process, int]]:
    """A Sentinel that watches the Redis on a port as ``main``."""
    own = backing.free_port()
    configuration = folder / "sentinel.conf"
    configuration.write_text(
        f"port {own}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor main 127.0.0.1 {port} 1\n"
        "sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 3000\n"
    )
    words = [str(shutil.which("redis-server")), str(configuration), "--sentinel"]
    process = Process("sentinel", words, folder, {})
    process.start()
    try:
        backing.await_port(own)
        yield process, own
    finally:
        process.kill()


async def test_every_client_follows_the_sentinels_to_another_server(
    tmp_path: Path,
) -> None:
    one, two, guard = tmp_path / "one", tmp_path / "two", tmp_path / "guard"
    for folder in (one, two, guard):
        folder.mkdir()
    with backing.redis(one) as (first, first_url):
        port = first_url.rpartition(":")[2]
        with (
            backing.redis(two, "--replicaof", f"127.0.0.1 {port}") as (_, second_url),
            sentinel(guard, int(port)) as (_, watching),
        ):
            url = f"redis+sentinel://127.0.0.1:{watching}/main/0"
            await every_client_works(url, "a:")
            async with client(f"redis://127.0.0.1:{watching}") as asked, client(url) as product:
                await _until(asked, b"num-slaves", b"1")
                first.kill()
                await _until(asked, b"port", second_url.rpartition(":")[2].encode())
                await _until_it_takes(product)


async def _until(asked: Redis, name: bytes, value: bytes) -> None:
    question: Any = ("SENTINEL", "MASTER", "main")
    async with asyncio.timeout(backing.START_S):
        while True:
            told = await asked.execute_command(*question)
            if dict(zip(told[::2], told[1::2], strict=True))[name] == value:
                return
            await asyncio.sleep(0.1)


async def _until_it_takes(product: Redis) -> None:
    async with asyncio.timeout(backing.START_S):
        while True:
            with suppress(redis.RedisError, OSError):
                await jobs.turn(product)
                return
            await asyncio.sleep(0.1)


async def test_every_key_begins_with_the_prefix(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, rate_points=10, max_sockets=1)
    with backing.redis(tmp_path) as (_, url):
        for prefix in ("a:", "b:"):
            async with await jobs.connect(url, prefix) as queue:
                presence = workers.Presence(works=True)
                await workers.beat(queue, presence)
                await jobs._enqueue(queue, jobs.EMBED, uuid4(), "1")
                await Rates(queue, settings).take(Bucket.POINTS, "key:a", 10)
                await Sockets(queue, settings).open("key:a")
                await looked_at.note(queue, uuid4(), [uuid4()])
                assert [seen.id for seen in await workers.seen(queue)] == [presence.id]
                assert len(await queue.zrange(jobs.BULK, 0, -1)) == 1
        with redis.Redis.from_url(url) as all_of_it:
            keys = {key.decode() for key in all_of_it.keys("*")}

    assert {key[:2] for key in keys} == {"a:", "b:"}
    assert len({key for key in keys if key.startswith("a:")}) == len(keys) / 2 >= 7


async def test_a_command_that_cannot_be_prefixed_is_refused() -> None:
    async with client("redis://127.0.0.1:1", "a:") as other:
        pool: Any = other.connection_pool
        connection = pool.make_connection()
        with pytest.raises(NotImplementedError, match="GEOADD is not known to the prefix"):
            connection.pack_command("GEOADD", "key")
