"""Supervision of a few child processes, which are restarted when they end and stopped in order.

Each child leads its own session, so that Ctrl-C in a terminal reaches only the supervisor, which
then stops its children one after the other. Children inherit the supervisor's output. On Linux the
kernel kills a child when its supervisor dies, even by SIGKILL.

docs/adr/0003-supervisor.md says why no existing supervisor is used.
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

# This program asks the kernel to send SIGKILL when the parent dies, then executes the command. It
# runs in the child after exec, unlike preexec_fn, which is unsafe if the parent has threads. If the
# parent dies before the request, this process already has another parent, and exits.
_TIE = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


class EndedError(OperatorError):
    """A child ended during start-up."""


@dataclass(frozen=True)
class Command:
    """A command to run, its name, and how long it may take to stop.

    The first of ``words`` is an absolute path. ``descriptors`` are open files that the child
    inherits.
    """

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    descriptors: tuple[int, ...] = ()
    stop_s: float = 10.0  # between SIGTERM and SIGKILL


@dataclass(frozen=True)
class Backoff:
    """The delay before a command is restarted, which doubles each time that it ends in a row."""

    first_s: float = 0.2
    most_s: float = 30.0
    steady_s: float = 60.0  # a run of at least this long resets the delay

    def delay_s(self, ends: int) -> float:
        """Return the delay in seconds after the command ended ``ends`` times in a row, from 1."""
        return float(min(self.most_s, self.first_s * 2.0 ** min(ends - 1, 60)))


class Supervisor:
    """Runs commands, restarts those that end, and stops all in reverse order.

    Until ``settled`` is set, the end of a child makes the whole start-up fail.
    """

    def __init__(self, backoff: Backoff | None = None) -> None:
        self.settled = False
        self._backoff = backoff or Backoff()
        self._asked_to_stop = asyncio.Event()
        self._children: list[_Child] = []

    def ask_to_stop(self) -> None:
        """Make ``until`` return; when called a second time, kill all children at once."""
        if self._asked_to_stop.is_set():
            log.warning("Killing all processes at once.")
            for child in self._children:
                if child.process.returncode is None:
                    child.kill()
        self._asked_to_stop.set()

    def stop_on_signals(self) -> None:
        """Stop in order on Ctrl-C, on SIGTERM, or when the terminal closes."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            numbers.append(signal.SIGHUP)
        for number in numbers:
            asyncio.get_running_loop().add_signal_handler(number, self.ask_to_stop)

    async def start(self, command: Command) -> None:
        """Start a command, and restart it whenever it ends.

        Raises:
            OSError: It cannot be started.
        """
        child = _Child(command, await spawn(command))
        child.keeper = asyncio.create_task(self._keep(child))
        self._children.append(child)

    async def until(self, work: Awaitable[T]) -> T | None:
        """Return the result of ``work``, or None as soon as the supervisor is asked to stop.

        Raises:
            EndedError: A child ended during start-up.
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
        """Wait until the supervisor is asked to stop, while the children are kept running."""
        await self.until(self._asked_to_stop.wait())

    async def stop(self) -> None:
        """Stop all children, in reverse order: SIGTERM, a bounded wait, then SIGKILL."""
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
            child.kill()  # processes that it has left behind in its session
            if self._asked_to_stop.is_set():
                return
            if not self.settled:
                raise EndedError(f"The {name} {how} before it was ready.")
            ends = 1 if loop.time() - started >= self._backoff.steady_s else ends + 1
            while True:
                delay_s = self._backoff.delay_s(ends)
                log.error("A process ended and is restarted.", child=name, how=how, in_s=delay_s)
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
        """Kill the child and the processes of its session, before its ID can be reused."""
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
            log.warning("A process did not stop and is killed.", child=self.command.name)
        self.kill()
        await self.process.wait()


async def spawn(command: Command) -> Process:
    """Start a command, which the kernel kills on Linux when this process dies.

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
    """Return how a process ended, as part of a sentence, such as ``ended with status 1``."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
