"""A server whose event loop notes the processor time of its longest turn.

In a turn, a loop runs all callbacks that are ready, one after the other, and nothing else. The
processor time of its thread says how long it was held, on a busy machine too.
"""

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn

from pigeonhole import functions
from pigeonhole.deployment.listening import config_of
from pigeonhole.kinds import FunctionVisibility
from pigeonhole.services.services import open_services
from pigeonhole.settings import Settings
from pigeonhole.training.train import train_function
from server import ids
from server.app import COLLECT_AFTER, create_app, spare_the_collector
from tests.pigeonhole.running import WITHIN_S
from tests.worst_requests import UPGRADE

READY_S = 60.0
ENDS = (b'"type":"error"', b'"type":"complete"')


def yardstick_ms() -> float:
    """Return the processor time of some fixed work, about 5 ms, by which to judge other work's."""
    began = time.thread_time()
    total = 0
    for number in range(100_000):
        total += number * number % 7
    return 1_000 * (time.thread_time() - began)


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that notes its longest turn."""

    longest_s = 0.0

    def _run_once(self) -> None:
        began = time.thread_time()
        super()._run_once()  # type: ignore[misc]
        self.longest_s = max(self.longest_s, time.thread_time() - began)


@dataclass
class Held:
    """A server in a thread of this process, with a public function of many labels."""

    port: int
    function: str
    loop: CountingLoop

    def longest_ms(self, send: bytes) -> tuple[float, bytes]:
        """Send bytes in one connection, read until it closes or idles; the longest turn."""
        self.loop.longest_s = 0.0
        heard = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            is_socket = send.startswith(UPGRADE)
            if is_socket:  # frames must not come before the answer to it
                client.sendall(UPGRADE)
                while not heard.endswith(b"\r\n\r\n"):
                    heard += client.recv(1)
                send = send.removeprefix(UPGRADE)
            sender = threading.Thread(target=_send, args=(client, send))
            sender.start()
            try:
                while more := client.recv(1 << 16):
                    heard += more
                    if is_socket and any(end in more for end in ENDS):
                        break
            except ConnectionError:
                pass
            sender.join(WITHIN_S)
        return 1_000 * self.loop.longest_s, heard


def _send(client: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # it was refused meanwhile
        client.sendall(data)


@contextmanager
def held(settings: Settings) -> Iterator[Held]:
    """Run the application in a thread until the block ends."""
    found: list[Held] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with open_services(settings) as services:
            app = create_app(settings, services)
            server = uvicorn.Server(config_of(app))
            with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
                port = listening.getsockname()[1]
                serving = asyncio.create_task(server.serve(sockets=[listening]))
                function = await functions.create(
                    services,
                    name="Public",
                    visibility=FunctionVisibility.PUBLIC,
                    labels=[f"label {number}" for number in range(functions.MAX_LABELS)],
                )
                await train_function(services, function.id)  # on the labels' names
                loop = asyncio.get_running_loop()
                assert isinstance(loop, CountingLoop)
                found.append(Held(port, ids.of_row(function), loop))
                ready.set()
                await asyncio.to_thread(done.wait)
                server.should_exit = True
                await serving

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=CountingLoop) as runner:
                runner.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    collect_after = gc.get_threshold()
    try:
        ready.wait(READY_S)
        spare_the_collector()  # as a process that is only a server does
        gc.set_threshold(*COLLECT_AFTER)  # tests have others
        yield found[0]
    finally:
        done.set()
        thread.join(WITHIN_S)
        gc.unfreeze()
        gc.set_threshold(*collect_after)
