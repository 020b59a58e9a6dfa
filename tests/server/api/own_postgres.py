"""A server in this process, with a PostgreSQL of its own that can be killed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import connect

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import database
from pigeonhole.services.services import Services, open_services
from pigeonhole.settings import Settings
from server.app import create_app
from tests.faults import backing
from tests.faults.processes import Process
from tests.pigeonhole.running import loopback


@dataclass(frozen=True)
class Deployment:
    """A server in this process, with a PostgreSQL of its own."""

    postgres: Process
    services: Services
    port: int
    secret: str

    @property
    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {self.secret}"},
            timeout=30,
        )

    def socket(self) -> connect:
        return connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            additional_headers={"Authorization": f"Bearer {self.secret}"},
        )

    async def come_back(self) -> None:
        """Start PostgreSQL again, and wait until it answers."""
        self.postgres.start()
        async with asyncio.timeout(30):
            while True:
                try:
                    await database.check()
                except Exception:  # noqa: BLE001 - whatever it is, it has not come back yet
                    await asyncio.sleep(0.1)
                else:
                    return


@pytest.fixture
async def deployment(
    tmp_path: Path, valkey_url: str, small_encoder: str
) -> AsyncIterator[Deployment]:
    with backing.postgres(tmp_path) as (process, url):
        async with asyncio.timeout(30):
            while True:
                try:
                    await database.migrate(url)
                except Exception:  # noqa: BLE001 - it starts up
                    await asyncio.sleep(0.1)
                else:
                    break
        settings = Settings(
            data_dir=tmp_path, database_url=url, redis_url=valkey_url, encoder=small_encoder
        )
        async with open_services(settings) as services:
            _, secret = await keys.create(name="outages", scopes={ApiKeyScope.ADMIN})
            app = create_app(settings, services)
            config = uvicorn.Config(
                app, log_config=None, ws="websockets-sansio", timeout_graceful_shutdown=1
            )
            server = uvicorn.Server(config)
            with loopback() as listening:
                serving = asyncio.create_task(server.serve([listening]))
                async with asyncio.timeout(30):
                    while not server.started:  # noqa: ASYNC110 - it tells nobody
                        await asyncio.sleep(0.01)
                yield Deployment(process, services, listening.getsockname()[1], secret)
                server.should_exit = True
                await serving
