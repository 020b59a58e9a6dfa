"""A real server on a free port of this machine for each test."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from websockets.sync.client import ClientConnection, connect

from server.transport import GraphQLApp, Limits
from tests.pigeonhole.running import WITHIN_S, loopback
from tests.server.transport.schema import World, build, make_context

RESPONSE = "application/graphql-response+json"
Json = Any


class Socket:
    """A websocket that sends and receives JSON."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **message: object) -> None:
        self.connection.send(json.dumps(message))

    def receive(self) -> Json:
        return json.loads(self.connection.recv(timeout=20))

    def begin(self, **payload: object) -> None:
        self.send(type="connection_init", payload=payload)
        assert self.receive() == {"type": "connection_ack"}

    def subscribe(self, id: str, query: str, **payload: object) -> None:
        self.send(type="subscribe", id=id, payload={"query": query, **payload})


@dataclass(frozen=True)
class Server:
    """A running server, and the clients of a test."""

    world: World
    http: httpx.Client
    sockets: Callable[..., Socket]
    url: str

    def post(self, json: object, **headers: str) -> httpx.Response:
        """Send a request as a client of GraphQL over HTTP does."""
        return self.http.post("/", json=json, headers={"Accept": RESPONSE, **headers})

    def ask(self, query: str, variables: Json = None, **headers: str) -> Json:
        """Send a query; return the decoded response."""
        return self.post({"query": query, "variables": variables}, **headers).json()


Serve = Callable[..., Server]


@contextmanager
def running(limits: Limits, **options: Any) -> Iterator[Server]:
    """Run a server in a thread of this process until the block ends."""
    world = World()
    graphql = GraphQLApp(
        build(), make_context=partial(make_context, world), limits=limits, **options
    )
    app = Starlette(routes=[Route("/", graphql), WebSocketRoute("/", graphql)])
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with loopback() as listening, ExitStack() as clients:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            http = clients.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
            )

            def open_socket(**how: Any) -> Socket:
                how = {
                    "subprotocols": ["graphql-transport-ws"],
                    "max_size": None,
                    "close_timeout": 1,
                    **how,
                }
                return Socket(clients.enter_context(connect(f"ws://127.0.0.1:{port}", **how)))

            yield Server(world, http, open_socket, f"127.0.0.1:{port}")
        finally:
            clients.close()
            server.should_exit = True
            thread.join(WITHIN_S)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers with the limits that a test gives, and defaults for the others."""
    with ExitStack() as stack:

        def start(options: dict[str, Any] | None = None, **limits: Any) -> Server:
            return stack.enter_context(running(Limits(**limits), **(options or {})))

        yield start


@pytest.fixture
def server(serve: Serve) -> Server:
    """A server with the default limits."""
    return serve()
