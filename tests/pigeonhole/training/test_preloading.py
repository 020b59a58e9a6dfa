"""Encoders are loaded before an invocation needs them."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from tortoise.exceptions import DBConnectionError

from pigeonhole import encoders
from pigeonhole.kinds import EncoderChangeState
from pigeonhole.services.services import Services
from pigeonhole.tables import EncoderChange, Function
from pigeonhole.training import preloading
from tests import build
from tests.pigeonhole.running import WITHIN_S, bounded

SERVING = """
import sys, time
from pigeonhole import encoders
from pigeonhole.deployment import listening
from pigeonhole.settings import Settings

def load(spec, folder, precision):
    if spec != "coming:file":
        raise ValueError("There is no encoder.")
    print("it loads", flush=True)
    time.sleep(3_600)  # a large encoder

encoders.load = load
settings = Settings.model_validate_json(sys.argv[1])
listening.serve(settings, listening.listen("127.0.0.1", 0))
"""


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The encoders that were loaded, in order; ``near/`` ones are local, ``broken:`` ones fail."""
    loads = []

    def load(spec: str, folder: Path | None, precision: str) -> SimpleNamespace:
        loads.append(spec)
        if spec.startswith("broken:"):
            raise ValueError("These are no weights.")
        return SimpleNamespace(identity=spec, digest=None, batch=1, lanes=1)

    monkeypatch.setattr(encoders, "load", load)
    monkeypatch.setattr(encoders, "is_here", lambda spec: spec.startswith("near/"))
    return loads


@asynccontextmanager
async def preloading_of(services: Services, most: int = 3) -> AsyncIterator[None]:
    task = asyncio.create_task(preloading.preload(services, look_s=0.01, most=most))
    try:
        async with asyncio.timeout(60):
            yield
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until_loaded(services: Services, specs: Iterable[str]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while set(services.encoding.loaded.identities) != set(specs):  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)


async def using(services: Services, spec: str) -> Function:
    function = await build.function(services, name=spec)
    await Function.filter(id=function.id).update(encoder=spec)
    return function


async def changing(function: Function, spec: str, state: EncoderChangeState) -> None:
    await EncoderChange.create(
        function_id=function.id, encoder=spec, encoder_before="used:file", state=state
    )


@pytest.mark.parametrize("kind", ["embedded"])
async def test_encoders_that_functions_use_or_change_to_are_loaded(
    services: Services, loads: list[str]
) -> None:
    function = await using(services, "used:file")
    await using(services, "far/away")  # would have to be downloaded
    await using(services, "broken:file")

    async with preloading_of(services):
        await until_loaded(services, {"used:file"})
        await changing(function, "stopped:file", EncoderChangeState.STOPPED)
        await changing(function, "near/coming", EncoderChangeState.EMBEDDING)
        await until_loaded(services, {"used:file", "near/coming"})

    assert loads == ["broken:file", "used:file", "near/coming"]


@pytest.mark.parametrize("kind", ["embedded"])
async def test_a_limited_number_is_loaded_and_those_of_changes_come_first(
    services: Services, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = asyncio.Semaphore(0)
    wanted = preloading.wanted

    async def counted() -> list[str]:
        looks.release()
        return await wanted()

    monkeypatch.setattr(preloading, "wanted", counted)
    for spec in ("a:file", "b:file", "c:file"):
        function = await using(services, spec)
    await changing(function, "z:file", EncoderChangeState.WAITING)

    async with preloading_of(services, most=2):
        await until_loaded(services, {"z:file", "a:file"})
        while not looks.locked():
            await looks.acquire()
        for _ in range(3):  # from now on; two checks have ended
            await looks.acquire()

    assert loads == ["z:file", "a:file"]
    await services.encoding.load("c:file")  # invocations still load it
    assert loads == ["z:file", "a:file", "c:file"]


@pytest.mark.parametrize("kind", ["embedded"])
async def test_preloading_survives_an_outage_of_the_database(
    services: Services, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await using(services, "used:file")
    looks = 0
    wanted = preloading.wanted

    async def away() -> list[str]:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise DBConnectionError("the connection was refused")
        return await wanted()

    monkeypatch.setattr(preloading, "wanted", away)

    async with preloading_of(services):
        await until_loaded(services, {"used:file"})

    assert loads == ["used:file"]


@pytest.mark.parametrize("kind", ["embedded"])
async def test_using_a_loaded_encoder_does_not_wait_for_one_that_is_being_loaded(
    services: Services, loads: list[str]
) -> None:
    await services.encoding.load("used:file")

    async with services.encoding.loaded._loading, asyncio.timeout(60):
        assert (await services.encoding.load("used:file")).identity == "used:file"

    assert loads == ["used:file"]


@pytest.mark.parametrize("kind", ["embedded"])
async def test_a_server_that_stops_does_not_wait_for_an_encoder_to_load(services: Services) -> None:
    await using(services, "coming:file")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVING, services.settings.model_dump_json()),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        while line := await bounded(process.stdout.readline()):
            if line == b"it loads\n":
                break
        assert line

        process.send_signal(signal.SIGTERM)

        assert await bounded(process.wait()) in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await bounded(process.wait())
