"""Images of a bucket become samples with vectors, by Ray Data on a cluster.

Three pools of actors work at once: images are read and decoded, embedded, and inserted. A batch
whose node dies is done again by another, from the key on; each step may run twice.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pyarrow
import ray
import ray.data
from ray.data import ActorPoolStrategy

from pigeonhole import encoders
from pigeonhole.cluster import bucket
from pigeonhole.cluster.bucket import Counts, Row
from pigeonhole.encoders import Precision
from pigeonhole.encoders.wire import Description, described
from pigeonhole.services.services import Services, open_services
from pigeonhole.services.storage import open_source
from pigeonhole.settings import Settings

READ_AT_ONCE, EMBEDDED_AT_ONCE, INSERTED_AT_ONCE = 16, 64, 128
"""Images of a batch of each pool."""
BLOCK = 128
"""Images that are planned as one task, and done again together if a node dies."""
ROUND = 1_000_000
"""Images of one plan: their keys are kept in memory."""
SHARE = 0.25
"""Processor cores reserved for each actor that reads or inserts: it mostly waits."""

SCHEMA = pyarrow.schema(
    [
        ("key", pyarrow.string()),
        ("refused", pyarrow.string()),
        ("about", pyarrow.string()),
        ("squares", pyarrow.large_binary()),
        ("vector", pyarrow.binary()),
    ]
)

T = TypeVar("T")


@dataclass(frozen=True)
class Scale:
    """How many actors there are at most, and what each that embeds takes of its node."""

    readers: int
    encoders: int
    cpus: float = 1
    gpus: float = 0


class Opened:
    """The services of an actor, with an event loop to use them."""

    def __init__(self, settings: Settings) -> None:
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        self.services: Services = self.run(self._stack.enter_async_context(open_services(settings)))

    def run(self, work: Any) -> Any:
        """Run a coroutine to its end, and return its result."""
        return self._runner.run(work)

    def close(self) -> None:
        """Close the services; otherwise the process would never end by itself."""
        self.run(self._stack.aclose())
        self._runner.close()


class Reader:
    """An actor that reads, decodes and stores images."""

    def __init__(self, settings: Settings, url: str, about: Description) -> None:
        self._opened, self._source, self._about = Opened(settings), open_source(url), about

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        """Return prepared images of keys."""
        keys = batch["key"].to_pylist()
        services = self._opened.services
        return _table(self._opened.run(bucket.read(services, self._source, self._about, keys)))


class Embedder:
    """An actor that embeds prepared images."""

    def __init__(self, settings: Settings, about: Description) -> None:
        self._encoder = encoders.load(about.spec, precision=settings.encoder_precision)
        if self._encoder.identity != about.identity:
            raise ValueError(
                f"This node computes {self._encoder.identity}, another {about.identity}: their "
                "vectors cannot be compared. Use nodes of one kind."
            )

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        """Return the images with their vectors."""
        return _table(bucket.embed(self._encoder, _rows(batch)))


class Inserter:
    """An actor that inserts embedded images as samples."""

    def __init__(self, settings: Settings, function_id: UUID, identity: str) -> None:
        self._opened, self._function_id, self._identity = Opened(settings), function_id, identity

    def __call__(self, batch: pyarrow.Table) -> dict[str, list[Any]]:
        """Return what became of the images, in one row."""
        services = self._opened.services
        found: Counts = self._opened.run(
            bucket.insert(services, self._function_id, self._identity, _rows(batch))
        )
        keys, reasons = list(found.refused), list(found.refused.values())
        return {
            "added": [found.added],
            "known": [found.known],
            "full": [found.full],
            "keys": [keys],
            "reasons": [reasons],
        }


def check_room(scale: Scale) -> None:
    """Check that the cluster has room for an actor of each kind.

    Raises:
        ValueError: It has not; Ray would wait for more nodes.
    """
    there = ray.cluster_resources()
    cpus, gpus = there.get("CPU", 0), there.get("GPU", 0)
    if cpus < scale.cpus + 2 * SHARE or gpus < scale.gpus:
        raise ValueError(
            f"The cluster has {cpus:g} CPU cores and {gpus:g} GPUs; at least "
            f"{scale.cpus + 2 * SHARE:g} and {scale.gpus:g} are needed."
        )


def description(spec: str, precision: Precision, scale: Scale) -> Description:
    """Return what an encoder is on the nodes that embed.

    Raises:
        ValueError: There is no such encoder, or it cannot be computed in this precision there.
        OSError: Its weights cannot be read or downloaded there.
    """
    task = ray.remote(num_cpus=scale.cpus, num_gpus=scale.gpus, max_retries=3)(_described)
    try:
        found: Description = ray.get(task.remote(spec, precision))
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    return found


def _described(spec: str, precision: Precision) -> Description:
    return described(spec, encoders.load(spec, precision=precision))


def embed(
    settings: Settings,
    function_id: UUID,
    url: str,
    about: Description,
    scale: Scale,
    *,
    report: Callable[[Counts, float], None],
) -> Counts:
    """Make samples of all images of a bucket that the function does not have.

    The process must be connected to a cluster.

    Args:
        settings: Of the deployment; nodes reach its database, Redis and storage by them.
        function_id: The function.
        url: The bucket or folder, with an optional prefix.
        about: The encoder.
        scale: How many actors there are.
        report: Is told of the counts, and the seconds since the start, after each batch.
    """
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    counts, began = Counts(), time.monotonic()
    with closing(Opened(settings)) as opened:
        for keys in _rounds(opened, open_source(url), function_id, counts):
            for done in _plan(settings, function_id, url, about, scale, keys).iter_rows():
                counts.added += done["added"]
                counts.known += done["known"]
                counts.refused |= dict(zip(done["keys"], done["reasons"], strict=True))
                counts.full |= done["full"]
                report(counts, time.monotonic() - began)
                if counts.full:
                    return counts
    return counts


def _rounds(opened: Opened, source: Any, function_id: UUID, counts: Counts) -> Iterator[list[str]]:
    """Yield the keys to be done, as many as one plan takes."""
    found, waiting = bucket.missing(source, function_id, counts), list[str]()
    while (some := opened.run(anext(found, None))) is not None:
        waiting += some
        if len(waiting) >= ROUND:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _plan(
    settings: Settings,
    function_id: UUID,
    url: str,
    about: Description,
    scale: Scale,
    keys: list[str],
) -> ray.data.Dataset:
    def pool(most: int) -> ActorPoolStrategy:
        return ActorPoolStrategy(min_size=1, max_size=most)

    blocks = -(-len(keys) // BLOCK)
    wanted = ray.data.from_items([{"key": key} for key in keys], override_num_blocks=blocks)
    read = wanted.map_batches(
        Reader,
        fn_constructor_args=(settings, url, about),
        batch_size=READ_AT_ONCE,
        compute=pool(scale.readers),
        num_cpus=SHARE,
        batch_format="pyarrow",
    )
    embedded = read.map_batches(
        Embedder,
        fn_constructor_args=(settings, about),
        batch_size=EMBEDDED_AT_ONCE,
        compute=pool(scale.encoders),
        num_cpus=scale.cpus,
        num_gpus=scale.gpus,
        batch_format="pyarrow",
    )
    return embedded.map_batches(
        Inserter,
        fn_constructor_args=(settings, function_id, about.identity),
        batch_size=INSERTED_AT_ONCE,
        compute=pool(2),
        num_cpus=SHARE,
        batch_format="pyarrow",
    )


def _table(rows: list[Row]) -> pyarrow.Table:
    return pyarrow.table(bucket.columns(rows), schema=SCHEMA)


def _rows(batch: pyarrow.Table) -> list[Row]:
    return [Row(**each) for each in batch.to_pylist()]
