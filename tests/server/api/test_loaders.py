"""Values that several fields of one operation load together."""

import asyncio

import pytest

from pigeonhole.services.services import Services
from server.api.loaders import Loaders
from tests import build


async def test_a_cancelled_field_does_not_cancel_the_load_of_the_others(services: Services) -> None:
    function = await build.function(services)
    loaders = Loaders(services)
    first = asyncio.ensure_future(loaders.functions.load(function.id))
    second = asyncio.ensure_future(loaders.functions.load(function.id))
    await asyncio.sleep(0)

    first.cancel()

    found = await second
    assert found is not None
    assert found.id == function.id
    with pytest.raises(asyncio.CancelledError):
        await first
