"""An encoder service without Ray: its answers, over HTTP, in a thread of this process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pigeonhole.cluster.answering import Answering, Floats, Squares
from pigeonhole.encoders import Encoder
from pigeonhole.encoders.remote import Service
from pigeonhole.encoders.wire import route
from tests.pigeonhole.running import WITHIN_S, eventually, loopback

SECRET = "only-for-tests"


@dataclass
class EncoderService:
    """A service with one encoder, its failures, and the requests that it received."""

    spec: str
    encoder: Encoder
    url: str = ""
    statuses: list[int] = field(default_factory=list)  # of the next responses, in place of answers
    asked: list[str] = field(default_factory=list)  # method and path

    async def answer(self, request: Request) -> Response:
        """Answer as the replicas of the real service do, unless there is a failure."""
        self.asked.append(f"{request.method} {request.url.path}")
        if self.statuses:
            return PlainTextResponse("A replica has died.", self.statuses.pop(0))
        if not request.url.path.startswith(route(self.spec)):
            return PlainTextResponse("Path not found.", 404)
        answering = Answering(self.spec, self.encoder, secret=SECRET, embed=self._embed)
        return await answering.answer(request)

    async def _embed(self, squares: Squares) -> Floats:
        return await asyncio.to_thread(self.encoder.embed, self.encoder.normalise(squares))

    @contextmanager
    def client(self, *, secret: str = SECRET, timeout_s: float = WITHIN_S) -> Iterator[Service]:
        """Return a client of it."""
        service = Service(self.url, secret, timeout_s=timeout_s)
        try:
            yield service
        finally:
            service.close()

    @contextmanager
    def running(self) -> Iterator["EncoderService"]:
        """Serve on a free port, or on that of the last time."""
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])
        config = uvicorn.Config(app, log_config=None, lifespan="off", loop="asyncio")
        server = uvicorn.Server(config)
        with loopback(port) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            try:
                eventually(lambda: server.started)
                yield self
            finally:
                server.should_exit = True
                thread.join(WITHIN_S)
