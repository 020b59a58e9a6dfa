"""How the time of every step grows with the number of samples.

``python -m benchmarks.size N [ANNOTATED [LABELS [DATABASE]]]``, on SQLite and the PostgreSQL of the
tests, or on one of them.
Rows and vectors are made here; server and worker share this process, so that its CPU time, printed
beside the wall time, is all that a step costs apart from PostgreSQL's.
"""

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import structlog

from benchmarks.embedding import processor
from benchmarks.size_rows import Made, make
from pigeonhole import grouping
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope, TrainingState
from pigeonhole.services import database, events
from pigeonhole.services.services import Services, open_services
from pigeonhole.settings import Settings
from pigeonhole.tables import Function, Sample, TrainingRun
from pigeonhole.training import answers, likeness, near_duplicates, train
from server import ids
from server.app import create_app
from tests import backends
from tests.client import Client

CLICKS = 12
ROUNDS = 12  # repetitions of each query
LISTS = """query ($id: ID!, $first: Int, $last: Int, $skip: Int! = 0, $filter: SampleFilter,
  $order: SampleOrder) { function(id: $id) { samples(first: $first, last: $last, skip: $skip,
  filter: $filter, orderBy: $order) { nodes { id predictionVersion mistakeScore
  annotation { label { name } } } } } }"""
COUNT = """query ($id: ID!, $filter: SampleFilter) { function(id: $id) {
  samples(first: 0, filter: $filter) { totalCount } } }"""
COUNTS = """query ($id: ID!) { function(id: $id) { sampleCounts {
  total annotated embedded inReview } labels(first: 100) { nodes { sampleCount } } } }"""
GROUPS = """query ($id: ID!) { function(id: $id) { nearDuplicates(first: 20) {
  totalCount nodes { size samples { id } } } } }"""
QUIZ = """query ($id: ID!) { function(id: $id) { quizSamples(first: 10) { id } } }"""
CELL = """query ($id: ID!, $label: ID!) { function(id: $id) { model { metrics { confusionMatrix {
  samples(annotatedLabelId: $label, predictedLabelId: $label, first: 100) {
  totalCount nodes { id } } } } } } }"""
ANNOTATE = """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
  errors { message } } }"""


def main() -> None:
    """Measure on both databases and print a table for each."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    samples = int(sys.argv[1])
    annotated = int(sys.argv[2]) if len(sys.argv) > 2 else min(1_000, samples // 2)
    labels = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    print(f"{processor()}; {samples:,} samples, {annotated:,} of them annotated, {labels} labels")
    for kind in sys.argv[4:] or ("SQLite", "PostgreSQL"):
        asyncio.run(measure(kind, samples, annotated, labels))


@asynccontextmanager
async def opened(kind: str) -> AsyncIterator[tuple[Services, Client]]:
    """Run the product in this process, on an empty database of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with backends.embedded_valkey(folder) as redis_url:
            if kind == "SQLite":
                url = f"sqlite://{folder / 'pigeonhole.db'}"
            else:
                url = await backends.postgres_database()
            await database.migrate(url)
            settings = Settings(
                data_dir=folder,
                database_url=url,
                redis_url=redis_url,
                encoder="bundled",
                rate_points=10**9,
            )
            try:
                async with open_services(settings) as services:
                    app = create_app(settings, services)
                    async with app.router.lifespan_context(app):
                        _, secret = await keys.create(name="size", scopes={ApiKeyScope.ADMIN})
                        transport = httpx.ASGITransport(app)
                        async with httpx.AsyncClient(
                            transport=transport, base_url="http://size", timeout=600
                        ) as http:
                            yield services, Client(http, secret)
            finally:
                if kind != "SQLite":
                    await backends.drop_postgres_database(url)


async def measure(kind: str, samples: int, annotated: int, labels: int) -> None:
    """Make a function and print how long each step takes on it."""
    async with opened(kind) as (services, client):
        made = await make(services, "Size", samples, annotated, labels)
        if kind != "SQLite":
            await database.connection().execute_script("ANALYZE")
        print(f"\n{kind + ', ms':44}{'p50':>9}{'p95':>9}{'CPU':>9}")
        await duplicates(services, made)
        await clicks(services, client, made)
        await queries(services, client, made)
        memory = psutil.Process().memory_info().rss / 2**20
        print(f"{'memory of this process, MiB':44}{memory:9.0f}")


async def duplicates(services: Services, made: Made) -> None:
    """Find the near-duplicates of all samples at once, and then of new samples one by one."""
    find = partial(near_duplicates.catch_up, services, made.function.id)
    show("near-duplicates of all samples found", [await timed(find)])
    new = []
    for id in made.waiting[:ROUNDS]:
        await Sample.filter(id=id).update(grouped=False)
        await grouping.owe(made.function.id)
        new.append(await timed(find))
    show("near-duplicates of one new sample", new)


async def clicks(services: Services, client: Client, made: Made) -> None:
    """Annotate samples one by one; time the new accuracy, and then the stored predictions."""
    show("first training, of all there is", [await timed(lambda: click(services, made))])
    published, rest = [], []
    for index in range(CLICKS):
        sample = made.waiting.pop()
        await annotate(client, sample, made, index)
        published.append(await timed(lambda: click(services, made)))
        rest.append(await timed(lambda: settle(services, made)))
    show("click, from annotate to accuracy", published)
    show("then all answers stored", rest)


async def annotate(client: Client, sample: Any, made: Made, index: int) -> None:
    """Annotate a sample."""
    label = made.labels[index % len(made.labels)]
    annotation = {
        "sampleId": ids.encode(ids.Kind.SAMPLE, sample),
        "label": {"labelId": ids.encode(ids.Kind.LABEL, label.id)},
    }
    await client.ask(ANNOTATE, input={"annotations": [annotation]})


async def click(services: Services, made: Made) -> None:
    """Train until a subscriber can read the accuracy, without waiting for the work that follows."""
    running = asyncio.create_task(train.train_function(services, made.function.id))
    background.add(running)
    async with events.changes(services.broadcast, made.function.id, poll_s=0.05) as changes:
        async for _ in changes:
            run = await TrainingRun.filter(function_id=made.function.id).order_by("-id").first()
            if run and run.state == TrainingState.SUCCEEDED and await settled(made):
                return


background: set[asyncio.Task[None]] = set()


async def settled(made: Made) -> bool:
    """Return whether the model has learned from the newest annotation."""
    function = await Function.get(id=made.function.id)
    return function.trained_revision == function.revision


async def settle(services: Services, made: Made) -> None:
    """Wait for the work that follows a training run, and store all predictions."""
    await asyncio.gather(*background)
    background.clear()
    await answers.answer_function(services, made.function.id)


async def queries(services: Services, client: Client, made: Made) -> None:
    """Measure the queries of the page's screens."""
    function = ids.encode(ids.Kind.FUNCTION, made.function.id)
    label = ids.encode(ids.Kind.LABEL, made.labels[0].id)
    total = await Sample.filter(function_id=made.function.id).count()

    async def asked(name: str, query: str, **variables: Any) -> None:
        await client.ask(query, id=function, **variables)  # fills the caches
        rounds = [
            await timed(lambda: client.ask(query, id=function, **variables)) for _ in range(ROUNDS)
        ]
        show(name, rounds)

    for field in ("CREATED_AT", "CONFIDENCE", "INFORMATIVENESS", "MISTAKE_SCORE"):
        for direction in ("ASC", "DESC"):
            order = {"field": field, "direction": direction}
            name = f"first 100 by {field.lower()} {direction.lower()}"
            await asked(name, LISTS, first=100, order=order)
    confidence = {"field": "CONFIDENCE", "direction": "ASC"}
    for name, given in (
        ("annotated", {"annotated": True}),
        ("not annotated", {"annotated": False}),
        ("disputed", {"disputed": True}),
        ("not disputed", {"disputed": False}),
        ("one label", {"labelIds": [label]}),
        ("one predicted label", {"predictedLabelIds": [label]}),
        ("confidence below 0.5", {"confidence": {"lt": 0.5}}),
    ):
        await asked(f"first 100, {name}", LISTS, first=100, filter=given, order=confidence)
        await asked(f"count, {name}", COUNT, filter=given)
    await asked("jump to the end by skip", LISTS, first=100, skip=max(0, total - 100))
    await asked("the last 100", LISTS, last=100, order=confidence)
    await asked("counts of the function", COUNTS)
    await asked("near-duplicate groups", GROUPS)
    await asked("quiz", QUIZ)
    await asked("confusion cell", CELL, label=label)
    sample = await Sample.filter(function_id=made.function.id, label_id=None).first()
    assert sample is not None
    known = await services.encoding.known(made.encoder, [sample.sha256])
    vector = known[sample.sha256].astype("float32")
    model_id = (await Function.get(id=made.function.id)).active_model_id
    assert model_id is not None
    asks = [likeness.Asked(made.function.id, model_id, sample.sha256, vector, 5)]
    await likeness.evidence(services, asks)
    show(
        "evidence of an invoke",
        [await timed(lambda: likeness.evidence(services, asks)) for _ in range(ROUNDS)],
    )


async def timed(step: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Return the wall time and the CPU time of a step, in ms."""
    wall, cpu = time.perf_counter(), time.process_time()
    await step()
    return 1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)


def show(name: str, measured: list[tuple[float, float]]) -> None:
    """Print a line of the table."""
    walls, cpus = sorted(wall for wall, _ in measured), [cpu for _, cpu in measured]
    late = walls[min(len(walls) - 1, round(0.95 * (len(walls) - 1)))]
    print(
        f"{name:44}{statistics.median(walls):9.1f}{late:9.1f}{statistics.median(cpus):9.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
