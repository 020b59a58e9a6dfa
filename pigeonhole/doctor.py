"""Check what a deployment stands on, and say in sentences what is wrong and what to do."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pigeonhole import folder
from pigeonhole.logs import redact
from pigeonhole.settings import Settings, unknown_variables, variable

ANSWER_S = 10.0  # that a database, a Redis or a storage may take to answer
LOW_BYTES = 1_000_000_000


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # it runs, and not as one may think
    PROBLEM = "problem"  # it does not run


@dataclass(frozen=True)
class Check:
    """What was found about one thing; ``fix`` says what to do, and is empty where all is well."""

    name: str
    state: State
    found: str
    fix: str = ""


async def examine(settings: Settings) -> AsyncIterator[Check]:
    """Check everything, one after the other; nothing raises."""
    checks: tuple[tuple[str, Callable[[Settings], Awaitable[Check]]], ...] = (
        ("settings", check_settings),
        ("data folder", check_folder),
        ("database", check_database),
        ("keys", check_keys),
        ("redis", check_redis),
        ("storage", check_storage),
        ("encoder", check_encoder),
    )
    for name, check in checks:
        try:
            yield await check(settings)
        except Exception as error:  # noqa: BLE001 - a doctor tells what it meets, whatever it is
            yield Check(name, State.PROBLEM, f"The check failed: {said(error)}", "Report a bug.")


async def check_settings(settings: Settings) -> Check:
    """Whether every variable with the prefix is a setting."""
    unknown = unknown_variables()
    if unknown:
        return Check("settings", State.WARNING, " ".join(unknown), "Correct or remove it.")
    changed = sorted(settings.model_fields_set)
    names = ", ".join(variable(name) for name in changed)
    return Check("settings", State.OK, f"Set: {names}." if names else "All are the defaults.")


async def check_folder(settings: Settings) -> Check:
    """Whether the data folder is there, private, and has room on its disk."""
    path = settings.resolved_data_dir
    megabytes = folder.free_bytes(path) // 1_000_000
    if megabytes < LOW_BYTES // 1_000_000:
        short = folder.free_bytes(path) < folder.LEAST_FREE_BYTES
        return Check(
            "data folder",
            State.PROBLEM if short else State.WARNING,
            f"{megabytes} MB are free on the disk of {path}.",
            f"Free some room, or set {variable('data_dir')} to a folder on a larger disk.",
        )
    if not path.exists():
        return Check("data folder", State.OK, f"{path} is not there yet; `up` makes it.")
    if path.stat().st_mode & 0o077:
        return Check(
            "data folder",
            State.WARNING,
            f"Other users of this machine may read {path}.",
            f"Run `chmod 700 {path}`.",
        )
    who = folder.holder(path)
    by = f", in use by process {who.pid} on {who.host}" if who else ""
    return Check("data folder", State.OK, f"{path}{by}; {megabytes} MB are free.")


async def check_database(settings: Settings) -> Check:
    """Whether the database answers and has every migration."""
    from pigeonhole import database

    url = settings.resolved_database_url
    shown = redact(url)
    file = Path(url.removeprefix("sqlite://")) if url.startswith("sqlite:") else None
    try:
        async with asyncio.timeout(ANSWER_S):
            if file and not await asyncio.to_thread(_opened, file, settings):
                return Check(
                    "database",
                    State.WARNING,
                    f"{shown} is not there yet.",
                    "Run `pigeonhole migrate`; `up` does it by itself.",
                )
            async with database.connected(url):
                await database.check()
            names = await database.pending(url)
    except Exception as error:  # noqa: BLE001 - each driver has its own errors
        fix = (
            "Make its folder and the file writable for this user, or restore a back-up."
            if file
            else "See that PostgreSQL runs there and that "
            f"{variable('database_url')} has the right user, password and database."
        )
        return Check("database", State.PROBLEM, f"{shown} cannot be used: {said(error)}", fix)
    if names:
        return Check(
            "database",
            State.WARNING,
            f"{shown} lacks {len(names)} migrations: {', '.join(names)}.",
            "Run `pigeonhole migrate`; `up` does it by itself.",
        )
    return Check("database", State.OK, f"{shown} answers and is up to date.")


async def check_keys(settings: Settings) -> Check:
    """Whether an admin key lets somebody in, and whether the first one's file is private."""
    if (await check_database(settings)).state is not State.OK:
        return Check("keys", State.OK, "Not looked at: the database is not ready.")
    from pigeonhole import database, keys
    from pigeonhole.models import ApiKeyScope

    async with database.connected(settings.resolved_database_url):
        live, admins = await keys.live(), await keys.live(ApiKeyScope.ADMIN)
    if not live and settings.host in ("127.0.0.1", "::1", "localhost"):
        return Check("keys", State.OK, "None yet; the first `up` makes an admin key.")
    if not admins:
        return Check(
            "keys",
            State.WARNING,
            f"{len(live)} API keys let somebody in, none of them an admin key.",
            "Run `pigeonhole keys create admin --scope admin`.",
        )
    file = settings.resolved_data_dir / folder.ADMIN_KEY
    if file.exists() and file.stat().st_mode & 0o077:
        return Check(
            "keys",
            State.WARNING,
            f"Other users of this machine may read {file}, which lets them do everything.",
            f"Run `chmod 600 {file}`.",
        )
    return Check("keys", State.OK, f"{len(live)} let somebody in, {len(admins)} of them admins.")


def _opened(file: Path, settings: Settings) -> bool:
    """Whether an SQLite file is there and can be read and written; False where it can be made.

    Asked of SQLite itself, because closing a connection of tortoise that never opened hangs.
    """
    to_be_made = settings.database_url == "" and not settings.resolved_data_dir.exists()
    if to_be_made or (not file.exists() and os.access(file.parent, os.W_OK)):
        return False
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master")
    return True


async def check_redis(settings: Settings) -> Check:
    """Whether Redis answers, keeps its data over a restart, and forgets no job."""
    url = settings.redis_url
    if url == "":
        who = folder.holder(settings.resolved_data_dir)
        if who is None or who.redis_url == "":
            return Check("redis", State.OK, "The embedded Valkey, which `up` starts and stops.")
        url = who.redis_url
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    shown = redact(url)
    try:
        async with asyncio.timeout(ANSWER_S), Redis.from_url(url) as redis:
            server = await redis.info("server")
            persistence = await redis.info("persistence")
            memory = await redis.info("memory")
    except (RedisError, OSError, TimeoutError) as error:
        return Check(
            "redis",
            State.PROBLEM,
            f"{shown} cannot be used: {said(error)}",
            f"See that Redis or Valkey runs there and that {variable('redis_url')} has the right "
            "password; or leave it empty and run `up`, which brings its own.",
        )
    version = server.get("valkey_version") or server.get("redis_version")
    kind = "Valkey" if "valkey_version" in server else "Redis"
    if int(str(version).split(".")[0]) < 6:
        return Check("redis", State.PROBLEM, f"{shown} is {kind} {version}.", "Use 6.2 or newer.")
    if not persistence.get("aof_enabled"):
        return Check(
            "redis",
            State.WARNING,
            f"{shown} is {kind} {version} without an append-only file: a restart forgets the "
            "queue, and work waits for the next sweep, a minute at most.",
            "Set `appendonly yes` there.",
        )
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return Check(
            "redis",
            State.WARNING,
            f"{shown} is {kind} {version} and may drop jobs when its memory is full ({policy}).",
            "Set `maxmemory-policy noeviction` there.",
        )
    return Check("redis", State.OK, f"{shown} answers: {kind} {version}, append-only file on.")


async def check_storage(settings: Settings) -> Check:
    """Whether a blob can be written, read and deleted."""
    from pigeonhole import storage

    url = settings.resolved_storage_url
    shown = redact(url)
    if settings.storage_url == "" and not settings.resolved_data_dir.exists():
        return Check("storage", State.OK, f"{shown} is not there yet; `up` makes it.")
    try:
        async with asyncio.timeout(3 * ANSWER_S):
            await storage.open_storage(url).check()
    except Exception as error:  # noqa: BLE001 - each kind of store has its own errors
        fix = (
            "Make the folder writable for this user, and see that its disk has room."
            if urlsplit(url).scheme == "file"
            else f"See that {variable('storage_url')} names the bucket, and that the credentials "
            "in the environment may read, write and delete there."
        )
        return Check("storage", State.PROBLEM, f"{shown} cannot be used: {said(error)}", fix)
    return Check("storage", State.OK, f"{shown}: a probe was written, read and deleted.")


async def check_encoder(settings: Settings) -> Check:
    """Which encoder new functions get, and whether it loads."""
    spec = settings.encoder
    try:
        from pigeonhole import encoders

        if spec == "auto":
            recorded = await _recorded_choice(settings)
            if recorded is None:
                recorded = await asyncio.to_thread(
                    encoders.choose, "auto", fetch_timeout_s=settings.encoder_fetch_timeout_s
                )
            spec = recorded
        encoder = await asyncio.to_thread(encoders.load, spec)
    except Exception as error:  # noqa: BLE001 - torch, the hub and files each have their own
        return Check(
            "encoder",
            State.PROBLEM,
            f"The encoder {spec!r} does not load: {said(error)}",
            f"Set {variable('encoder')} to `bundled`, which needs no network, or to a model whose "
            "weights are on this machine.",
        )
    if settings.encoder == "auto" and spec == encoders.BUNDLED:
        return Check(
            "encoder",
            State.WARNING,
            "FALLEN BACK TO THE BUNDLED ENCODER: the CLIP weights were neither on this machine nor "
            f"to be fetched. {encoder.warning or ''}".rstrip(),
            f"Let this machine reach the model hub, or set {variable('encoder')}; functions that "
            "exist keep theirs. To keep the bundled one without this warning, set it to `bundled`.",
        )
    return Check("encoder", State.OK, f"{encoder.name} loads ({encoder.identity}).")


async def _recorded_choice(settings: Settings) -> str | None:
    """What `auto` was decided to be in this database; None where nothing was decided."""
    if (await check_database(settings)).state is not State.OK:
        return None
    from pigeonhole import database
    from pigeonhole.models import Choice

    async with database.connected(settings.resolved_database_url):
        choice = await Choice.get_or_none(name="encoder")
        return choice.value if choice else None


def said(error: BaseException) -> str:
    """An error's own words on one line, without secrets; its kind where it has none."""
    if isinstance(error, TimeoutError):
        return "it did not answer in time."
    words = " ".join(redact(str(error)).split())[:300] or type(error).__name__
    return words if words.endswith(".") else f"{words}."
