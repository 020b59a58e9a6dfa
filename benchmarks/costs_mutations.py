"""CPU time of the schema's mutations, compared with the points that callers pay for them.

``python -m benchmarks.costs_mutations [SAMPLES]``. Each mutation runs with few entries and with
many, on a function of 1,000 samples unless SAMPLES is given. Everything runs in one process on
SQLite, whose thread is counted too; the work that a worker does afterwards is not counted.
"""

import asyncio
import base64
import itertools
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from benchmarks.costs_world import World, id_of, opened
from benchmarks.embedding import processor
from pigeonhole import tables
from server import ids
from server.transport.costs import MS_A_POINT
from tests import make

SAMPLES = 1_000
TIMES = 5
"""How often each mutation is measured, after one run to warm up."""
MANY = 50

numbers = itertools.count()

Input = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A mutation; ``input(n)`` makes a new input with n entries, ``counts`` are the n to try."""

    field: str
    input: Callable[[int], Input]
    counts: tuple[int, ...] = (1,)
    selected: str = "errors { code message }"

    @property
    def text(self) -> str:
        """Return the GraphQL document."""
        type = f"{self.field[0].upper()}{self.field[1:]}Input!"
        return f"mutation ($input: {type}) {{ {self.field}(input: $input) {{ {self.selected} }} }}"


def name() -> str:
    """Return a name that is not in use."""
    return f"name {next(numbers)}"


def names(count: int) -> list[str]:
    """Return ``count`` names that are not in use."""
    return [name() for _ in range(count)]


def image() -> Input:
    """Return an image input with a small picture that was not sent before."""
    data = make.picture(10_000 + next(numbers), side=256, format="JPEG")
    return {"dataUri": "data:image/jpeg;base64," + base64.b64encode(data).decode()}


def images(count: int) -> list[Input]:
    """Return ``count`` image inputs."""
    return [image() for _ in range(count)]


class Mutations:
    """All mutations to measure, with inputs that fit the rows of a world."""

    def __init__(self, world: World, samples: list[str], labels: list[str]) -> None:
        self._function = id_of(ids.Kind.FUNCTION, world.function)
        self._samples, self._labels = samples, labels
        self._small = iter(id_of(ids.Kind.FUNCTION, row) for row in world.small)
        self._gone = iter(samples)
        self._turn = itertools.cycle(labels)

    def all(self) -> list[Made]:
        """Return each mutation to measure; those that delete come last."""
        f, some, both = self._function, self._samples[-200:], (1, MANY)
        return [
            Made("createFunction", lambda n: {"name": name(), "labels": names(n)}, both),
            Made("updateFunction", lambda _: {"id": f, "description": name()}),
            Made("createLabel", lambda _: {"functionId": next(self._small), "name": name()}),
            Made("updateLabel", lambda _: {"id": self._labels[0], "description": name()}),
            Made("addSamples", self._add, (1, 10)),
            Made("annotateSamples", self._annotate, both),
            Made("clearAnnotations", lambda n: {"sampleIds": some[:n]}, both),
            Made("invoke", lambda _: {"functionId": f, "image": image()}),
            Made("invokeBatch", lambda n: {"functionId": f, "images": images(n)}, (1, 10)),
            Made("createApiKey", lambda _: {"name": name(), "scopes": ["READ"]}),
            Made("deleteSamples", lambda n: {"ids": [next(self._gone) for _ in range(n)]}, both),
            Made("deleteFunction", lambda _: {"id": next(self._small)}),
        ]  # fmt: skip

    def _add(self, count: int) -> Input:
        return {
            "functionId": self._function,
            "samples": [{"image": each} for each in images(count)],
        }

    def _annotate(self, count: int) -> Input:
        label = next(self._turn)
        return {
            "annotations": [
                {"sampleId": sample, "label": {"labelId": label}}
                for sample in self._samples[-200:][:count]
            ]
        }


async def measured(world: World, mutation: Made, count: int) -> tuple[float, float]:
    """Return the milliseconds of CPU that one mutation takes, and the points that it costs."""
    spent_s, points = 0.0, 0
    for turn in range(1 + TIMES):
        input = mutation.input(count)
        began = time.process_time()
        answer = await world.client.answer(mutation.text, input=input)
        spent_s += (time.process_time() - began) * (turn > 0)
        assert "errors" not in answer, answer["errors"]
        assert answer["data"][mutation.field]["errors"] == [], answer
        points = answer["extensions"]["cost"]["cost"]
    return 1_000 * spent_s / TIMES, points


async def measure(count: int) -> None:
    """Print the table."""
    async with opened(count) as world:
        rows = await tables.Sample.filter(function_id=world.function.id).order_by("id")
        labels = await tables.Label.filter(function_id=world.function.id).order_by("id")
        mutations = Mutations(
            world,
            [id_of(ids.Kind.SAMPLE, row) for row in rows],
            [id_of(ids.Kind.LABEL, row) for row in labels],
        )
        print(f"{'mutation':20}{'entries':>8}{'CPU ms':>10}{'points':>8}{'ms a point':>12}")
        for mutation in mutations.all():
            for entries in mutation.counts:
                ms, points = await measured(world, mutation, entries)
                line = f"{mutation.field:20}{entries:8}{ms:10.2f}{points:8.0f}{ms / points:12.3f}"
                print(line, flush=True)


def main() -> None:
    """Measure and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    print(f"{processor()}, {count} samples; a point is meant to be {MS_A_POINT} ms")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(measure(count))


if __name__ == "__main__":
    main()
