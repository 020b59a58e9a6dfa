"""Fixtures: a database and a queue for each test, and a way to run all queued jobs."""

import asyncio
import functools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import redis
import structlog

from pigeonhole import encoders
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import database, jobs
from pigeonhole.services.services import Services, open_services
from pigeonhole.settings import Settings
from server.app import create_app
from tests import backends, encoder
from tests.client import Client
from tests.postgres_databases import PostgresDatabases
from worker.queues import QueueWorker
from worker.tasks import BULK, DELIVERIES, TRAININGS
from worker.waits import Waits

# Tracebacks as the product logs them; structlog's default, with all local variables, takes seconds.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

RunJobs = Callable[[], Awaitable[int]]

load_once = functools.cache(encoders.load)


@pytest.fixture(autouse=True)
def one_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load each encoder once per process, since loading takes seconds."""
    monkeypatch.setattr(
        encoders, "load", lambda spec, folder=None, precision="auto": load_once(spec)
    )


@pytest.fixture(autouse=True)
def rare_collections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server in this process collect garbage seldom, since pytest runs in it too.

    A collection while pytest parses a test's source to show a failure can end the whole run:
    https://github.com/python/cpython/issues/106905
    """
    monkeypatch.setattr("server.app.COLLECT_AFTER", (20_000, 20, 20))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with backends.embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a SQLite database with empty tables."""
    path = str(tmp_path_factory.mktemp("sqlite") / "template.db")
    asyncio.run(database.migrate(f"sqlite://{path}"))  # also for tests that are not coroutines
    return path


@pytest.fixture(scope="session")
async def postgres_databases() -> AsyncIterator[PostgresDatabases]:
    template = await backends.postgres_database()
    await database.migrate(template)
    databases = PostgresDatabases(template)
    yield databases
    await databases.drop()
    await backends.drop_postgres_database(template)


@pytest.fixture(params=["embedded", "services"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every test that touches rows runs against SQLite and Valkey, and PostgreSQL and Redis."""
    kind: str = request.param
    return kind


@pytest.fixture
def template(kind: str, request: pytest.FixtureRequest) -> str | PostgresDatabases:
    """The template of the databases of tests."""
    name = "sqlite_template" if kind == "embedded" else "postgres_databases"
    template: str | PostgresDatabases = request.getfixturevalue(name)
    return template


@pytest.fixture
def queue_url(kind: str, request: pytest.FixtureRequest) -> str:
    """An empty Valkey or Redis."""
    url = request.getfixturevalue("valkey_url") if kind == "embedded" else backends.redis_database()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return str(url)


@pytest.fixture
async def database_url(template: str | PostgresDatabases, tmp_path: Path) -> AsyncIterator[str]:
    """A SQLite or PostgreSQL database with empty tables."""
    if isinstance(template, PostgresDatabases):
        async with template.lent() as url:
            yield url
    else:
        yield backends.copy_database(template, tmp_path)


@pytest.fixture(scope="session")
def small_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return encoder.save(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def encoder_spec(small_encoder: str) -> str:
    """A small encoder with random weights; tests that need a good one override this."""
    return small_encoder


@pytest.fixture
async def empty_url(kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database without tables."""
    if kind == "embedded":
        yield f"sqlite://{tmp_path / 'empty.db'}"
    else:
        url = await backends.postgres_database()
        yield url
        await backends.drop_postgres_database(url)


@pytest.fixture
def settings(
    kind: str, database_url: str, queue_url: str, encoder_spec: str, tmp_path: Path
) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=queue_url,
        # Shows code that forgets it; and one per test, since databases share channels.
        redis_prefix="" if kind == "embedded" else f"tests:{uuid.uuid4().hex[:8]}:",
        encoder=encoder_spec,
        train_delay_s=0.01,
    )


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
async def run_jobs(services: Services) -> RunJobs:
    """Run all queued jobs until none is left; return how many ran, and raise if any failed."""
    return functools.partial(run_dry, services)


async def run_dry(services: Services) -> int:
    """Run all queued jobs until none is left, as a worker that is not listed."""
    ran = 0
    while True:
        queues = [
            QueueWorker(
                functions,
                queue_name=name,
                redis_pool=services.redis,
                burst=True,
                poll_delay=0.01,
                handle_signals=False,
                ctx={"services": services, "waits": Waits()},
            )
            for name, functions in (
                (jobs.TRAINING, TRAININGS),
                (jobs.BULK, BULK),
                (jobs.DELIVERIES, DELIVERIES),
            )
        ]
        await asyncio.gather(*(queue.run_check() for queue in queues))
        if not any(queue.jobs_complete for queue in queues):
            return ran
        ran += sum(queue.jobs_complete for queue in queues)


@pytest.fixture
async def anonymous(services: Services) -> AsyncIterator[Client]:
    """The API in this process, over HTTP without a network, for a caller without a key."""
    app = create_app(services.settings, services)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Client(http)


@pytest.fixture
async def client(anonymous: Client) -> Client:
    """The same client with an admin key."""
    _, secret = await keys.create(name="tests", scopes={ApiKeyScope.ADMIN})
    return anonymous.by(secret)
