"""Real processes for tests, with their output line by line, and bounded waits."""

import asyncio
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")

WITHIN_S = 120.0
"""Longer than anything takes on a healthy machine."""

PIGEONHOLE = (sys.executable, "-P", "-m", "pigeonhole")


def eventually(ask: Callable[[], T]) -> T:
    """Ask until the answer is truthy; fail if that takes longer than ``WITHIN_S``."""
    until = time.monotonic() + WITHIN_S
    while True:
        answer = ask()
        if answer or time.monotonic() > until:
            assert answer, "It did not come true in time."
            return answer
        time.sleep(0.02)


async def bounded(awaited: Awaitable[T]) -> T:
    """Await something; fail if that takes longer than ``WITHIN_S``."""
    async with asyncio.timeout(WITHIN_S):
        return await awaited


def loopback(port: int = 0) -> socket.socket:
    """Return a listening socket on this machine, for a server in this process.

    Its connections send at once. asyncio, unlike uvloop, does not ask for that itself if it is
    given a socket, and then each answer of several parts takes 40 ms.
    """
    listener = socket.create_server(("127.0.0.1", port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without the product's variables, plus the given ones."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PIGEONHOLE_") and name not in {"HOST", "PORT"}
    }
    return {**kept, **variables}


def words_of(pid: int) -> list[str]:
    """Return the command line of a process, which is empty if the process has ended."""
    try:
        words: list[str] = psutil.Process(pid).cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []
    return words


def alive(pid: int) -> bool:
    """Return whether a process runs, which a zombie does not."""
    try:
        status: str = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return False
    return status != "zombie"


class Running:
    """A process whose output, including standard error, is read as it arrives."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.pid = process.pid
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def line_with(self, part: str) -> str:
        """Return the next line that contains ``part``."""
        until = time.monotonic() + WITHIN_S
        while True:
            line = self._queue.get(timeout=max(0.01, until - time.monotonic()))
            assert line is not None, f"It ended without {part!r}: {self.lines}"
            self.lines.append(line)
            if part in line:
                return line

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait until the process ends; return its exit status. Reads the rest of its output."""
        status = self.process.wait(WITHIN_S)
        self._reader.join(WITHIN_S)
        while (line := self._queue.get(timeout=WITHIN_S)) is not None:
            self.lines.append(line)
        return status


@contextmanager
def run(
    *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run a process; at the end, kill it and its children if they still run."""
    with subprocess.Popen(
        words,
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        running = Running(process)
        try:
            yield running
        finally:
            with_children = []
            if process.poll() is None:
                this = psutil.Process(process.pid)
                with_children = [this, *this.children(recursive=True)]
            for each in with_children:
                with suppress(psutil.NoSuchProcess):  # it ended with its parent
                    each.kill()
            running._reader.join(WITHIN_S)
