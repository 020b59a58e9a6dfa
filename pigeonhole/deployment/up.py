"""Everything on one machine: the embedded Valkey, the API server and one worker, supervised."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

import structlog

from pigeonhole.deployment import data_folder, listening, valkey
from pigeonhole.deployment.own_server import ask, login_link
from pigeonhole.deployment.processes import Command, EndedError, Supervisor, spawn
from pigeonhole.deployment.vanishing import remember, vanished, vanished_error
from pigeonhole.services.reserve import Reserve
from pigeonhole.settings import Settings, unknown_variables, variable

REMIND_S = 10.0  # between lines that say what start-up is waiting for
ASK_EVERY_S = 0.1

log = structlog.stdlib.get_logger(__name__)


async def up(settings: Settings) -> None:
    """Hold the data folder and run everything until asked to stop.

    The listening socket is opened here and passed to the server. So a port that is in use is
    reported at once, and clients wait while the server restarts instead of being refused.

    Raises:
        OperatorError: Start-up failed, or the data folder vanished.
    """
    for sentence in unknown_variables():
        log.warning(sentence)
    supervisor = Supervisor()
    supervisor.stop_on_signals()
    with (
        data_folder.hold(settings.resolved_data_dir) as held,
        listening.listen(settings.host, settings.port) as listener,
    ):
        try:
            if await _start(settings, supervisor, held, listener):
                supervisor.settled = True
                known = remember(settings)
                link = await _link(settings, listener)
                _say(f"Pigeonhole is ready: open {link} (Ctrl-C stops it)")
                gone = await supervisor.until(vanished(known))
                if gone is not None:
                    raise vanished_error(gone)
        finally:
            listener.close()
            await supervisor.stop()


async def _start(
    settings: Settings, supervisor: Supervisor, held: data_folder.Held, listener: socket.socket
) -> bool:
    """Start everything in order; return False if asked to stop meanwhile."""
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
        held.tell(data_folder.Holder(url=listening.url_of(listener), redis_url=redis_url))
        await supervisor.start(embedded.command())
        try:
            if not await supervisor.until(_answering(redis_url)):
                return False
        except EndedError as error:
            raise EndedError(f"{error} The end of its log: {embedded.last_words()}") from None
    else:
        held.tell(data_folder.Holder(url=listening.url_of(listener)))
    environment[variable("redis_url")] = redis_url
    address = "" if listening.is_loopback(listener) else settings.host
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
            stop_s=listening.STOP_S + 10,
        )
    )
    is_ready = bool(await supervisor.until(_ready(listening.url_of(listener))))
    await asyncio.to_thread(Reserve(held.path).keep)
    return is_ready


async def _link(settings: Settings, listener: socket.socket) -> str:
    """Return the URL to open; on a loopback address, it is a link that logs its owner in."""
    url = listening.url_of(listener)
    secret = data_folder.read_secret(settings.resolved_data_dir)
    shown = settings.public_url or url
    if secret is None or not listening.is_loopback(listener):
        return shown
    return await login_link(url, secret, public_url=settings.public_url) or shown


def _say(line: str) -> None:
    """Print a line in one piece, so that no other process's output splits it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _words(*arguments: str) -> tuple[str, ...]:
    """Return a command line of this program; -P keeps modules in the working folder out."""
    return (sys.executable, "-P", "-m", "pigeonhole", *arguments)


async def _answering(redis_url: str) -> bool:
    while True:
        if await valkey.answers(redis_url):
            return True
        await asyncio.sleep(0.02)


async def _migrated(environment: Mapping[str, str], address: str) -> bool:
    """Migrate, and create or require the first key, in a process that frees its memory at the end.

    ``address`` is the one at which other machines reach the server; it is empty for loopback.

    Raises:
        EndedError: The migration failed, or there is no key; the process has printed the reason.
    """
    process = await spawn(
        Command("migration", _words("migrate", "--quiet", "--first-start", address), environment)
    )
    try:
        if await process.wait() != 0:
            raise EndedError("The database could not be prepared; see the error above.")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
            await process.wait()
    return True


async def _ready(url: str) -> bool:
    """Wait until the server is ready; log every ``REMIND_S`` seconds what it is waiting for.

    There is no time limit, because a first start may download a model for minutes.
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
