"""Clients that disconnect during a mutation: it is completed, and the server goes on."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest
from starlette.types import ASGIApp, Message

import server.app
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import database
from pigeonhole.services.services import Services
from pigeonhole.tables import AuditEntry
from server.api.schema import schema
from server.app import create_app
from server.transport.shielded import Shielded
from tests.conftest import RunJobs
from tests.cuts import Steps, stepwise
from tests.pigeonhole.running import bounded
from tests.server.api.every_mutation import INPUTS, UNAUDITED, document, rows
from tests.server.api.ground import Ground, prepare

T = TypeVar("T")

MOST_STEPS = 300


class Stepping(Shielded):
    """Runs mutations as the server does, and calls ``at_step`` before each wait."""

    at_step: Callable[[int], None]

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        steps = Steps()

        async def step() -> T:
            return await stepwise(work(), steps, self.at_step)

        return await super().run(step)


class Caller:
    """A websocket without a network."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Message] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "scheme": "ws",
            "http_version": "1.1",
            "subprotocols": ["graphql-transport-ws"],
            "headers": [(b"host", b"test"), (b"authorization", f"Bearer {secret}".encode())],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
            "app": app,
        }
        held: Coroutine[Any, Any, None] = app(  # type: ignore[assignment]
            scope, self._incoming.get, self._outgoing.put
        )
        self.task = asyncio.create_task(held)
        self._incoming.put_nowait({"type": "websocket.connect"})

    def say(self, **message: Any) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    def hang_up(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def hear(self, type: str) -> Any:
        """Return the next message of a type."""
        async with asyncio.timeout(30):
            while True:
                message = await self._outgoing.get()
                said = json.loads(message.get("text") or "{}")
                if said.get("type") == type:
                    return said

    async def begin(self) -> None:
        self.say(type="connection_init")
        await self.hear("connection_ack")


async def still_answers(caller: Caller) -> None:
    caller.say(type="subscribe", id="query", payload={"query": "{ viewer { apiKey { id } } }"})
    assert "errors" not in (await caller.hear("next"))["payload"]
    async with asyncio.timeout(10):
        await asyncio.gather(*(database.check() for _ in range(10)))


@pytest.fixture
def stepping(monkeypatch: pytest.MonkeyPatch) -> Stepping:
    made = Stepping(1_000)
    monkeypatch.setattr(server.app, "Shielded", lambda most: made)
    return made


@pytest.fixture
async def ground(services: Services, run_jobs: RunJobs) -> Ground:
    return await prepare(services, run_jobs)


def test_every_mutation_of_the_schema_has_an_input_in_these_tests() -> None:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    assert set(mutations.fields) == set(INPUTS)


@pytest.mark.parametrize("name", INPUTS)
async def test_a_mutation_is_completed_whenever_its_client_disconnects(
    name: str, ground: Ground, stepping: Stepping
) -> None:
    app = create_app(ground.services.settings, ground.services)
    _, secret = await keys.create(name="leaves", scopes={ApiKeyScope.ADMIN})
    ways: tuple[Callable[[Caller], None], ...] = (
        lambda caller: caller.say(type="complete", id="1"),
        Caller.hang_up,
    )
    async with app.router.lifespan_context(app):
        caller = Caller(app, secret)
        await caller.begin()
        for step in range(1, MOST_STEPS):
            given = await INPUTS[name](ground)
            before, entries = await rows(), await AuditEntry.all().count()
            gone = asyncio.Event()

            def leave(number: int, step: int = step, gone: asyncio.Event = gone) -> None:
                if number == step:
                    gone.set()
                    ways[step % len(ways)](caller)  # noqa: B023 - the caller of this step

            stepping.at_step = leave
            query = {"query": document(name), "variables": {"input": given}}
            caller.say(type="subscribe", id="1", payload=query)
            told = asyncio.create_task(caller.hear("complete"))
            left = asyncio.create_task(bounded(gone.wait()))
            await asyncio.wait({told, left}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
            await stepping.drain(30)
            if not gone.is_set():
                break
            told.cancel()
            if ways[step % len(ways)] is Caller.hang_up:
                await caller.task
                caller = Caller(app, secret)
                await caller.begin()

            await still_answers(caller)
            if name not in UNAUDITED:
                assert await rows() != before, step
                assert await AuditEntry.all().count() == entries + 1, step
        else:
            raise AssertionError("The mutation has no end.")
        left.cancel()
        caller.hang_up()
        await caller.task
    assert step > 1
