"""The objects that `benchmarks.costs` requests: a hundred of each kind, and one large function."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np

from pigeonhole import functions, tables
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope, Decision, SampleSource
from pigeonhole.services import database
from pigeonhole.services.services import Services, open_services
from pigeonhole.settings import Settings
from pigeonhole.training import train
from server import ids
from server.app import create_app
from tests import backends
from tests.client import Client

HUNDRED = 100
LABELS = tuple(f"label {number}" for number in range(10))
SPREAD = 0.6
"""Noise around the centre of each label, strong enough that some predictions are wrong."""


@dataclass(frozen=True)
class World:
    """A client, and the functions that it can request."""

    client: Client
    services: Services
    function: tables.Function
    small: list[tables.Function]


@asynccontextmanager
async def opened(samples: int) -> AsyncIterator[World]:
    """Run a server in this process on SQLite; its large function has ``samples`` samples."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_url = stack.enter_context(backends.embedded_valkey(folder))
        url = f"sqlite://{folder}/costs.db"
        await database.migrate(url)
        settings = Settings(
            data_dir=folder,
            database_url=url,
            redis_url=redis_url,
            encoder="bundled",
            rate_points=1_000_000_000,
            rate_points_per_s=0.001,
            rate_invokes=0,
        )
        services = await stack.enter_async_context(open_services(settings))
        app = create_app(settings, services)
        await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://costs")
        )
        _, secret = await keys.create(name="costs", scopes={ApiKeyScope.ADMIN})
        function = await _function(services, "Large", samples)
        small = [await _function(services, f"Small {n}", HUNDRED) for n in range(HUNDRED)]
        await train.train_function(services, function.id)
        await function.refresh_from_db()
        await _again(function)
        await _invoked(function, samples)
        await tables.Function.exclude(id=function.id).update(
            active_model_id=function.active_model_id
        )
        yield World(Client(http, secret), services, function, small)


async def _function(services: Services, name: str, samples: int) -> tables.Function:
    """A function whose samples are embedded, every second one annotated."""
    function = await functions.create(services, name=name, labels=LABELS, auto_train=False)
    encoder = await services.encoding.load(function.encoder)
    labels = await tables.Label.filter(function_id=function.id).order_by("id")
    random = np.random.default_rng(len(name))
    centres = random.normal(size=(len(LABELS), encoder.dimension))
    kind = np.arange(samples) % len(LABELS)
    vectors = centres[kind] + SPREAD * random.normal(size=(samples, encoder.dimension)) * 10
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shas = [uuid4().hex * 2 for _ in range(samples)]
    now = function.created_at
    await tables.Embedding.bulk_create(
        [
            tables.Embedding(sha256=sha, encoder=encoder.identity, vector=vector.tobytes())
            for sha, vector in zip(shas, vectors.astype(np.float16), strict=True)
        ],
        batch_size=1_000,
    )
    await tables.Sample.bulk_create(
        [
            tables.Sample(
                function_id=function.id,
                sha256=sha,
                media_type="image/png",
                width=48,
                height=48,
                byte_size=1_000,
                source=SampleSource.UPLOAD,
                embedded=True,
                embedded_for=encoder.identity,
                external_id=str(place),
                **({"label_id": labels[kind[place]].id, "annotated_at": now} if place % 2 else {}),
            )
            for place, sha in enumerate(shas)
        ],
        batch_size=1_000,
    )
    await tables.Function.filter(id=function.id).update(revision=2)
    await _grouped(function, samples)
    return function


async def _grouped(function: tables.Function, samples: int) -> None:
    """Put a tenth of a function's samples into groups of two near-duplicates."""
    rows = await tables.Sample.filter(function_id=function.id).order_by("id").only("id")
    for one, other in zip(rows[: samples // 10 : 2], rows[1 : samples // 10 : 2], strict=True):
        group = await tables.NearDuplicateGroup.create(function_id=function.id, size=2, rank=-2)
        await tables.Sample.filter(id__in=[one.id, other.id]).update(group_id=group.id)


async def _invoked(function: tables.Function, count: int) -> None:
    """Invocations of a function, spread over four weeks."""
    labels = await tables.Label.filter(function_id=function.id).order_by("id")
    now, random = datetime.now(UTC), np.random.default_rng(0)
    decisions = list(Decision)
    await tables.Invocation.bulk_create(
        [
            tables.Invocation(
                function_id=function.id,
                model_id=function.active_model_id,
                sha256=f"{number:064}",
                media_type="image/png",
                width=48,
                height=48,
                byte_size=1_000,
                ranking=[[str(label.id), 0.1] for label in labels],
                label_id=labels[number % len(labels)].id,
                confidence=float(random.random()),
                decision=decisions[number % len(decisions)],
                model_time_ms=10.0,
                created_at=now - timedelta(days=28) * number / count,
            )
            for number in range(count)
        ],
        batch_size=500,
    )


async def _again(function: tables.Function) -> None:
    """A hundred versions of the function's model."""
    model = await tables.Model.get(id=function.active_model_id)
    arrays = await tables.ModelArrays.get(model_id=model.id)
    columns = {
        name: getattr(model, name)
        for name in tables.Model._meta.db_fields
        if name not in ("id", "version")
    }
    for version in range(model.version + 1, model.version + HUNDRED):
        copy = await tables.Model.create(**columns, version=version)
        await tables.ModelArrays.create(
            model_id=copy.id, head=arrays.head, held_out=arrays.held_out
        )


def id_of(kind: ids.Kind, row: tables.Function | tables.Sample | tables.Label) -> str:
    """Return a row's ID as clients send it."""
    return ids.encode(kind, row.id)
