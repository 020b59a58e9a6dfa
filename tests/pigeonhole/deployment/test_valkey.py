"""The embedded Valkey is private, keeps its data over restarts, and is never left behind."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from pigeonhole.deployment.processes import Backoff, EndedError, Supervisor
from pigeonhole.deployment.valkey import Valkey, answers, stop_left_over
from tests.pigeonhole.running import WITHIN_S, alive, bounded, eventually, run

SUPERVISED = """
import asyncio, sys
from pathlib import Path
from pigeonhole.deployment.processes import Supervisor
from pigeonhole.deployment.valkey import Valkey, answers

async def main():
    supervisor = Supervisor()
    valkey = Valkey.within(Path(sys.argv[1]))
    await supervisor.start(valkey.command())
    while not await answers(valkey.url):
        await asyncio.sleep(0.02)
    print(valkey.url, flush=True)
    await supervisor.stopped()

asyncio.run(main())
"""


def finish(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await work

    asyncio.run(bounded())


async def until(ask: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await ask():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(valkey: Valkey) -> AsyncIterator[Supervisor]:
    """Run a supervised Valkey; yield once it answers."""
    supervisor = Supervisor(Backoff(first_s=0.01))
    await supervisor.start(valkey.command())
    await until(lambda: answers(valkey.url))
    supervisor.settled = True
    try:
        yield supervisor
    finally:
        await supervisor.stop()


def listening_on(port: int) -> int:
    """Return the process ID of the child that listens on a port."""
    return eventually(
        lambda: next(
            (
                child.pid
                for child in psutil.Process().children()
                for connection in child.net_connections("tcp4")
                if connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
            ),
            0,
        )
    )


def test_queued_jobs_survive_a_restart_in_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / 'a "quoted" \\ name' / "valkey"

    async def scenario() -> None:
        valkey = Valkey.within(folder)
        async with running(valkey), Redis.from_url(valkey.url) as redis:
            await redis.zadd("arq:queue", {"job": 1})
        again = Valkey.within(folder)
        assert again.password != valkey.password
        async with running(again), Redis.from_url(again.url) as redis:
            assert await redis.zrange("arq:queue", 0, -1) == [b"job"]

    finish(scenario())


def test_a_killed_valkey_is_restarted_on_its_port_with_its_data(tmp_path: Path) -> None:
    async def scenario() -> None:
        valkey = Valkey.within(tmp_path / "valkey")
        async with running(valkey), Redis.from_url(valkey.url) as redis:
            await redis.set("key", "value")
            before = await asyncio.to_thread(listening_on, valkey.port)
            os.kill(before, signal.SIGKILL)
            await until(lambda: answers(valkey.url))
            assert await redis.get("key") == b"value"
            assert await asyncio.to_thread(listening_on, valkey.port) != before

    finish(scenario())


def test_it_listens_only_on_the_loopback_address_and_requires_its_password(tmp_path: Path) -> None:
    async def scenario() -> None:
        valkey = Valkey.within(tmp_path / "valkey")
        async with running(valkey):
            pid = await asyncio.to_thread(listening_on, valkey.port)
            addresses = {
                connection.laddr.ip
                for connection in psutil.Process(pid).net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }
            async with Redis(host="127.0.0.1", port=valkey.port) as redis:
                with pytest.raises(AuthenticationError):
                    await redis.ping()
            assert addresses == {"127.0.0.1"}
            assert valkey.password not in " ".join(psutil.Process(pid).cmdline())

    finish(scenario())


def test_only_its_user_can_read_its_folder_and_its_password(tmp_path: Path) -> None:
    valkey = Valkey.within(tmp_path / "valkey")
    valkey.command()

    assert stat.S_IMODE((tmp_path / "valkey").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "valkey" / "valkey.conf").stat().st_mode) == 0o600
    assert valkey.password not in repr(valkey)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent")
def test_it_dies_with_its_supervisor_and_the_next_one_starts(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    with run(sys.executable, "-c", SUPERVISED, str(folder)) as process:
        process.line_with("redis://")
        (server,) = psutil.Process(process.pid).children()

        process.send(signal.SIGKILL)

        process.ended()
        eventually(lambda: not alive(server.pid))

    async def scenario() -> None:
        async with running(Valkey.within(folder)):
            pass

    finish(scenario())


def test_a_valkey_that_outlived_its_supervisor_is_stopped(tmp_path: Path) -> None:
    async def scenario() -> None:
        valkey = Valkey.within(tmp_path / "valkey")
        process = await asyncio.create_subprocess_exec(*valkey.command().words)
        await until(lambda: answers(valkey.url))

        await stop_left_over(valkey.url)

        assert await bounded(process.wait()) == 0

    finish(scenario())


def test_another_server_on_the_port_of_a_former_valkey_is_left_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        valkey = Valkey.within(tmp_path / "valkey")
        async with running(valkey):
            await stop_left_over(f"redis://:another-password@127.0.0.1:{valkey.port}")
            assert await answers(valkey.url)

    finish(scenario())


def test_a_valkey_that_cannot_start_reports_why(tmp_path: Path) -> None:
    async def scenario() -> None:
        first = Valkey.within(tmp_path / "first")
        async with running(first):
            second = Valkey(tmp_path / "second", first.port, "password")
            supervisor = Supervisor()
            await supervisor.start(second.command())
            with pytest.raises(EndedError) as caught:
                await supervisor.until(asyncio.Event().wait())
            await supervisor.stop()
            assert str(caught.value) == "The valkey ended with status 1 before it was ready."
            assert "Address already in use" in second.last_words()

    finish(scenario())
