"""Pictures that wait for the encoder hold no decoded pixels."""

import asyncio
import gc
import threading
from collections.abc import Sequence

import pytest
from PIL import Image

from pigeonhole import invocation
from pigeonhole.encoders import Encoder
from pigeonhole.services import loaded, metrics
from pigeonhole.services.services import Services
from tests import build, make
from tests.conftest import RunJobs
from tests.pigeonhole.running import WITHIN_S

SIDE = 640
COUNT = 12


@pytest.fixture
def kind() -> str:
    """One kind of database is enough: nothing here depends on it."""
    return "embedded"


def large_pictures() -> int:
    """Return the number of decoded pictures in memory, of the size that this test sends."""
    gc.collect()
    return sum(
        issubclass(type(each), Image.Image) and each.size == (SIDE, SIDE)
        for each in gc.get_objects()
    )


def waiting() -> float:
    """Return the number of pictures that wait for the encoder."""
    [family] = metrics.ENCODER_WAITING.collect()
    return family.samples[0].value


async def test_pictures_of_invocations_hold_no_pixels_while_they_wait_for_the_encoder(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await build.function(services)
    await build.add(services, function, *zip(*build.digits(3), strict=True))
    await run_jobs()
    embed, may_go_on = loaded.embed_waiting, threading.Event()

    def wait(encoder: Encoder, pixels: Sequence[loaded.Floats]) -> list[loaded.Floats]:
        assert may_go_on.wait(60)
        return embed(encoder, pixels)

    monkeypatch.setattr(loaded, "embed_waiting", wait)
    await services.encoding.loaded.close()
    services.encoding.loaded._by_spec.clear()  # its queues call the original function
    pictures = [make.picture(seed, side=SIDE) for seed in range(COUNT)]

    invoked = [
        asyncio.create_task(invocation.invoke(services, function.id, data)) for data in pictures
    ]
    async with asyncio.timeout(WITHIN_S):
        while waiting() < COUNT:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    held = large_pictures(), services.decoding.gate.held
    may_go_on.set()
    answered = await asyncio.gather(*invoked)

    assert held == (0, 0)
    assert len(answered) == COUNT
