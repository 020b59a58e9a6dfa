"""The faults: each one begins, lasts a while, and ends."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
import redis.asyncio

from tests.faults.backing import await_port
from tests.faults.processes import Process
from tests.faults.world import World

Act = Callable[[World, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """A fault; ``lasts_s`` gives its shortest and longest duration."""

    name: str
    make: Act
    end: Act
    lasts_s: tuple[float, float]
    where: Callable[[World], bool] = lambda world: True


async def _start_all(world: World, chance: random.Random) -> None:
    world.start_all()


def _kill(choose: Callable[[World, random.Random], list[Process]]) -> Act:
    async def act(world: World, chance: random.Random) -> None:
        for process in choose(world, chance):
            await asyncio.to_thread(process.kill)

    return act


def _kill_child(word: str) -> Act:
    async def act(world: World, chance: random.Random) -> None:
        assert world.up is not None
        child = world.up.child(word)
        if child is not None:
            child.kill()

    return act


def _pause(choose: Callable[[World, random.Random], list[Process]]) -> Act:
    async def act(world: World, chance: random.Random) -> None:
        for process in choose(world, chance):
            process.pause()

    return act


async def _resume(world: World, chance: random.Random) -> None:
    for process in (*world.processes, world.redis, world.postgres):
        if process is not None:
            process.resume()


async def _cut_connections(world: World, chance: random.Random) -> None:
    connection = await asyncpg.connect(world.postgres_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    await connection.close()


async def _cut_redis(world: World, chance: random.Random) -> None:
    async with redis.asyncio.Redis.from_url(world.redis_url or "") as client:
        await client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")


def _redis_writes(replicas: int) -> Act:
    async def act(world: World, chance: random.Random) -> None:
        async with redis.asyncio.Redis.from_url(world.redis_url or "") as client:
            await client.config_set("min-replicas-to-write", replicas)

    return act


async def _take_storage(world: World, chance: random.Random) -> None:
    world.storage.rename(world.storage.with_name("away"))


async def _give_storage(world: World, chance: random.Random) -> None:
    away = world.storage.with_name("away")
    if world.storage.exists():  # a process has made a new one meanwhile: its content counts too
        for path in world.storage.rglob("*"):
            if path.is_file():
                target = away / path.relative_to(world.storage)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        world.storage.rename(world.storage.with_name(f"made-meanwhile-{chance.random()}"))
    away.rename(world.storage)
    world.start_all()  # processes stop if the folder that they store in is gone


async def _fill(world: World, chance: random.Random) -> None:
    await asyncio.to_thread(world.disk.fill)


async def _free(world: World, chance: random.Random) -> None:
    world.disk.free()


async def _read_only(world: World, chance: random.Random) -> None:
    world.disk.remount("ro")


async def _read_write(world: World, chance: random.Random) -> None:
    world.disk.remount("rw")


async def _clock_away(world: World, chance: random.Random) -> None:
    assert world.clock is not None
    world.clock.jump(chance.choice((-120, 120, 3600)))


async def _clock_right(world: World, chance: random.Random) -> None:
    assert world.clock is not None
    world.clock.jump(0)


async def _restart_service(world: World, chance: random.Random) -> None:
    world.start_all()
    for url in (world.postgres_url, world.redis_url):
        if url is not None:
            await asyncio.to_thread(await_port, int(url.rsplit(":", 1)[1].split("/")[0]))


def _one_server(world: World, chance: random.Random) -> list[Process]:
    return [chance.choice(world.servers)]


def _one_worker(world: World, chance: random.Random) -> list[Process]:
    return [chance.choice(world.workers)]


def _postgres(world: World, chance: random.Random) -> list[Process]:
    return [world.postgres] if world.postgres else []


def _redis(world: World, chance: random.Random) -> list[Process]:
    return [world.redis] if world.redis else []


def _is_one(world: World) -> bool:
    return world.up is not None


def _is_many(world: World) -> bool:
    return world.up is None


def _has_disk(world: World) -> bool:
    return world.disk.own


FAULTS = (
    Fault("server killed", _kill(_one_server), _start_all, (0.5, 3), _is_many),
    Fault("worker killed", _kill(_one_worker), _start_all, (0.5, 8), _is_many),
    Fault("all workers killed", _kill(lambda w, c: w.workers), _start_all, (0.5, 8), _is_many),
    Fault("all killed", _kill(lambda w, c: w.processes), _start_all, (0.5, 2)),
    Fault("server stopped and continued", _pause(_one_server), _resume, (2, 8), _is_many),
    Fault("worker stopped and continued", _pause(_one_worker), _resume, (5, 25), _is_many),
    Fault("PostgreSQL killed", _kill(_postgres), _restart_service, (1, 8), _is_many),
    Fault("PostgreSQL stopped and continued", _pause(_postgres), _resume, (2, 8), _is_many),
    Fault("PostgreSQL connections cut", _cut_connections, _resume, (0.1, 0.5), _is_many),
    Fault("Redis restarted empty", _kill(_redis), _restart_service, (0.5, 8), _is_many),
    Fault("Redis stopped and continued", _pause(_redis), _resume, (2, 8), _is_many),
    Fault("Redis connections cut", _cut_redis, _resume, (0.1, 0.5), _is_many),
    Fault("Redis refuses writes", _redis_writes(1), _redis_writes(0), (2, 8), _is_many),
    Fault("storage away", _take_storage, _give_storage, (2, 12), _is_many),
    Fault(
        "storage read-only", _read_only, _read_write, (2, 8), lambda w: _is_many(w) and w.disk.own
    ),
    Fault("disk full", _fill, _free, (2, 8), _has_disk),
    Fault(
        "clock jumped", _clock_away, _clock_right, (2, 8),
        lambda w: w.clock is not None,
    ),
    Fault("server killed under up", _kill_child("serve"), _start_all, (0.5, 1), _is_one),
    Fault("worker killed under up", _kill_child("work"), _start_all, (0.5, 1), _is_one),
    Fault("Valkey killed under up", _kill_child("valkey"), _start_all, (0.5, 1), _is_one),
)  # fmt: skip
