"""The limit on open websockets, as a client sees it."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis
from websockets.exceptions import ConnectionClosed

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import ApiKey
from tests.pigeonhole.running import WITHIN_S
from tests.server.auth.test_revocation import begin, receive, serving

ACKNOWLEDGED = {"type": "connection_ack"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"max_sockets": 2})


async def counted(redis: Redis, key: ApiKey, until: int) -> int:
    """Return how many sockets a key has open, once there are as many as expected."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = int(await redis.zcard(f"pigeonhole:sockets:key:{key.prefix}"))
            if found == until:
                return found


async def test_a_socket_beyond_the_limit_is_closed_with_a_reason_on_every_server(
    services: Services,
) -> None:
    key, secret = await keys.create(name="busy", scopes={ApiKeyScope.READ})
    busy = {"Authorization": f"Bearer {secret}"}
    async with AsyncExitStack() as stack, serving(services) as one, serving(services) as other:
        held = [await begin(address, stack, busy) for address in (one, other)]
        heard = [await receive(ws) for ws in held]
        refused = []
        for address in (one, other):
            with pytest.raises(ConnectionClosed) as caught:
                await receive(await begin(address, stack, busy))
            assert caught.value.rcvd is not None
            refused.append((caught.value.rcvd.code, caught.value.rcvd.reason))
        anonymous = await receive(await begin(one, stack, {}))
        await held[0].close()
        left = await counted(services.redis, key, 1)
        again = await receive(await begin(other, stack, busy))

    assert heard == [ACKNOWLEDGED, ACKNOWLEDGED]
    assert refused == 2 * [(1013, "Limit of 2 open websockets reached. Close one first.")]
    assert anonymous == again == ACKNOWLEDGED
    assert left == 1
    assert await counted(services.redis, key, 0) == 0
