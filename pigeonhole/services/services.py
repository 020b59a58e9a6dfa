"""The services that a process holds open."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from arq.connections import ArqRedis
from broadcaster import Broadcast

from pigeonhole.services import choices, database, events, jobs
from pigeonhole.services.decoding import Decoding
from pigeonhole.services.fetching import Fetching
from pigeonhole.services.galleries import Galleries
from pigeonhole.services.loaded import LoadedEncoders
from pigeonhole.services.planes import Planes
from pigeonhole.services.predictors import Predictors
from pigeonhole.services.races import Races
from pigeonhole.services.reserve import Reserve
from pigeonhole.services.sample_groups import SampleGroups
from pigeonhole.services.storage import Storage, open_storage
from pigeonhole.services.vectors import Encoding
from pigeonhole.services.workers import Presence
from pigeonhole.settings import Settings


@dataclass(frozen=True)
class Services:
    """Everything that functions of the domain use; the database is used through its rows."""

    settings: Settings
    redis: ArqRedis
    broadcast: Broadcast
    storage: Storage
    decoding: Decoding
    encoding: Encoding
    predictors: Predictors
    galleries: Galleries
    sample_groups: SampleGroups
    fetching: Fetching
    reserve: Reserve
    presence: Presence = field(default_factory=Presence)
    races: Races = field(default_factory=Races)
    planes: Planes = field(default_factory=Planes)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open all services in order and close them in reverse, also if opening one fails."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            database.connected(settings.resolved_database_url, slow_query_s=settings.slow_query_s)
        )
        redis = await jobs.connect(settings.redis_url, settings.redis_prefix)
        stack.push_async_callback(redis.aclose)
        broadcast = await stack.enter_async_context(
            Broadcast(backend=events.Backend(settings.redis_url, settings.redis_prefix))
        )
        reserve = Reserve(settings.resolved_data_dir)
        storage = open_storage(settings.resolved_storage_url)
        if settings.storage_url == "":
            storage = replace(storage, reserve=reserve)
        decoding = Decoding(settings)
        stack.callback(decoding.close)
        service = stack.enter_context(choices.encoder_service(settings))
        loaded = LoadedEncoders(settings.encoders_dir, settings.encoder_precision, service)
        stack.push_async_callback(loaded.close)
        encoding = Encoding(storage, decoding, loaded)
        galleries = Galleries(encoding)
        stack.callback(galleries.close)
        fetching = Fetching(settings)
        stack.callback(fetching.close)
        predictors = Predictors()
        yield Services(
            settings,
            redis,
            broadcast,
            storage,
            decoding,
            encoding,
            predictors,
            galleries,
            SampleGroups(encoding, predictors),
            fetching,
            reserve,
        )
