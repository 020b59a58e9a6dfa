"""What a process holds open."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from arq.connections import ArqRedis
from broadcaster import Broadcast

from pigeonhole import database, events, jobs
from pigeonhole.encoding import Encoding
from pigeonhole.fetching import Fetching
from pigeonhole.predictions import Predictors
from pigeonhole.settings import Settings
from pigeonhole.storage import Storage, open_storage


@dataclass(frozen=True)
class Services:
    """Everything that the verbs of the domain touch; the database is reached by its rows."""

    settings: Settings
    redis: ArqRedis
    broadcast: Broadcast
    storage: Storage
    encoding: Encoding
    predictors: Predictors
    fetching: Fetching


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open everything in order; close it in reverse, also when opening fails halfway."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(database.connected(settings.resolved_database_url))
        redis = await jobs.connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        broadcast = await stack.enter_async_context(
            Broadcast(backend=events.Backend(settings.redis_url))
        )
        storage = open_storage(settings.resolved_storage_url)
        encoding = Encoding(storage, settings)
        stack.push_async_callback(encoding.close)
        fetching = Fetching(settings)
        stack.callback(fetching.close)
        yield Services(settings, redis, broadcast, storage, encoding, Predictors(), fetching)
