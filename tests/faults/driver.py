"""Causes faults one after another while clients write, and compares at the end."""

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tests.faults.clients import LABELS, Api, NoAnswerError, Writer
from tests.faults.faults import FAULTS
from tests.faults.world import World

WRITERS = 3
OWED_S = 60.0
"""Longest time until an owed run happens, once the cause of its delay has ended."""
LOOK_S = 0.1

STANDING = """query ($id: ID!) { function(id: $id) { sampleCounts { annotated total embedded }
  trainingRuns(last: 1) { nodes { state sampleCount failure } } } }"""
SAMPLES = """query ($id: ID!, $after: String) { function(id: $id) {
  samples(first: 100, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { image { sha256 } annotation { label { name } } } } } }"""
AUDIT = """query ($after: String) { auditLog(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor } nodes { action } } }"""


@dataclass
class Report:
    """The findings of a run of the driver."""

    faults: Counter[str] = field(default_factory=Counter)
    recovery_s: dict[str, list[float]] = field(default_factory=dict)
    acknowledged: int = 0
    unknown: int = 0
    wrong: list[str] = field(default_factory=list)
    tracebacks: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the findings as text."""
        every = sorted(second for seconds in self.recovery_s.values() for second in seconds)
        said = [
            f"{sum(self.faults.values())} faults, {self.acknowledged} acknowledged writes, "
            f"{self.unknown} of unknown outcome, {len(self.wrong)} wrong"
        ]
        if every:
            p95 = every[min(len(every) - 1, int(0.95 * len(every)))]
            said.append(
                f"recovery: p50 {statistics.median(every):.1f} s, p95 {p95:.1f} s, "
                f"longest {every[-1]:.1f} s"
            )
        for name, seconds in sorted(self.recovery_s.items()):
            said.append(f"  {name}: {len(seconds)} times, longest {max(seconds):.1f} s")
        said += [f"tracebacks of {name}: {n}" for name, n in self.tracebacks.items() if n]
        return said + self.wrong


async def drive(
    world: World,
    *,
    seed: int,
    count: int,
    owed_s: float = OWED_S,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Cause ``count`` faults in a deployment; return the findings.

    After each fault, measure the time until the model has learned from a new annotation; more than
    ``owed_s`` seconds are reported.
    """
    chance, report = random.Random(seed), Report()
    possible = [fault for fault in FAULTS if fault.where(world)]
    async with AsyncExitStack() as stack:
        apis = [Api(world.urls, world.secret) for _ in range(WRITERS + 1)]
        for api in apis:
            stack.push_async_callback(api.close)
        probe = await Writer.start(apis[0], 999, "Probe")
        for index in range(8):
            await probe.add(LABELS[index % 2])
        await _learned(probe, owed_s)
        writers = [
            await Writer.start(api, seed * 100 + index, f"Writer {index}")
            for index, api in enumerate(apis[1:])
        ]
        writing = [asyncio.create_task(writer.write_for_ever()) for writer in writers]
        deck: list[int] = []
        for number in range(count):
            deck = deck or chance.sample(range(len(possible)), len(possible))
            fault = possible[deck.pop()]
            await asyncio.sleep(chance.uniform(0.2, 1.5))
            await fault.make(world, chance)
            await asyncio.sleep(chance.uniform(*fault.lasts_s))
            await fault.end(world, chance)
            took_s = await _recovered(probe, report, fault.name, owed_s)
            report.faults[fault.name] += 1
            report.recovery_s.setdefault(fault.name, []).append(took_s)
            say(f"{number + 1}. {fault.name}: {took_s:.1f} s")
        for writer, task in zip(writers, writing, strict=True):
            await _finish(writer, task)
        for writer in (probe, *writers):
            if await _learned(writer, owed_s) > owed_s:
                report.wrong.append(
                    f"{writer.ledger.function_id}: a run is owed for {owed_s} s: {writer.seen}"
                )
            await _compare(writer, report)
        await _compare_audit(apis[0], [probe, *writers], report)
    report.tracebacks = {process.name: process.tracebacks() for process in world.processes}
    return report


async def _recovered(probe: Writer, report: Report, name: str, owed_s: float) -> float:
    """Annotate one more picture; return the seconds until the model has learned from it.

    Its run is owed from the response on: until then, the servers may still be starting.
    """
    since = time.monotonic()
    await probe.add(LABELS[len(probe.ids) % 2])
    took_s = await _learned(probe, owed_s)
    if took_s > owed_s:
        report.wrong.append(f"{name}: a run was owed for {took_s:.0f} s: {probe.seen}")
    return time.monotonic() - since


async def _learned(writer: Writer, within_s: float) -> float:
    """Wait until the newest run has learned from every annotation; return how long it took."""
    since = time.monotonic()
    while (took_s := time.monotonic() - since) <= within_s:
        try:
            answer = await writer.api.ask(STANDING, id=writer.ledger.function_id)
        except NoAnswerError as error:
            writer.seen = str(error)
        else:
            writer.seen = answer["function"]
            if _is_settled(writer.seen):
                return took_s
        await asyncio.sleep(LOOK_S)
    return took_s


def _is_settled(function: object) -> bool:
    match function:
        case {
            "sampleCounts": {"annotated": annotated, "total": total, "embedded": embedded},
            "trainingRuns": {"nodes": [{"state": "SUCCEEDED", "sampleCount": seen}]},
        }:
            return bool(annotated == seen and total == embedded)
        case _:
            return False


async def _finish(writer: Writer, task: "asyncio.Task[None]") -> None:
    """Stop a client; the outcome of its last write stays unknown."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _compare(writer: Writer, report: Report) -> None:
    found: dict[str, str] = {}
    after, more = None, True
    while more:
        answer = await writer.api.insist(SAMPLES, id=writer.ledger.function_id, after=after)
        page = answer["function"]["samples"]
        for node in page["nodes"]:
            sha256 = node["image"]["sha256"]
            if sha256 in found:
                report.wrong.append(f"{sha256}: it is there twice")
            found[sha256] = (node["annotation"] or {"label": {"name": ""}})["label"]["name"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    report.wrong += writer.wrong + writer.ledger.faults(found)
    report.acknowledged += writer.ledger.acknowledged
    report.unknown += writer.ledger.unknown


async def _compare_audit(api: Api, writers: list[Writer], report: Report) -> None:
    """Check that every acknowledged write has its entry in the audit log."""
    actions: Counter[str] = Counter()
    after, more = None, True
    while more:
        page = (await api.insist(AUDIT, after=after))["auditLog"]
        actions.update(node["action"] for node in page["nodes"])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    expected = sum(writer.ledger.acknowledged for writer in writers)
    written = sum(
        actions[name]
        for name in ("addSamples", "annotateSamples", "clearAnnotations", "deleteSamples")
    )
    if written < expected:
        report.wrong.append(f"{expected} writes were acknowledged, {written} are in the audit log")
