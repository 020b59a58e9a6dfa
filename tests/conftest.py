"""Fixtures: a database and a queue for each test, and a worker to run dry."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import redis
from arq import Worker

from pigeonhole import database, encoders, jobs, keys
from pigeonhole.models import ApiKeyScope
from pigeonhole.services import Services, open_services
from pigeonhole.settings import Settings
from server.app import create_app
from tests import backends, encoder
from tests.client import Client
from worker.tasks import FUNCTIONS

RunJobs = Callable[[], Awaitable[int]]

cached_load = functools.cache(encoders.load)


@pytest.fixture(autouse=True)
def one_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load each encoder once for all tests of a process: that takes seconds."""
    monkeypatch.setattr(encoders, "load", cached_load)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with backends.embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    await database.migrate(f"sqlite://{path}")
    return path


@pytest.fixture(scope="session")
async def postgres_template() -> AsyncIterator[str]:
    url = await backends.postgres_database()
    await database.migrate(url)
    yield url
    await backends.drop_postgres_database(url)


@pytest.fixture(params=["embedded", "services"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every test that touches rows runs against SQLite and Valkey, and PostgreSQL and Redis."""
    kind: str = request.param
    return kind


@pytest.fixture
def template(kind: str, request: pytest.FixtureRequest) -> str | Path:
    name = "sqlite_template" if kind == "embedded" else "postgres_template"
    template: str | Path = request.getfixturevalue(name)
    return template


@pytest.fixture
def queue_url(kind: str, request: pytest.FixtureRequest) -> str:
    """An empty Valkey or Redis."""
    url = request.getfixturevalue("valkey_url") if kind == "embedded" else backends.redis_database()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return str(url)


@pytest.fixture
async def database_url(template: str | Path, tmp_path: Path) -> AsyncIterator[str]:
    """An empty SQLite or PostgreSQL database."""
    if isinstance(template, Path):
        yield backends.copy_database(template, tmp_path)
    else:
        url = await backends.postgres_database(template)
        yield url
        await backends.drop_postgres_database(url)


@pytest.fixture(scope="session")
def small_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return encoder.save(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def encoder_spec(small_encoder: str) -> str:
    """A small encoder with random weights; a test that needs a good one names another."""
    return small_encoder


@pytest.fixture
def settings(database_url: str, queue_url: str, encoder_spec: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=queue_url,
        encoder=encoder_spec,
        train_delay_s=0.01,
    )


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
async def run_jobs(services: Services) -> RunJobs:
    """Run the queue dry, deferred jobs too; return how many ran, and raise if any failed."""
    worker = Worker(
        FUNCTIONS,
        redis_pool=services.redis,
        burst=True,
        poll_delay=0.01,
        handle_signals=False,
        ctx={"services": services},
        job_serializer=jobs.serialize,
        job_deserializer=jobs.deserialize,
    )

    async def run() -> int:
        before = worker.jobs_complete
        await worker.run_check()
        return worker.jobs_complete - before

    return run


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
    """The same with an admin key."""
    _, secret = await keys.create(name="tests", scopes={ApiKeyScope.ADMIN})
    return anonymous.by(secret)
