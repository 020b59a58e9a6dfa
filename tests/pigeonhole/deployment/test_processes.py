"""Supervision, with real commands: restarts, the order of stopping, and no orphans."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest

from pigeonhole.deployment.processes import Backoff, Command, EndedError, Supervisor
from tests.pigeonhole.running import Running, alive, eventually, run

QUICK = Backoff(first_s=0.01, most_s=0.02)

# Records its process ID, and SIGTERM before it ends; arguments: name, file to record in
WELL_BEHAVED = """
import os, signal, sys
name, notes = sys.argv[1:]
def note(what):
    with open(notes, "a") as file:
        file.write(f"{name} {what} {os.getpid()}\\n")
def end(*_):
    note("stopped")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
note("started")
while True:
    signal.pause()
"""

STUBBORN = WELL_BEHAVED.replace('note("stopped")\n    os._exit(0)', 'note("heard")')

# Tests under nohup inherit that SIGHUP is ignored.
SUPERVISED = """
import asyncio, json, signal, sys
from pigeonhole.deployment.processes import Command, Supervisor

async def main():
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    supervisor = Supervisor()
    supervisor.stop_on_signals()
    for name, program, notes in json.loads(sys.argv[1]):
        await supervisor.start(Command(name, (sys.executable, "-c", program, name, notes)))
    supervisor.settled = True
    print("running", flush=True)
    await supervisor.stopped()
    await supervisor.stop()
    print("all stopped", flush=True)

asyncio.run(main())
"""


def command(program: str, *arguments: str, stop_s: float = 30.0) -> Command:
    return Command("child", (sys.executable, "-c", program, *arguments), stop_s=stop_s)


def notes_in(path: Path) -> list[tuple[str, str, int]]:
    """Return the recorded events of the processes, in order."""
    if not path.exists():
        return []
    whole = [line.split() for line in path.read_text().splitlines()]
    return [(name, what, int(pid)) for name, what, pid in whole]


def finish(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await work

    asyncio.run(bounded())


def supervised(*children: tuple[str, str, Path]) -> tuple[str, ...]:
    """Return the command line of a process that supervises these commands."""
    told = json.dumps([(name, program, str(notes)) for name, program, notes in children])
    return (sys.executable, "-c", SUPERVISED, told)


def started(notes: Path, count: int) -> list[int]:
    """Wait for ``count`` starts; return the process IDs."""
    return eventually(
        lambda: (
            pids
            if len(pids := [pid for _, what, pid in notes_in(notes) if what == "started"]) >= count
            else []
        )
    )


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        supervisor = Supervisor(QUICK)
        supervisor.settled = True
        await supervisor.start(command(WELL_BEHAVED, "a", str(notes)))
        for times in range(1, 4):
            pids = await asyncio.to_thread(started, notes, times)
            assert len(pids) == times
            if times < 3:
                os.kill(pids[-1], signal.SIGKILL)
        await supervisor.stop()

    notes = tmp_path / "notes"
    finish(scenario())

    whole = notes_in(notes)
    assert [what for _, what, _ in whole] == ["started"] * 3 + ["stopped"]
    assert len({pid for _, _, pid in whole}) == 3
    assert not any(alive(pid) for _, _, pid in whole)


def test_the_delay_before_a_restart_doubles_up_to_a_limit() -> None:
    backoff = Backoff(first_s=0.5, most_s=3.0)

    assert [backoff.delay_s(ends) for ends in (1, 2, 3, 4, 5_000)] == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit(3)", "The child ended with status 3 before it was ready."),
        (
            "import os; os.kill(os.getpid(), 9)",
            "The child was killed by SIGKILL before it was ready.",
        ),
    ],
)
def test_a_child_that_ends_during_start_up_ends_the_start_up(program: str, said: str) -> None:
    async def scenario() -> None:
        supervisor = Supervisor(QUICK)
        await supervisor.start(command(program))
        with pytest.raises(EndedError) as caught:
            await supervisor.until(asyncio.Event().wait())
        assert str(caught.value) == said
        await supervisor.stop()

    finish(scenario())


def test_work_that_succeeds_returns_its_value_and_a_request_to_stop_returns_none() -> None:
    async def scenario() -> None:
        supervisor = Supervisor(QUICK)
        assert await supervisor.until(asyncio.sleep(0, "done")) == "done"
        supervisor.ask_to_stop()
        assert await supervisor.until(asyncio.Event().wait()) is None

    finish(scenario())


def test_a_child_that_does_not_stop_in_time_is_killed(tmp_path: Path) -> None:
    async def scenario() -> None:
        supervisor = Supervisor(QUICK)
        await supervisor.start(command(STUBBORN, "a", str(notes), stop_s=0.5))
        await asyncio.to_thread(started, notes, 1)
        await supervisor.stop()

    notes = tmp_path / "notes"
    finish(scenario())

    assert [what for _, what, _ in notes_in(notes)] == ["started", "heard"]
    assert not alive(notes_in(notes)[0][2])


def test_the_processes_that_a_child_has_started_end_with_it(tmp_path: Path) -> None:
    parent = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', *sys.argv[1:]])"

    async def scenario() -> None:
        supervisor = Supervisor(QUICK)
        await supervisor.start(command(parent, STUBBORN, "grandchild", str(notes), stop_s=0.1))
        (pid,) = await asyncio.to_thread(started, notes, 1)
        await supervisor.stop()
        await asyncio.to_thread(eventually, lambda: not alive(pid))

    notes = tmp_path / "notes"
    finish(scenario())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_children_in_the_reverse_of_their_order(
    tmp_path: Path, number: signal.Signals
) -> None:
    notes = tmp_path / "notes"
    with run(*supervised(*((name, WELL_BEHAVED, notes) for name in "abc"))) as process:
        process.line_with("running")
        started(notes, 3)

        process.send(number)
        status = process.ended()

    stopped = [name for name, what, _ in notes_in(notes) if what == "stopped"]
    assert (status, stopped, process.lines[-1]) == (0, ["c", "b", "a"], "all stopped")


def test_a_second_ctrl_c_kills_at_once(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with run(*supervised(("a", WELL_BEHAVED, notes), ("b", STUBBORN, notes))) as process:
        process.line_with("running")
        started(notes, 2)

        process.send(signal.SIGINT)
        eventually(lambda: [what for _, what, _ in notes_in(notes)].count("heard"))
        process.send(signal.SIGINT)
        status = process.ended()

    assert status == 0
    assert "stopped" not in [what for _, what, _ in notes_in(notes)]
    assert not any(alive(pid) for _, _, pid in notes_in(notes))
    assert any("Killing all processes at once." in line for line in process.lines)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent")
def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with run(*supervised(("a", STUBBORN, notes), ("b", WELL_BEHAVED, notes))) as process:
        process.line_with("running")
        pids = started(notes, 2)

        process.send(signal.SIGKILL)

        assert process.ended() == -signal.SIGKILL
        eventually(lambda: not any(alive(pid) for pid in pids))


def test_a_child_leads_its_own_session(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with run(*supervised(("a", WELL_BEHAVED, notes))) as process:
        process.line_with("running")
        (pid,) = started(notes, 1)

        assert os.getsid(pid) == pid
        _stop(process)


def test_the_output_of_a_child_goes_where_that_of_the_supervisor_goes(tmp_path: Path) -> None:
    program = "import signal\nprint('said by the child', flush=True)\nsignal.pause()"
    with run(*supervised(("a", program, tmp_path))) as process:
        process.line_with("said by the child")
        _stop(process)


def _stop(process: Running) -> None:
    process.send(signal.SIGTERM)
    assert process.ended() == 0
    assert psutil.pid_exists(process.pid) is False
