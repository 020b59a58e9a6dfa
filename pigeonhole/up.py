"""Everything on one machine: the embedded Valkey, the API server and one worker, supervised."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

import structlog

from pigeonhole import folder, serving, valkey
from pigeonhole.asking import ask, login_link
from pigeonhole.processes import Command, EndedError, Supervisor, spawn
from pigeonhole.settings import Settings, unknown_variables, variable

REMIND_S = 10.0  # between two lines that tell what start-up waits for
ASK_EVERY_S = 0.1

log = structlog.stdlib.get_logger(__name__)


async def up(settings: Settings) -> None:
    """Hold the data folder and run everything until asked to stop.

    The listening socket is opened here and handed to the server: a port that is taken shows at
    once, and while the server is started again its clients wait instead of being refused.

    Raises:
        OperatorError: Start-up failed.
    """
    for sentence in unknown_variables():
        log.warning(sentence)
    supervisor = Supervisor()
    supervisor.stop_on_signals()
    with (
        folder.hold(settings.resolved_data_dir) as held,
        serving.listen(settings.host, settings.port) as listener,
    ):
        try:
            if await _start(settings, supervisor, held, listener):
                supervisor.settled = True
                link = await _link(settings, listener)
                _say(f"Pigeonhole is ready: open {link} (Ctrl-C stops it)")
                await supervisor.stopped()
        finally:
            listener.close()
            await supervisor.stop()


async def _start(
    settings: Settings, supervisor: Supervisor, held: folder.Held, listener: socket.socket
) -> bool:
    """Start everything in order; False where stopping was asked for meanwhile."""
    environment = {
        **os.environ,
        variable("data_dir"): str(settings.resolved_data_dir),
        variable("host"): settings.host,
        variable("port"): str(settings.port),
    }
    redis_url = settings.redis_url
    if redis_url == "":
        if held.before and held.before.redis_url:
            await valkey.stop_left_over(held.before.redis_url)
        embedded = valkey.Valkey.within(held.path / "valkey")
        redis_url = embedded.url
        held.tell(folder.Holder(url=serving.url_of(listener), redis_url=redis_url))
        await supervisor.start(embedded.command())
        try:
            if not await supervisor.until(_answering(redis_url)):
                return False
        except EndedError as error:
            raise EndedError(f"{error} Its log ends: {embedded.last_words()}") from None
    else:
        held.tell(folder.Holder(url=serving.url_of(listener)))
    environment[variable("redis_url")] = redis_url
    address = "" if serving.is_loopback(listener) else settings.host
    if not await supervisor.until(_migrated(environment, address)):
        return False
    await supervisor.start(Command("worker", _words("work"), environment, stop_s=20))
    descriptor = listener.fileno()
    await supervisor.start(
        Command(
            "server",
            _words("serve", "--descriptor", str(descriptor)),
            environment,
            descriptors=(descriptor,),
            stop_s=serving.STOP_S + 10,
        )
    )
    return bool(await supervisor.until(_ready(serving.url_of(listener))))


async def _link(settings: Settings, listener: socket.socket) -> str:
    """What to open: where this machine alone listens, a link that logs its owner in."""
    url = serving.url_of(listener)
    secret = folder.read_secret(settings.resolved_data_dir)
    if secret is None or not serving.is_loopback(listener):
        return url
    return await login_link(url, secret) or url


def _say(line: str) -> None:
    """Write a line in one piece, so that none of another process falls into it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _words(*arguments: str) -> tuple[str, ...]:
    """A command of this program; -P, so that no module of the working folder is taken for ours."""
    return (sys.executable, "-P", "-m", "pigeonhole", *arguments)


async def _answering(redis_url: str) -> bool:
    while True:
        if await valkey.answers(redis_url):
            return True
        await asyncio.sleep(0.02)


async def _migrated(environment: Mapping[str, str], address: str) -> bool:
    """Migrate and see to the first key in a process of its own, so that this one stays small.

    ``address`` is what others reach the server at; empty for loopback.

    Raises:
        EndedError: It failed, or nobody could use the server; it has said why.
    """
    process = await spawn(
        Command("migration", _words("migrate", "--quiet", "--first-start", address), environment)
    )
    try:
        if await process.wait() != 0:
            raise EndedError("The database could not be made ready, as said above.")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
            await process.wait()
    return True


async def _ready(url: str) -> bool:
    """Wait until the server says that it is ready; say now and then what it waits for.

    There is no bound: a first start may fetch a model for minutes.
    """
    loop = asyncio.get_running_loop()
    remind_at = loop.time() + REMIND_S
    while True:
        status, body = await ask(url, "/readyz")
        if status == 200:
            return True
        if loop.time() >= remind_at:
            log.info("Still starting.", answer=body[:1000] or "none yet")
            remind_at = loop.time() + REMIND_S
        await asyncio.sleep(ASK_EVERY_S)
