"""Processes that tests start, signal and start again."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.pigeonhole.running import alive

STOP_S = 30.0


class Process:
    """A process that can be restarted; the output of all starts goes to one file."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._words, self._environment, self._user = list(words), dict(environment), user
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.runs:
            return
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._words,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._user,
            )

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Return the ID of the process, which must have been started."""
        assert self._process is not None
        return self._process.pid

    def family(self) -> list[psutil.Process]:
        """Return the process and its descendants that are still alive."""
        if not self.runs:
            return []
        this = psutil.Process(self.pid)
        return [this, *this.children(recursive=True)]

    def child(self, word: str) -> psutil.Process | None:
        """Return the descendant whose command line contains a word."""
        for process in self.family()[1:]:
            with suppress(psutil.Error):
                if any(word in part for part in process.cmdline()):
                    return process
        return None

    def kill(self) -> None:
        """Kill the process with all its descendants, as a power cut does."""
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self._process is not None:
            self._process.wait(STOP_S)

    def pause(self) -> None:
        """Suspend the process, as a machine that swaps does."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume the process."""
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Stop the process with SIGTERM; kill it if it does not end."""
        if not self.runs:
            return
        self.resume()
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def tracebacks(self) -> int:
        """Count the tracebacks and logging errors in its output, each of which is a bug."""
        if not self.log.exists():
            return 0
        text = self.log.read_text(errors="replace")
        return text.count("Traceback (most recent call last)") + text.count("--- Logging error")

    def _signal(self, number: signal.Signals) -> None:
        if self.runs and alive(self.pid):
            for process in self.family():
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
