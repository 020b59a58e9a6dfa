"""Keep a few commands running as child processes, and take all of them down in order.

Each child leads its own session, so that Ctrl-C in a terminal reaches the supervisor alone, which
then stops its children one after the other. Its output goes where the supervisor's goes. On Linux
the kernel kills a child whose supervisor has died, be it by SIGKILL.

Why not an existing supervisor: docs/adr/0003-supervisor.md.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from pigeonhole.settings import OperatorError

T = TypeVar("T")

log = structlog.stdlib.get_logger(__name__)

# Asks the kernel for SIGKILL at the parent's death, then becomes the command. It runs in the
# child after exec, unlike preexec_fn, which is unsafe where the parent has threads. The parent
# may die before the request: then this process already has another parent.
_TIE = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


class EndedError(OperatorError):
    """A child ended before start-up was over."""


@dataclass(frozen=True)
class Command:
    """What to run, under which name, and how long it may take to stop.

    The first word of ``words`` is an absolute path. ``descriptors`` are open files that the
    child inherits.
    """

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    descriptors: tuple[int, ...] = ()
    stop_s: float = 10.0  # between SIGTERM and SIGKILL


@dataclass(frozen=True)
class Backoff:
    """The wait before a command that ended is started again: doubled with each end in a row."""

    first_s: float = 0.2
    most_s: float = 30.0
    steady_s: float = 60.0  # after so long a run the wait is the first again

    def delay_s(self, ends: int) -> float:
        """The wait after this many ends in a row, the first being 1."""
        return float(min(self.most_s, self.first_s * 2.0 ** min(ends - 1, 60)))


class Supervisor:
    """Runs commands, starts again those that end, and stops all in the reverse of their order.

    Until ``settled`` is set, a child that ends is the failure of the whole start-up.
    """

    def __init__(self, backoff: Backoff | None = None) -> None:
        self.settled = False
        self._backoff = backoff or Backoff()
        self._asked_to_stop = asyncio.Event()
        self._children: list[_Child] = []

    def ask_to_stop(self) -> None:
        """Have ``until`` return; asked a second time, kill every child at once."""
        if self._asked_to_stop.is_set():
            log.warning("Killing every process at once.")
            for child in self._children:
                if child.process.returncode is None:
                    child.kill()
        self._asked_to_stop.set()

    def stop_on_signals(self) -> None:
        """Stop in order at Ctrl-C, SIGTERM, or when the terminal closes."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
            numbers.append(signal.SIGHUP)
        for number in numbers:
            asyncio.get_running_loop().add_signal_handler(number, self.ask_to_stop)

    async def start(self, command: Command) -> None:
        """Start a command and keep it running from now on.

        Raises:
            OSError: It cannot be started.
        """
        child = _Child(command, await spawn(command))
        child.keeper = asyncio.create_task(self._keep(child))
        self._children.append(child)

    async def until(self, work: Awaitable[T]) -> T | None:
        """Wait for ``work``; give None where stopping was asked for first.

        Raises:
            EndedError: A child ended and start-up was not over.
        """
        waiting = asyncio.ensure_future(work)
        asked = asyncio.ensure_future(self._asked_to_stop.wait())
        keepers = [child.keeper for child in self._children if child.keeper]
        try:
            await asyncio.wait({waiting, asked, *keepers}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return None
            for keeper in keepers:
                if keeper.done():
                    keeper.result()
            return await waiting
        finally:
            asked.cancel()
            if not waiting.done():
                waiting.cancel()
                with suppress(asyncio.CancelledError):
                    await waiting

    async def stopped(self) -> None:
        """Wait until stopping is asked for; the children are kept running meanwhile."""
        await self.until(self._asked_to_stop.wait())

    async def stop(self) -> None:
        """Stop every child, the last started first: SIGTERM, a bounded wait, then SIGKILL."""
        self._asked_to_stop.set()
        for child in reversed(self._children):
            await child.stop()

    async def _keep(self, child: "_Child") -> None:
        name = child.command.name
        loop = asyncio.get_running_loop()
        ends = 0
        while True:
            started = loop.time()
            how = _how(await child.process.wait())
            child.kill()  # what it has left behind in its session
            if self._asked_to_stop.is_set():
                return
            if not self.settled:
                raise EndedError(f"The {name} {how} before it was ready.")
            ends = 1 if loop.time() - started >= self._backoff.steady_s else ends + 1
            while True:
                delay_s = self._backoff.delay_s(ends)
                log.error("A process ended; starting it again.", child=name, how=how, in_s=delay_s)
                await asyncio.sleep(delay_s)
                try:
                    child.process = await spawn(child.command)
                    break
                except OSError as error:
                    how, ends = f"could not be started: {error}", ends + 1


@dataclass
class _Child:
    command: Command
    process: Process
    keeper: "asyncio.Task[None] | None" = None

    def kill(self) -> None:
        """Kill the child and what it started, while its id is surely its own."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    async def stop(self) -> None:
        if self.keeper:
            self.keeper.cancel()
            await asyncio.wait({self.keeper})
        if self.process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            async with asyncio.timeout(self.command.stop_s):
                await self.process.wait()
        except TimeoutError:
            log.warning("A process did not stop; killing it.", child=self.command.name)
        self.kill()
        await self.process.wait()


async def spawn(command: Command) -> Process:
    """Start a command once, tied to the life of this process.

    Raises:
        OSError: It cannot be started.
    """
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", _TIE, str(os.getpid())),
        *command.words,
        stdin=DEVNULL,
        env=dict(command.environment),
        pass_fds=command.descriptors,
        start_new_session=True,
    )


def _how(status: int) -> str:
    """How a process ended, for a sentence: ``ended with status 1``."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
