"""The product as users run it: real processes, started by the command line."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from gql import Client as GqlClient
from gql import gql
from gql.transport.websockets import WebsocketsTransport

from tests.client import Client, Json
from tests.pigeonhole.running import bounded

HELD = re.compile(r"loop_is_held .*\bcpu_ms=([\d.]+)")
START_S = 120
"""Longest time that starting may take on a busy machine."""


@dataclass(frozen=True)
class Product:
    """A running ``pigeonhole up``."""

    url: str
    link: str  # printed at the start; logs a browser in once
    secret: str  # of the admin key
    supervisor: psutil.Process
    client: Client
    output: list[str]  # the lines so far

    def process(self, command: str) -> psutil.Process:
        """Return the child process that runs a command, such as ``work``."""
        for child in self.supervisor.children():
            if command in child.cmdline():
                return child
        raise LookupError(command)

    def held_ms(self, start: int) -> list[float]:
        """Return how long single steps held the server's loop, from the output after ``start``."""
        found = [HELD.search(line) for line in self.output[start:]]
        return [float(held[1]) for held in found if held]

    async def subscribe(self, query: str, **variables: object) -> AsyncIterator[Json]:
        """Yield the answers of a subscription over a real websocket; each wait is bounded."""
        transport = WebsocketsTransport(
            self.url.replace("http", "ws", 1) + "/graphql",
            init_payload={"Authorization": f"Bearer {self.secret}"},
        )
        request = gql(query)
        request.variable_values = variables
        async with GqlClient(transport=transport) as session:
            answers = session.subscribe(request)
            while (answer := await bounded(anext(answers, None))) is not None:
                yield answer


@asynccontextmanager
async def running(
    folder: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Product]:
    """Run ``pigeonhole up`` on a folder; yield once it is ready, and stop it at the end."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PIGEONHOLE_")}
    variables |= {
        "PIGEONHOLE_DATA_DIR": str(folder),
        "PIGEONHOLE_ENCODER": "bundled",
        **(environment or {}),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pigeonhole", "up", "--port", "0",
        env=variables, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output: list[str] = []
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(_read(process, output, url))
    try:
        async with asyncio.timeout(START_S):
            link = await url
        base = link.partition("/login#")[0]
        secret = (folder / "admin.key").read_text().strip()
        async with httpx.AsyncClient(base_url=base, timeout=60) as http:
            yield Product(
                base, link, secret, psutil.Process(process.pid), Client(http, secret), output
            )
    except BaseException:
        print("".join(output))  # noqa: T201 - pytest shows it beside the failure
        raise
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await bounded(process.wait())
        await bounded(reading)


async def _read(
    process: asyncio.subprocess.Process, output: list[str], url: asyncio.Future[str]
) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        output.append(line.decode())
        _, ready, rest = line.decode().partition("Pigeonhole is ready: open ")
        if ready and not url.done():
            url.set_result(rest.split()[0])
    if not url.done():
        url.set_exception(RuntimeError("It ended before it was ready."))
