"""CPU time of the schema's fields, compared with the points that callers pay for them.

``python -m benchmarks.costs [SAMPLES [WORD]]``. Each field is requested on a page of a hundred
objects (or fewer, if there are not as many), and the same page is requested without it; the
difference is the field's time. Everything runs in one process on SQLite, whose thread is counted
too. The function has 1,000 samples unless SAMPLES is given, half of them annotated. With WORD, only
fields whose names contain it are measured.
"""

import asyncio
import logging
import sys
import time
from dataclasses import dataclass

import structlog

from benchmarks.costs_world import World, id_of, opened
from benchmarks.embedding import processor
from pigeonhole import tables
from server import ids
from server.transport.costs import MS_A_POINT

SAMPLES = 1_000
ENOUGH_S = 0.6
"""Seconds of CPU for which each page is requested repeatedly, after two requests to warm up."""

FUNCTIONS = '{ functions(first: 100, nameContains: "small") { nodes { id %s } } }'
LARGE = "query ($id: ID!) { function(id: $id) { id %s } }"
LABELS = "query ($id: ID!) { function(id: $id) { labels { nodes { id %s } } } }"
SAMPLE = "query ($id: ID!) { function(id: $id) { samples(first: 100) { nodes { id %s } } } }"
ANSWERED = SAMPLE.replace("%s", "crossValidated { confidence %s }")
MODELS = "query ($id: ID!) { function(id: $id) { models(first: 100) { nodes { id %s } } } }"
MEASURED = MODELS.replace("%s", "metrics { folds %s }")
MONITORED = """{ periods { count meanConfidence noneOfThese { value } } drift { detected }
  labels { label { id } } captures { count } }"""
ROOT = "query ($id: ID!) { found: node(id: $id) { id } %s }"


@dataclass(frozen=True)
class Asked:
    """A field, and a page that requests it ``count`` times."""

    field: str
    text: str
    page: str
    count: int = 100


def pages(world: World, samples: list[tables.Sample]) -> list[Asked]:
    """Return every field to measure."""
    some = ", ".join(f'"{id_of(ids.Kind.SAMPLE, row)}"' for row in samples)
    labels = "{ nodes { id } }"
    return [
        Asked("Query.function", "function(id: $id) { id }", ROOT, 1),
        Asked("Query.functionByName", 'functionByName(name: "Large") { id }', ROOT, 1),
        Asked("Query.functions", "functions(first: 100) { nodes { id } }", ROOT, 1),
        Asked("Query.node", "node(id: $id) { id }", ROOT, 1),
        Asked("Query.nodes", f"nodes(ids: [{some}]) {{ id }}", ROOT, 1),
        Asked("Query.apiKeys", "apiKeys { nodes { id } }", ROOT, 1),
        Asked("Query.auditLog", "auditLog { nodes { id } }", ROOT, 1),
        Asked("Query.backlog", "backlog { warning }", ROOT, 1),
        Asked("Function.state", "state", FUNCTIONS),
        Asked("Function.readiness", "readiness { trainable }", FUNCTIONS),
        Asked("Function.encoder", "encoder", FUNCTIONS),
        Asked("Function.sampleCounts", "sampleCounts { total }", FUNCTIONS),
        Asked("Function.sampleCounts (large)", "sampleCounts { total }", LARGE, 1),
        Asked("Function.labels", f"labels {labels}", FUNCTIONS),
        Asked("Function.samples", "samples(first: 1) { nodes { id } }", FUNCTIONS),
        Asked("Function.samples (large, 100)", "samples(first: 100) { nodes { id } }", LARGE, 1),
        Asked("Function.quizSamples", "quizSamples(first: 1) { id }", FUNCTIONS),
        Asked("Function.quizSamples (large)", "quizSamples(first: 100) { id }", LARGE, 1),
        Asked("Function.sampleGroups", "sampleGroups { nodes { purity } }", LARGE, 1),
        Asked(
            "Function.acceptablePredictions",
            "acceptablePredictions(minConfidence: 0) { count }",
            LARGE,
            1,
        ),
        Asked("Function.monitoring", f"monitoring {MONITORED}", LARGE, 1),
        Asked("Function.quizAccuracy", "quizAccuracy { value }", FUNCTIONS),
        Asked("Function.nearDuplicates", "nearDuplicates { nodes { size } }", FUNCTIONS),
        Asked(
            "Function.sampleByExternalId", 'sampleByExternalId(externalId: "1") { id }', FUNCTIONS
        ),
        Asked("Function.trainingRuns", "trainingRuns { nodes { id } }", FUNCTIONS),
        Asked("Function.model", "model { id }", FUNCTIONS),
        Asked("Function.models", "models(first: 1) { nodes { id } }", FUNCTIONS),
        Asked("Connection.totalCount", "samples(first: 1) { totalCount nodes { id } }", FUNCTIONS),
        Asked("Label.sampleCount", "sampleCount", LABELS, 10),
        Asked("Label.metrics", "metrics { f1 }", LABELS, 10),
        Asked("Label.function", "function { id }", LABELS, 10),
        Asked("Sample.annotation", "annotation { confirmed }", SAMPLE),
        Asked("Sample.function", "function { id }", SAMPLE),
        Asked("Sample.crossValidated", "crossValidated { confidence }", SAMPLE),
        Asked("Sample.nearDuplicates", "nearDuplicates(first: 1) { id }", SAMPLE),
        Asked("Prediction.ranking", "ranking { confidence }", ANSWERED),
        Asked("Prediction.evidence", "evidence(first: 1) { similarity }", ANSWERED),
        Asked("Evidence.sample", "evidence(first: 1) { sample { id } }", ANSWERED),
        Asked("Model.active", "active", MODELS),
        Asked("Model.trainingRun", "trainingRun { id }", MODELS),
        Asked("Model.metrics", "metrics { folds }", MODELS),
        Asked("Model.changedSince", "changedSince(version: 1, first: 1) { nodes { id } }", MODELS),
        Asked("Metrics.threshold", "threshold(maxErrorRate: 0.05) { confidence }", MEASURED),
        Asked("Metrics.nextLabels", "nextLabels { gain labels { id } }", MEASURED),
        Asked("Metrics.mixUps", "mixUps { gainIfMerged }", MEASURED),
        Asked("Metrics.confusionMatrix", "confusionMatrix { counts }", MEASURED),
        Asked("ConfusionMatrix.labels", "confusionMatrix { labels { id } }", MEASURED),
    ]


async def measured(world: World, query: str) -> tuple[float, float]:
    """Return the milliseconds of CPU that one response takes, and the points that it costs."""
    id = id_of(ids.Kind.FUNCTION, world.function)
    left = [
        (await world.client.answer(query, id=id))["extensions"]["cost"]["remaining"]
        for _ in range(3)
    ]
    began, asked = time.process_time(), 0
    while time.process_time() - began < ENOUGH_S:
        await world.client.ask(query, id=id)
        asked += 1
    return 1_000 * (time.process_time() - began) / asked, left[1] - left[2]


async def measure(count: int, word: str) -> None:
    """Print the table."""
    async with opened(count) as world:
        samples = await tables.Sample.filter(function_id=world.function.id).limit(100)
        bases: dict[str, tuple[float, float]] = {}
        print(f"{'field':36}{'CPU ms':>10}{'points':>10}{'ms a point':>12}")
        for asked in pages(world, samples):
            if word not in asked.field:
                continue
            if asked.page not in bases:
                bases[asked.page] = await measured(world, asked.page.replace("%s", ""))
            base_ms, base_points = bases[asked.page]
            ms, points = await measured(world, asked.page.replace("%s", asked.text))
            ms, points = (ms - base_ms) / asked.count, (points - base_points) / asked.count
            print(f"{asked.field:36}{ms:10.3f}{points:10.1f}{ms / points:12.3f}", flush=True)


def main() -> None:
    """Measure and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    print(f"{processor()}, {count} samples; a point is meant to be {MS_A_POINT} ms")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(measure(count, sys.argv[2] if len(sys.argv) > 2 else ""))


if __name__ == "__main__":
    main()
