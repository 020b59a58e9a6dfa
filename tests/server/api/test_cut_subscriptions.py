"""A subscription that is cancelled at any wait leaves nothing behind."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any, cast

import pytest

from pigeonhole.access import keys
from pigeonhole.access.rates import Rates
from pigeonhole.access.viewers import Viewers
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import database, events
from pigeonhole.services.redis import client
from pigeonhole.services.services import Services
from server import ids
from server.api.context import Context
from server.api.metering import Meter
from server.api.schema import schema
from server.auth.picture_urls import PictureUrls
from server.transport.limits import Limits
from server.transport.persisted import PersistedDocuments
from server.transport.schema import ServedSchema
from server.transport.shielded import Shielded
from tests import build
from tests.cuts import cut
from tests.pigeonhole.running import bounded

DOCUMENTS = {
    "functionChanged": """subscription ($id: ID!) { functionChanged(id: $id) {
      name state sampleCounts { total } labels(first: 10) { nodes { name sampleCount } } } }""",
    "trainingProgress": """subscription ($id: ID!) { trainingProgress(functionId: $id) {
      id state function { name } } }""",
}
EVENTS = {"functionChanged": 3, "trainingProgress": 1}
MOST_STEPS = 400


@pytest.fixture
def collected_at_the_end() -> Iterator[None]:
    """Collect no garbage while a test runs, and all of it afterwards.

    Python warns of a coroutine that never started with the built-ins of whatever code runs when it
    is collected. A named tuple is made by code without any, where the warning becomes an error.
    """
    gc.disable()
    yield
    gc.enable()
    gc.collect()


# When cancelled, graphql-core has created coroutines of some fields that it then never starts.
@pytest.mark.usefixtures("collected_at_the_end")
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_cancelled_subscription_leaves_no_task_listener_or_connection(
    services: Services, name: str
) -> None:
    function = await build.function(services, auto_train=False)
    _, secret = await keys.create(name="leaves", scopes={ApiKeyScope.ADMIN})
    served = ServedSchema(
        schema, Limits(), PersistedDocuments(Limits(), None), Shielded(Limits().mutations)
    )
    rates = Rates(services.redis, services.settings)
    viewer = await Viewers().of_secret(secret)

    async def follow() -> None:
        context = Context(services, PictureUrls("", "x"), viewer, Meter(rates, "key:leaves", True))
        variables = {"id": ids.encode(ids.Kind.FUNCTION, function.id)}
        stream: Any = await served.subscribe(DOCUMENTS[name], variables, context)
        heard = 0
        async with aclosing(stream):
            async for result in stream:
                assert result.errors is None, result.errors
                heard += 1
                if heard == EVENTS[name]:
                    return
                await events.publish(services.broadcast, function.id)

    backend = cast("events.Backend", services.broadcast._backend)
    await bounded(follow())  # opens what all subscriptions share
    there = asyncio.all_tasks()
    channels = await listeners(services)
    for step in range(1, MOST_STEPS):
        was_cut = await bounded(cut(follow(), step))

        await rates.settle()
        more = asyncio.all_tasks() - there
        if more:  # tasks that release something end by themselves
            _, pending = await asyncio.wait(more, timeout=10)
            assert pending == set(), step
        assert await listeners(services) == channels, step
        assert backend._listened == set(), step
        assert services.broadcast._subscribers == {}, step
        async with asyncio.timeout(10):
            await asyncio.gather(*(database.check() for _ in range(10)))
        if not was_cut:
            break
    else:
        raise AssertionError("The subscription has no end.")
    assert step > 2


async def listeners(services: Services) -> int:
    """Return how many connections listen to ticks."""
    settings = services.settings
    async with client(
        settings.redis_url
    ) as plain:  # clients with a prefix have no operator's commands
        channels = await plain.pubsub_numsub(settings.redis_prefix + events.CHANNEL)
        return sum(dict(channels).values())
